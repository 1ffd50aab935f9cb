import { isIP, SocketAddress } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * One spelling for all that name the same host without a look-up: names in lower case, IPv6 addresses in their shortest form (RFC 5952), and
 * IPv4 addresses that are written as IPv6 ones as what they are. The zone of an IPv6 address stays as it is.
 */
export function canonicalHost(host: string): string {
  if (isIP(host) !== 6) return host.toLowerCase();
  const [written = '', zone] = host.split('%');
  const { address } = new SocketAddress({ address: written, family: 'ipv6' });
  return MAPPED_IPV4.exec(address)?.[1] ?? (zone === undefined ? address : `${address}%${zone}`);
}

/** `192.0.2.10:623`, `[2001:db8::1]:623`, `bmc.example:623`: as the client writes it in its errors. */
export function printAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
