import { isIP } from 'node:net';
import {
  invalidOptions, isMulticastMacAddress, normalizeMacAddress, printValue, Secret, type OptionIssue,
} from '@ferric/core';
import { HOST_EXPECTED, LIMITED_BROADCAST, parseHost, type Host } from './host.js';
import { parseSecureOn, SECURE_ON_EXPECTED } from './secureon.js';

/** Defaults of one wake. Port: the discard service, as every sender uses it. Repeat and spacing: as Ironic's staging driver. */
export const WAKE_DEFAULTS = { host: LIMITED_BROADCAST, port: 9, repeat: 1, spacingMs: 500 } as const;

/** Most of everything in one wake, so that a slip of the pen cannot flood a network. */
export const WAKE_LIMITS = { macs: 256, hosts: 16, ports: 16, repeat: 20, spacingMs: 60_000, packets: 1000 } as const;

/** How to wake, without what one call has (deadline, services). */
export interface WakeSettings {
  /**
   * Where the packets go: an address or host name, or several. Default: 255.255.255.255, every machine on the link.
   * A directed broadcast address (192.0.2.255) reaches another network where its router allows that; IPv6 has no
   * broadcast, `ff02::1%eth0` takes its place. A name is looked up when the packet is sent, IPv4 first.
   */
  readonly host?: string | readonly string[];
  /** UDP port or ports, 1..65535. Default: 9. Network cards ignore it; routers and filters may not. */
  readonly ports?: number | readonly number[];
  /** SecureOn password: 4 bytes as `192.168.1.1`, or 6 as `00:11:22:33:44:55`. Default: nothing is appended. */
  readonly secureOn?: string | Secret;
  /** Interface to send from, by name (`eth0`). Default: the operating system's choice. */
  readonly interface?: string;
  /** Address of this machine to send from. Not together with `interface`. Default: the operating system's choice. */
  readonly sourceAddress?: string;
  /** How often each packet is sent, 1..20. Default: 1. UDP loses packets on busy and wireless links: 3 is a good value there. */
  readonly repeat?: number;
  /** Pause between two packets. Milliseconds, 0..60000, default 500. */
  readonly spacingMs?: number;
}

/** Names of the fields as the caller knows them, for errors. */
export interface WakeFieldNames {
  /** Name of one MAC address in a list of `count`. */
  readonly mac: (index: number, count: number) => string;
  readonly macs: string;
  readonly host: string;
  readonly ports: string;
  readonly secureOn: string;
  readonly interface: string;
  readonly sourceAddress: string;
  readonly repeat: string;
  readonly spacingMs: string;
}

/** The names of {@link WakeSettings}. */
export const WAKE_FIELDS: WakeFieldNames = {
  mac: (index, count) => (count === 1 ? 'mac' : `mac.${index}`),
  macs: 'mac',
  host: 'host',
  ports: 'ports',
  secureOn: 'secureOn',
  interface: 'interface',
  sourceAddress: 'sourceAddress',
  repeat: 'repeat',
  spacingMs: 'spacingMs',
};

/** Checked settings: canonical, complete, without duplicates. */
export interface WakeRequest {
  readonly macs: readonly string[];
  readonly hosts: readonly Host[];
  readonly ports: readonly number[];
  readonly secureOn?: Secret;
  readonly interface?: string;
  readonly sourceAddress?: string;
  readonly repeat: number;
  readonly spacingMs: number;
}

/**
 * Checks what shall be sent.
 * @throws INVALID_OPTIONS with every issue at once, fields named by `fields`.
 */
export function readWakeRequest(mac: string | readonly string[], settings: WakeSettings, fields: WakeFieldNames = WAKE_FIELDS): WakeRequest {
  const issues: OptionIssue[] = [];
  const macs = readMacs(listOf(mac), fields, issues);
  const hosts = readList(listOf(settings.host ?? WAKE_DEFAULTS.host), readHost, { field: fields.host, expected: HOST_EXPECTED, limit: WAKE_LIMITS.hosts }, issues);
  const ports = readList(listOf(settings.ports ?? WAKE_DEFAULTS.port), readPort, { field: fields.ports, expected: 'a whole number from 1 to 65535', limit: WAKE_LIMITS.ports }, issues);
  const repeat = readNumber(settings.repeat ?? WAKE_DEFAULTS.repeat, { field: fields.repeat, min: 1, max: WAKE_LIMITS.repeat }, issues);
  const spacingMs = readNumber(settings.spacingMs ?? WAKE_DEFAULTS.spacingMs, { field: fields.spacingMs, min: 0, max: WAKE_LIMITS.spacingMs }, issues);
  const secureOn = readSecureOn(settings.secureOn, fields, issues);
  checkSource(settings, fields, issues);

  const packets = packetCount({ macs, hosts, ports, repeat });
  if (issues.length === 0 && packets > WAKE_LIMITS.packets) {
    issues.push({ field: fields.repeat, problem: 'invalid', expected: `small enough for at most ${WAKE_LIMITS.packets} packets`, received: `${repeat}, which makes ${packets}` });
  }
  if (issues.length > 0) throw invalidOptions('Wake-on-LAN', issues);
  return {
    macs,
    hosts,
    ports,
    repeat,
    spacingMs,
    ...(secureOn === undefined ? {} : { secureOn }),
    ...(settings.interface === undefined ? {} : { interface: settings.interface }),
    ...(settings.sourceAddress === undefined ? {} : { sourceAddress: settings.sourceAddress }),
  };
}

/** How many packets a request makes. */
export function packetCount(request: Pick<WakeRequest, 'macs' | 'hosts' | 'ports' | 'repeat'>): number {
  return request.macs.length * request.hosts.length * request.ports.length * request.repeat;
}

function readPort(value: unknown): number | undefined {
  return isWholeNumber(value, 1, 65_535) ? value : undefined;
}

function readHost(value: unknown): Host | undefined {
  return typeof value === 'string' ? parseHost(value) : undefined;
}

function readMacs(values: readonly unknown[], fields: WakeFieldNames, issues: OptionIssue[]): readonly string[] {
  const expected = 'the MAC address of one machine, such as 52:54:00:cf:2d:31';
  if (values.length === 0) issues.push({ field: fields.macs, problem: 'missing', expected: `at least one, ${expected}` });
  if (values.length > WAKE_LIMITS.macs) {
    issues.push({ field: fields.macs, problem: 'invalid', expected: `at most ${WAKE_LIMITS.macs} addresses`, received: String(values.length) });
    return [];
  }
  const macs = values.map((value, index) => {
    const address = typeof value === 'string' ? normalizeMacAddress(value) : undefined;
    if (address !== undefined && !isMulticastMacAddress(address) && address !== '00:00:00:00:00:00') return address;
    issues.push({ field: fields.mac(index, values.length), problem: value === undefined ? 'missing' : 'invalid', expected, received: printValue(value) });
    return undefined;
  });
  return [...new Set(macs.filter((address) => address !== undefined))];
}

function readList<T>(
  values: readonly unknown[],
  read: (value: unknown) => T | undefined,
  rule: { readonly field: string; readonly expected: string; readonly limit: number },
  issues: OptionIssue[],
): readonly T[] {
  if (values.length === 0 || values.length > rule.limit) {
    issues.push({ field: rule.field, problem: 'invalid', expected: `1 to ${rule.limit} of: ${rule.expected}`, received: `${values.length}` });
    return [];
  }
  const found = new Map<string, T>();
  for (const value of values) {
    const item = read(value);
    if (item === undefined) issues.push({ field: rule.field, problem: 'invalid', expected: rule.expected, received: printValue(value) });
    else found.set(JSON.stringify(item), item);
  }
  return [...found.values()];
}

function readNumber(value: unknown, rule: { readonly field: string; readonly min: number; readonly max: number }, issues: OptionIssue[]): number {
  if (isWholeNumber(value, rule.min, rule.max)) return value;
  issues.push({ field: rule.field, problem: 'invalid', expected: `a whole number from ${rule.min} to ${rule.max}`, received: printValue(value) });
  return rule.min;
}

function readSecureOn(value: unknown, fields: WakeFieldNames, issues: OptionIssue[]): Secret | undefined {
  if (value === undefined) return undefined;
  const text = Secret.is(value) ? value.reveal() : value;
  if (typeof text === 'string' && parseSecureOn(text) !== undefined) return Secret.from(text);
  issues.push({ field: fields.secureOn, problem: 'invalid', expected: SECURE_ON_EXPECTED });
  return undefined;
}

function checkSource(settings: WakeSettings, fields: WakeFieldNames, issues: OptionIssue[]): void {
  const { interface: name, sourceAddress } = settings;
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    issues.push({ field: fields.interface, problem: 'invalid', expected: 'the name of a network interface', received: printValue(name) });
  }
  if (sourceAddress === undefined) return;
  if (typeof sourceAddress !== 'string' || isIP(sourceAddress) === 0) {
    issues.push({ field: fields.sourceAddress, problem: 'invalid', expected: 'an IPv4 or IPv6 address of this machine', received: printValue(sourceAddress) });
  } else if (name !== undefined) {
    issues.push({ field: fields.sourceAddress, problem: 'invalid', expected: `left out when ${fields.interface} is given`, received: printValue(sourceAddress) });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return [value].flat();
}

function isWholeNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
