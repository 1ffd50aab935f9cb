import type { VirtualLan } from '../options.js';

/** Parameters by their numbers. Sources: IPMI 1.5, table 19-4; IPMI 2.0, table 23-4. */
export const LAN_PARAMETER = {
  setInProgress: 0,
  authTypes: 1,
  enabledAuthTypes: 2,
  ipAddress: 3,
  source: 4,
  macAddress: 5,
  subnetMask: 6,
  ipHeader: 7,
  arpControl: 10,
  arpInterval: 11,
  gateway: 12,
  gatewayMac: 13,
  backupGateway: 14,
  backupGatewayMac: 15,
  community: 16,
  destinations: 17,
  vlan: 20,
  vlanPriority: 21,
  suiteCount: 22,
  suites: 23,
  suitePrivileges: 24,
} as const;

const DHCP = 2;
const STATIC = 1;
const SUITE_PLACES = 16;

/** What cannot be written. */
const READ_ONLY: ReadonlySet<number> = new Set([
  LAN_PARAMETER.authTypes, LAN_PARAMETER.macAddress, LAN_PARAMETER.destinations, LAN_PARAMETER.suiteCount, LAN_PARAMETER.suites,
]);
/** What a DHCP server decides. */
const LEASED: ReadonlySet<number> = new Set([LAN_PARAMETER.ipAddress, LAN_PARAMETER.subnetMask, LAN_PARAMETER.gateway]);

/** The values that a BMC begins with; many BMCs may share them. */
export function lanDefaults(lan: VirtualLan, authTypes: ReadonlySet<number>, suiteIds: readonly number[]): ReadonlyMap<number, Uint8Array> {
  const typeBits = [...authTypes].reduce((bits, type) => bits | (1 << type), 0);
  const vlan = lan.vlanId ?? 0;
  const suites = new Uint8Array(1 + SUITE_PLACES);
  suites.set(suiteIds, 1);
  // One level for each suite, low half first; fields of absent suites are 0.
  const privileges = new Uint8Array(9);
  suiteIds.forEach((_, index) => {
    const at = 1 + (index >> 1);
    privileges[at] = (privileges[at] ?? 0) | (index % 2 === 0 ? 0x04 : 0x40);
  });
  const P = LAN_PARAMETER;
  return new Map<number, Uint8Array>([
    [P.setInProgress, Uint8Array.of(0)],
    [P.authTypes, Uint8Array.of(typeBits)],
    [P.enabledAuthTypes, Uint8Array.of(typeBits, typeBits, typeBits, typeBits, 0)],
    [P.ipAddress, addressBytes(lan.ipAddress ?? '192.0.2.10')],
    [P.source, Uint8Array.of(lan.source === 'dhcp' ? DHCP : STATIC)],
    [P.macAddress, macBytes(lan.macAddress ?? '02:00:00:00:00:01')],
    [P.subnetMask, addressBytes(lan.subnetMask ?? '255.255.255.0')],
    [P.ipHeader, Uint8Array.of(0x40, 0x40, 0x10)],
    [P.arpControl, Uint8Array.of(0x02)],
    [P.arpInterval, Uint8Array.of(0x03)],
    [P.gateway, addressBytes(lan.gateway ?? '192.0.2.1')],
    [P.gatewayMac, macBytes('02:00:00:00:00:fe')],
    [P.backupGateway, new Uint8Array(4)],
    [P.backupGatewayMac, new Uint8Array(6)],
    [P.community, Uint8Array.from({ length: 18 }, (_, index) => 'public'.charCodeAt(index) || 0)],
    [P.destinations, Uint8Array.of(0)],
    [P.vlan, Uint8Array.of(vlan & 0xff, (vlan >> 8) | (vlan === 0 ? 0 : 0x80))],
    [P.vlanPriority, Uint8Array.of(0)],
    [P.suiteCount, Uint8Array.of(suiteIds.length)],
    [P.suites, suites],
    [P.suitePrivileges, privileges],
  ]);
}

/** Four bytes of `192.0.2.10`. Undefined when it is none. */
function parseAddress(text: string): Uint8Array | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return parts.length === 4 && parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}

function addressBytes(text: string): Uint8Array {
  return parseAddress(text) ?? new Uint8Array(4);
}

function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':').map((part) => Number.parseInt(part, 16)));
}

/** The LAN parameters of one BMC. They are kept and told; the BMC goes on listening where it does. */
export class LanParameters {
  readonly #defaults: ReadonlyMap<number, Uint8Array>;
  #written: Map<number, Uint8Array> | undefined;

  constructor(defaults: ReadonlyMap<number, Uint8Array>) {
    this.#defaults = defaults;
  }

  read(parameter: number): Uint8Array | undefined {
    return this.#written?.get(parameter) ?? this.#defaults.get(parameter);
  }

  isReadOnly(parameter: number): boolean {
    return READ_ONLY.has(parameter) || (LEASED.has(parameter) && this.read(LAN_PARAMETER.source)?.[0] === DHCP);
  }

  write(parameter: number, data: Uint8Array): void {
    this.#written ??= new Map();
    this.#written.set(parameter, Uint8Array.from(data));
  }
}
