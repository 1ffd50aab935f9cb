import { printValue } from '@ferric/core';
import { optional } from './optional.js';
import { decodeComponent, encodeValue } from './syntax.js';
import { parameterError } from './uri-error.js';

/** Parameters that the client itself uses. Names as libvirt spells them. */
export interface LibvirtUriParameters {
  readonly socket?: string;
  readonly mode: 'auto' | 'legacy' | 'direct';
  /** SASL only, and with this mechanism when one is named. */
  readonly auth?: { readonly kind: 'none' | 'sasl' | 'polkit'; readonly mechanism?: string };
  readonly keyfile?: string;
  readonly pkipath?: string;
  readonly netcat?: string;
  readonly proxy: 'auto' | 'netcat' | 'native';
  readonly knownHosts?: string;
  /** `normal` refuses unknown and changed keys, `auto` accepts and remembers unknown ones, `ignore` checks nothing. */
  readonly knownHostsVerify: 'normal' | 'auto' | 'ignore';
  readonly noVerify: boolean;
  /** Ways to log in over SSH that may be tried, in this order. Default: all that there are means for. */
  readonly sshAuth?: readonly ('agent' | 'privkey')[];
  /** Parameters that libvirt's own client acts on and this one does not; whoever opens the connection warns of them. */
  readonly ignored: readonly string[];
}

export interface UriQuery {
  readonly parameters: LibvirtUriParameters;
  /** Value of `name`. */
  readonly name?: string;
  /** Program of `command`. */
  readonly command?: string;
  /** What is left for the daemon, percent-encoded, without `?`. */
  readonly rest: string;
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Taken out of the URI that the daemon gets. Source: libvirt 9.0.0, src/remote/remote_driver.c, doRemoteOpen. */
const OWN = new Set([
  'name', 'command', 'socket', 'auth', 'sshauth', 'netcat', 'keyfile', 'pkipath', 'known_hosts', 'known_hosts_verify', 'tls_priority', 'mode', 'proxy',
  'no_sanity', 'no_verify', 'no_tty', 'authfile',
]);
const BOOLEANS = ['no_sanity', 'no_verify', 'no_tty'] as const;

/** They would change what is trusted or who logs in, so that leaving them out must be said. */
const WITHOUT_EFFECT = ['tls_priority', 'authfile'] as const;

const MODES = ['auto', 'legacy', 'direct'] as const;
const PROXIES = ['auto', 'netcat', 'native'] as const;
const VERIFICATIONS = ['normal', 'auto', 'ignore'] as const;
const AUTHENTICATIONS = ['none', 'sasl', 'polkit'] as const;
const SSH_WAYS = ['agent', 'privkey'] as const;

const LARGEST_INTEGER = 2 ** 31 - 1;

/**
 * Reads the query of a URI: the last of several wins, names are compared without regard to case.
 * Source: libvirt 9.0.0, src/util/viruri.c, virURIParseParams; src/remote/remote_driver.c, doRemoteOpen. @throws INVALID_OPTIONS.
 */
export function readQuery(query: string): UriQuery {
  const pairs = splitQuery(query);
  const own = new Map<string, string>();
  for (const { name, value } of pairs) if (OWN.has(name.toLowerCase())) own.set(name.toLowerCase(), value);
  for (const name of BOOLEANS) readBoolean(own, name);
  const rest = pairs.filter(({ name }) => !OWN.has(name.toLowerCase())).map(({ name, value }) => `${name}=${encodeValue(value)}`);
  return { parameters: readParameters(own), ...optional('name', own.get('name')), ...optional('command', own.get('command')), rest: rest.join('&') };
}

function readParameters(own: ReadonlyMap<string, string>): LibvirtUriParameters {
  return {
    ...optional('socket', own.get('socket')),
    mode: readWord(own, 'mode', MODES, 'auto'),
    ...optional('auth', readAuth(own.get('auth'))),
    ...optional('keyfile', readText(own, 'keyfile')),
    ...optional('pkipath', readText(own, 'pkipath')),
    ...optional('netcat', readText(own, 'netcat')),
    proxy: readWord(own, 'proxy', PROXIES, 'auto'),
    ...optional('knownHosts', readText(own, 'known_hosts')),
    knownHostsVerify: readWord(own, 'known_hosts_verify', VERIFICATIONS, 'normal', true),
    noVerify: readBoolean(own, 'no_verify'),
    ...optional('sshAuth', readSshWays(own.get('sshauth'))),
    ignored: WITHOUT_EFFECT.filter((name) => own.has(name)),
  };
}

/** A semicolon separates only behind the last ampersand: the library looks for an ampersand first. */
function splitQuery(query: string): readonly Pair[] {
  const ampersands = query.split('&');
  const sections = [...ampersands.slice(0, -1), ...(ampersands.at(-1) ?? '').split(';')];
  return sections.map(splitSection).filter(({ name }) => name !== '');
}

function splitSection(section: string): Pair {
  const equals = section.indexOf('=');
  const [name, value] = equals < 0 ? [section, ''] : [section.slice(0, equals), section.slice(equals + 1)];
  return { name: decodeComponent(name), value: decodeComponent(value) };
}

function readWord<Word extends string>(own: ReadonlyMap<string, string>, name: string, words: readonly Word[], fallback: Word, anyCase = false): Word {
  const value = own.get(name);
  if (value === undefined) return fallback;
  const wanted = anyCase ? value.toLowerCase() : value;
  const word = words.find((known) => known === wanted);
  if (word !== undefined) return word;
  throw parameterError(name, `one of ${words.join(', ')}`, printValue(value));
}

/** As the C library's strtol reads it: blanks and a sign may stand before the digits. */
function readBoolean(own: ReadonlyMap<string, string>, name: string): boolean {
  const value = own.get(name);
  if (value === undefined) return false;
  if (/^\s*[+-]?\d+$/.test(value) && Math.abs(Number(value)) <= LARGEST_INTEGER) return Number(value) !== 0;
  throw parameterError(name, 'a whole number: 1 for yes, 0 for no', printValue(value));
}

function readText(own: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = own.get(name);
  if (value === '') throw parameterError(name, 'a text that is not empty', printValue(value));
  return value;
}

/** The mechanism is compared with the daemon's list as it stands, so its case is kept. */
function readAuth(value: string | undefined): LibvirtUriParameters['auth'] {
  if (value === undefined) return undefined;
  const mechanism = /^sasl\.(?<mechanism>.*)$/is.exec(value)?.groups?.['mechanism'];
  if (mechanism !== undefined) return { kind: 'sasl', ...(mechanism === '' ? {} : { mechanism }) };
  const kind = AUTHENTICATIONS.find((word) => word === value.toLowerCase());
  if (kind !== undefined) return { kind };
  throw parameterError('auth', 'none, polkit, sasl or sasl with a mechanism, such as sasl.SCRAM-SHA-256', printValue(value));
}

function readSshWays(value: string | undefined): LibvirtUriParameters['sshAuth'] {
  if (value === undefined) return undefined;
  const named = value.split(',').map((way) => way.trim().toLowerCase());
  const ways = SSH_WAYS.filter((way) => named.includes(way)).toSorted((one, other) => named.indexOf(one) - named.indexOf(other));
  if (ways.length > 0) return ways;
  throw parameterError('sshauth', 'a list with agent or privkey in it, for nobody can be asked for a password here', printValue(value));
}
