import { printValue } from '@ferric/core';
import { isIP } from 'node:net';
import { optional } from './optional.js';
import { uriError } from './uri-error.js';

/** The parts of a URI with percent-encoding undone, the query aside. */
export interface UriParts {
  /** Everything before the first colon, as written: `qemu+ssh`. */
  readonly scheme: string;
  readonly username?: string;
  /** Without brackets; an IPv6 address may carry its interface: `fe80::1%eth0`. */
  readonly host?: string;
  /** Absent when the URI says nothing or 0. */
  readonly port?: number;
  readonly path: string;
  /** As written, without `?`. */
  readonly query: string;
  readonly fragment?: string;
}

/** RFC 3986 §2.2 and §2.3: what may stand in a component without being percent-encoded. */
const PLAIN = "A-Za-z0-9\\-._~!$&'()*+,;=";
const ENCODED = '%[0-9A-Fa-f]{2}';

const SCHEME = '(?<scheme>[A-Za-z][A-Za-z0-9+.\\-]*):';
/** Without an authority a path does not begin with two slashes. */
const AUTHORITY = `(?://(?:(?<userinfo>(?:[${PLAIN}:]|${ENCODED})*)@)?(?<host>\\[[^\\]\\s/?#@]*\\]|(?:[${PLAIN}]|${ENCODED})*)(?::(?<port>\\d+))?|(?!//))`;
const PATH = `(?<path>(?:/(?:[${PLAIN}:@/]|${ENCODED})*)?)`;
const QUERY = `(?:\\?(?<query>(?:[${PLAIN}:@/?]|${ENCODED})*))?`;
const FRAGMENT = `(?:#(?<fragment>(?:[${PLAIN}:@/?]|${ENCODED})*))?`;
const URI = new RegExp(`^${SCHEME}${AUTHORITY}${PATH}${QUERY}${FRAGMENT}$`);

/** A name that says which hypervisor is meant, which virt-ssh-helper needs. */
export const HYPERVISOR_URI: RegExp = /^[a-z][a-z0-9+.-]*:/i;

/** Longer than any that is meant. */
const LONGEST_URI = 8_192;

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/;

/**
 * Takes a URI apart. Source: libxml2 2.9, uri.c, as libvirt 9.0.0 uses it in src/util/viruri.c.
 * @throws INVALID_OPTIONS; a password in it is refused without being shown.
 */
export function splitUri(text: string): UriParts {
  if (text.length > LONGEST_URI) throw uriError(`a text of at most ${LONGEST_URI} characters`);
  const groups = URI.exec(text)?.groups as Groups | undefined;
  if (groups === undefined) {
    const expected = 'a URI such as qemu+ssh://root@host/system, with every character that a URI does not allow percent-encoded';
    throw uriError(expected, mayHoldPassword(text) ? undefined : printValue(text));
  }
  const { scheme = '', path = '', query = '', fragment } = groups;
  return {
    scheme,
    ...readAuthority(groups, text),
    path: decodeComponent(path),
    query,
    ...optional('fragment', fragment === undefined ? undefined : decodeComponent(fragment)),
  };
}

type Groups = Readonly<Record<string, string | undefined>>;

function readAuthority({ userinfo, host: written = '', port }: Groups, text: string): Pick<UriParts, 'username' | 'host' | 'port'> {
  const username = readUser(userinfo, text);
  const host = written === '' ? undefined : decodeHost(written);
  if (host === undefined && (port ?? username) !== undefined) throw uriError('one that names the host of its user or port', printValue(text));
  return { ...optional('username', username), ...optional('host', host), ...optional('port', readPort(port)) };
}

function readUser(userinfo: string | undefined, text: string): string | undefined {
  if (userinfo === undefined) return undefined;
  const username = decodeComponent(userinfo);
  if (username === '') throw uriError('one with a user before the @', printValue(text));
  if (!username.includes(':')) return username;
  throw uriError('one without a password: SSH logs in with keys, and SASL credentials are given apart from the URI');
}

/** True for what looks like `//user:password@`, also in a text that is no URI. */
function mayHoldPassword(text: string): boolean {
  return text.slice(Math.max(0, text.indexOf('//')), Math.max(0, text.lastIndexOf('@'))).slice(2).includes(':');
}

/** Undoes percent-encoding. A plus sign is a plus sign. @throws INVALID_OPTIONS, showing nothing, for what is no UTF-8, and for NUL. */
export function decodeComponent(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw uriError('percent-encoded UTF-8');
  }
  if (decoded.includes('\0')) throw uriError('one without the character NUL');
  return decoded;
}

/** Percent-encodes the path as libxml2's xmlSaveUri does. */
export function encodePath(path: string): string {
  return encode(path, /[A-Za-z0-9\-_.!~*'()/;@&=+$,]/);
}

/** Percent-encodes the value of a parameter as GLib's g_uri_escape_string does. */
export function encodeValue(value: string): string {
  return encode(value, /[A-Za-z0-9\-_.~]/);
}

export function encodeFragment(fragment: string): string {
  return encode(fragment, /[A-Za-z0-9\-_.!~*'();/?:@&=+$,[\]]/);
}

function encode(text: string, kept: RegExp): string {
  return Array.from(text, (character) => (kept.test(character) ? character : encodeCharacter(character))).join('');
}

function encodeCharacter(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function decodeHost(written: string): string {
  const host = decodeComponent(written);
  if (written.startsWith('[')) {
    const address = host.slice(1, -1);
    if (isIP(address) === 6) return address;
  } else if (HOST_NAME.test(host)) {
    return host;
  }
  throw uriError('one with a host name, an IPv4 address or an IPv6 address in brackets', printValue(host));
}

/** Port 0 is none. */
function readPort(port: string | undefined): number | undefined {
  const number = Number(port ?? 0);
  if (number > 65_535) throw uriError('one with a port from 1 to 65535', port);
  return number === 0 ? undefined : number;
}
