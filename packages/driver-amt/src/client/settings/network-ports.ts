import { normalizeMacAddress } from '@ferric/core';
import type { AMT_EthernetPortSettings, LINK_OWNERS, LINK_POLICIES, PHYSICAL_CONNECTION_TYPES } from '../classes/amt-settings.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';
import type { Named } from '../classes/value-readers.js';

/** One network port that the management engine shares with the machine. */
export interface NetworkPort {
  /** AMT's name of the port's settings: `Intel(r) AMT Ethernet Port Settings 0`. */
  readonly id: string;
  readonly kind: 'wired' | 'wireless';
  /** How the port is built in, where the firmware tells. */
  readonly connection?: Named<typeof PHYSICAL_CONNECTION_TYPES>;
  /** Lower case with colons. Left out when the device names none, as for a port that is not there. */
  readonly macAddress?: string;
  readonly linkUp?: boolean;
  readonly dhcp?: boolean;
  /** Left out when the port has none now. */
  readonly ipAddress?: string;
  readonly subnetMask?: string;
  readonly defaultGateway?: string;
  readonly primaryDns?: string;
  readonly secondaryDns?: string;
  /** True: the management engine uses the address that the machine got. */
  readonly sharedMacAddress?: boolean;
  readonly sharedDynamicAddress?: boolean;
  readonly sharedStaticAddress?: boolean;
  /** True: the machine and the management engine keep their static address the same. */
  readonly addressSynchronised?: boolean;
  /** When the management engine may use the port. */
  readonly linkPolicy?: readonly Named<typeof LINK_POLICIES>[];
  /** Who has the wireless link now, and who should have it. */
  readonly linkControl?: Named<typeof LINK_OWNERS>;
  readonly linkPreference?: Named<typeof LINK_OWNERS>;
  /** Left out when frames have no tag. */
  readonly vlan?: number;
}

/** The port of an instance. Without a type of connection the last digit of its name tells: 0 wired, 1 wireless. */
export function toNetworkPort(instance: InstanceOf<typeof AMT_EthernetPortSettings>): NetworkPort {
  const { PhysicalConnectionType: connection, InstanceID: id } = instance;
  const wireless = connection === undefined ? /\s1$/.test(id) : connection === 'wireless lan';
  return present({
    id,
    kind: wireless ? ('wireless' as const) : ('wired' as const),
    connection,
    macAddress: usableMacAddress(instance.MACAddress),
    linkUp: instance.LinkIsUp,
    dhcp: instance.DHCPEnabled,
    ipAddress: usableAddress(instance.IPAddress),
    subnetMask: usableAddress(instance.SubnetMask),
    defaultGateway: usableAddress(instance.DefaultGateway),
    primaryDns: usableAddress(instance.PrimaryDNS),
    secondaryDns: usableAddress(instance.SecondaryDNS),
    sharedMacAddress: instance.SharedMAC,
    sharedDynamicAddress: instance.SharedDynamicIP,
    sharedStaticAddress: instance.SharedStaticIp,
    addressSynchronised: instance.IpSyncEnabled,
    linkPolicy: instance.LinkPolicy,
    linkControl: instance.LinkControl,
    linkPreference: instance.LinkPreference,
    vlan: instance.VLANTag === 0 ? undefined : instance.VLANTag,
  });
}

/** AMT writes `00-be-43-d8-22-a4`, and zeros for a port that the machine does not have. */
function usableMacAddress(text: string | undefined): string | undefined {
  const address = normalizeMacAddress(text?.trim() ?? '');
  return address === '00:00:00:00:00:00' ? undefined : address;
}

function usableAddress(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address === '' || address === '0.0.0.0' ? undefined : address;
}
