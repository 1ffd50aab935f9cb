import type { CallOptions } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** Source: schema EthernetInterface. */
export interface EthernetInterface {
  readonly path: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** In lower case; undefined when the controller does not tell, or tells something else. */
  readonly macAddress: string | undefined;
  readonly speedMbps: number | undefined;
  /** `LinkUp`, `NoLink`, `LinkDown`. */
  readonly linkStatus: string | undefined;
  readonly health: string | undefined;
  readonly state: string | undefined;
  readonly uefiDevicePath: string | undefined;
}

/** The network interfaces of a system or a manager. Early firmware links them in the vendor's part. @throws UNSUPPORTED */
export async function readEthernetInterfaces(client: RedfishClient, owner: Resource, options?: CallOptions): Promise<readonly EthernetInterface[]> {
  return (await readMembers(client, requireLink(owner, 'EthernetInterfaces', 'EthernetNICs'), options)).map(decodeEthernetInterface);
}

const MAC_ADDRESS = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i;

export function decodeEthernetInterface({ body, path }: Resource): EthernetInterface {
  const fields = reader(body, path);
  const status = fields.child('Status');
  // Early Redfish of iLO 4 spells it in two ways.
  const mac = fields.text('PermanentMACAddress') ?? fields.text('MACAddress') ?? fields.text('MacAddress') ?? '';
  return {
    path,
    id: fields.text('Id'),
    name: fields.text('Name'),
    macAddress: MAC_ADDRESS.test(mac) ? mac.toLowerCase().replaceAll('-', ':') : undefined,
    speedMbps: fields.number('SpeedMbps'),
    linkStatus: fields.text('LinkStatus'),
    health: status.text('Health') ?? status.text('HealthRollUp'),
    state: status.text('State'),
    uefiDevicePath: fields.text('UefiDevicePath') ?? fields.text('UEFIDevicePath'),
  };
}
