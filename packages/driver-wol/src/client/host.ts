import { isIP } from 'node:net';

/** Where magic packets go when nothing else is said: every machine on the link. */
export const LIMITED_BROADCAST = '255.255.255.255';

/** What a host may look like, for error messages. */
export const HOST_EXPECTED = 'an IPv4 address, an IPv6 address (ff02::1%eth0 with its interface) or a host name';

/** A destination by its address. */
export interface AddressHost {
  readonly kind: 'address';
  /** Without scope, lower case. */
  readonly address: string;
  readonly family: 4 | 6;
  /** The interface behind `%`, by name or index. */
  readonly scope?: string;
}

/** A destination by its name, looked up when a packet is sent. */
export interface NamedHost {
  readonly kind: 'name';
  readonly name: string;
}

export type Host = AddressHost | NamedHost;

const HOST_NAME = /^(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;
// Resolvers take 10.1 or 0x7f.1 for IPv4 addresses; here it is a mistyped address. Same rule as the WHATWG URL standard, "ends in a number".
const ENDS_IN_A_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Reads a destination; undefined when it is none. No look-up takes place. */
export function parseHost(text: string): Host | undefined {
  const family = isIP(text);
  if (family === 4 || family === 6) {
    const [written = '', scope] = text.split('%');
    const address = written.toLowerCase();
    if (UNSPECIFIED.has(address)) return undefined;
    return { kind: 'address', address, family, ...(scope === undefined ? {} : { scope }) };
  }
  return HOST_NAME.test(text) && !ENDS_IN_A_NUMBER.test(text) ? { kind: 'name', name: text } : undefined;
}

/** True for IPv6 addresses that exist on every link, so that only an interface makes them mean something. RFC 4291 §2.5.6, §2.7. */
export function needsScope(host: Pick<AddressHost, 'address' | 'family'>): boolean {
  if (host.family === 4) return false;
  const first = Number.parseInt(`0${host.address.split(':')[0]}`, 16);
  const linkLocalUnicast = (first & 0xffc0) === 0xfe80;
  const linkLocalMulticast = (first & 0xff00) === 0xff00 && (first & 0x000f) <= 2;
  return linkLocalUnicast || linkLocalMulticast;
}

/** The destination as the user wrote it. */
export function formatHost(host: Host): string {
  if (host.kind === 'name') return host.name;
  return host.scope === undefined ? host.address : `${host.address}%${host.scope}`;
}
