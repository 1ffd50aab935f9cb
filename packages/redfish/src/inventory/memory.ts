import type { CallOptions } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** A memory module, or the empty place for one. Source: schema Memory; HPE iLO 4 RESTful API, HpMemory. */
export interface MemoryModule {
  readonly path: string;
  readonly id: string | undefined;
  /** 0 of an empty place. */
  readonly capacityMib: number;
  /** `DRAM`, `NVDIMM_N`, ... */
  readonly type: string | undefined;
  /** `DDR4`, ... */
  readonly technology: string | undefined;
  readonly speedMhz: number | undefined;
  readonly manufacturer: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
  readonly health: string | undefined;
  readonly state: string | undefined;
}

/** @throws UNSUPPORTED when the system does not show its modules */
export async function readMemory(client: RedfishClient, system: Resource, options?: CallOptions): Promise<readonly MemoryModule[]> {
  return (await readMembers(client, requireLink(system, 'Memory', 'MEMORY'), options)).map(decodeMemory);
}

export function decodeMemory({ body, path }: Resource): MemoryModule {
  const fields = reader(body, path);
  const status = fields.child('Status');
  return {
    path,
    id: fields.text('Id') ?? fields.text('SocketLocator'),
    capacityMib: fields.number('CapacityMiB') ?? fields.number('SizeMB') ?? 0,
    type: fields.text('MemoryType') ?? fields.text('DIMMType'),
    technology: fields.text('MemoryDeviceType') ?? fields.text('DIMMTechnology'),
    speedMhz: fields.number('OperatingSpeedMhz') ?? fields.number('MaximumFrequencyMHz'),
    manufacturer: fields.text('Manufacturer'),
    partNumber: fields.text('PartNumber'),
    serialNumber: fields.text('SerialNumber'),
    health: status.text('Health'),
    state: status.text('State') ?? fields.text('DIMMStatus'),
  };
}
