import { createHmac, timingSafeEqual } from 'node:crypto';

/** One line of a known_hosts file. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHost {
  readonly marker?: 'revoked' | 'cert-authority';
  /** Patterns with commas, or one hashed name. */
  readonly hosts: string;
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string;
  /** The key as it is sent on the wire. */
  readonly key: Buffer;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What a list of known hosts says about the key of a host. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** `authority`: lines vouch for certificates of this host, which SSH here does not ask for. */
  | { readonly kind: 'unknown'; readonly authority: boolean }
  /** The list has other keys for this host, and not this one. */
  | { readonly kind: 'changed'; readonly lines: readonly KnownHost[] }
  | { readonly kind: 'revoked'; readonly line: KnownHost };

const MARKERS: Readonly<Record<string, KnownHost['marker']>> = { '@revoked': 'revoked', '@cert-authority': 'cert-authority' };

const HASHED = /^\|1\|(?<salt>[A-Za-z0-9+/]+={0,2})\|(?<hash>[A-Za-z0-9+/]+={0,2})$/;

const DEFAULT_PORT = 22;

/** Reads the lines that can be read; what else stands there (comments, keys of SSH 1) says nothing about any host. */
export function parseKnownHosts(text: string, file = 'known_hosts'): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => parseLine(line.trim(), file, index + 1));
}

function parseLine(text: string, file: string, line: number): readonly KnownHost[] {
  if (text === '' || text.startsWith('#')) return [];
  const words = text.split(/[ \t]+/);
  const first = words[0] ?? '';
  const marker = Object.hasOwn(MARKERS, first) ? MARKERS[first] : undefined;
  if (first.startsWith('@') && marker === undefined) return [];
  const [hosts, type, encoded] = marker === undefined ? words : words.slice(1);
  if (hosts === undefined || type === undefined || encoded === undefined) return [];
  const key = Buffer.from(encoded, 'base64');
  return keyType(key) === type ? [{ ...(marker === undefined ? {} : { marker }), hosts, type, key, file, line }] : [];
}

/** The type that a key says it has; undefined for what is no key. RFC 4253 §6.6. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 0 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}

/** The name under which a host is listed: with its port where that is not 22. */
export function listedName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === DEFAULT_PORT ? name : `[${name}]:${port}`;
}

/** Lines that are about a name. */
export function linesFor(hosts: readonly KnownHost[], name: string): readonly KnownHost[] {
  return hosts.filter((entry) => matchesName(entry.hosts, name));
}

/**
 * What the list says. A revoked key is refused whatever else is said. A key that is listed for the host without its port counts too, as in
 * OpenSSH; another one listed there says nothing. A key of a type that is not listed, where others are, counts as changed: whoever
 * stands in between would choose such a type.
 */
export function judgeHostKey(hosts: readonly KnownHost[], host: string, port: number, key: Buffer): HostKeyVerdict {
  const exact = linesFor(hosts, listedName(host, port));
  const withoutPort = port === DEFAULT_PORT ? [] : linesFor(hosts, listedName(host, DEFAULT_PORT));
  const all = [...exact, ...withoutPort];
  const revoked = all.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', line: revoked };
  if (all.some((entry) => entry.marker === undefined && entry.key.equals(key))) return { kind: 'known' };
  const others = exact.filter((entry) => entry.marker === undefined);
  if (others.length > 0) return { kind: 'changed', lines: others };
  return { kind: 'unknown', authority: all.some((entry) => entry.marker === 'cert-authority') };
}

/** Types of the keys that are listed for a host, each once. */
export function listedTypes(hosts: readonly KnownHost[], host: string, port: number): readonly string[] {
  const typesOf = (name: string): readonly string[] => linesFor(hosts, name).filter((entry) => entry.marker === undefined).map((entry) => entry.type);
  const exact = typesOf(listedName(host, port));
  return [...new Set(exact.length > 0 ? exact : typesOf(listedName(host, DEFAULT_PORT)))];
}

/** A line for a host that shall be known from now on. */
export function formatKnownHost(host: string, port: number, key: Buffer): string {
  return `${listedName(host, port)} ${keyType(key) ?? ''} ${key.toString('base64')}\n`;
}

function matchesName(hosts: string, name: string): boolean {
  const { salt, hash } = (HASHED.exec(hosts)?.groups ?? {}) as { readonly salt?: string; readonly hash?: string };
  if (salt !== undefined && hash !== undefined) return matchesHash(Buffer.from(salt, 'base64'), Buffer.from(hash, 'base64'), name);
  const patterns = hosts.toLowerCase().split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

/** Source: OpenSSH, hostfile.c, host_hash: HMAC-SHA1 with the salt as its key. */
function matchesHash(salt: Buffer, hash: Buffer, name: string): boolean {
  const expected = createHmac('sha1', salt).update(name).digest();
  return expected.length === hash.length && timingSafeEqual(expected, hash);
}

/** `*` stands for any characters, `?` for one. Goes back to the last star only, so that its time is bounded. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
