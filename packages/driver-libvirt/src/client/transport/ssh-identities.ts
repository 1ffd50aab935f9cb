import type { FerricError } from '@ferric/core';
import type { ParsedKey } from 'ssh2';
import type { LibvirtUri } from '../uri.js';
import { expandHome, homeOf, readFileContent, unusableFile } from './read-file.js';
import type { Ssh2 } from './ssh-library.js';
import type { TransportContext } from './transport.js';

export type SshIdentity =
  | { readonly kind: 'key'; readonly path: string; readonly key: ParsedKey }
  | { readonly kind: 'agent'; readonly path: string };

export interface SshIdentities {
  /** In the order in which they are tried. */
  readonly identities: readonly SshIdentity[];
  /** Files that were looked for or found and could not be used, with the reason. */
  readonly skipped: readonly string[];
}

/** Tried in this order when nothing is said. Source: ssh_config(5), IdentityFile; keys in hardware and DSA left out. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * What there is to log in with: the key that was named and nothing else; else the keys of the agent and the user's own.
 * @throws INVALID_OPTIONS for a named key that cannot be used; the abort reason.
 */
export async function findIdentities(ssh2: Ssh2, uri: LibvirtUri, context: TransportContext): Promise<SshIdentities> {
  const home = homeOf(context);
  const { keyFile, agent } = context.ssh;
  const named = keyFile ?? uri.parameters.keyfile;
  if (named !== undefined) {
    const field = keyFile === undefined ? 'keyfile' : 'ssh.keyFile';
    return { identities: [await readNamedKey(ssh2, { address: uri.address, path: expandHome(named, home), field }, context.signal)], skipped: [] };
  }
  const skipped: string[] = [];
  const identities: SshIdentity[] = [];
  for (const way of uri.parameters.sshAuth ?? ['agent', 'privkey']) {
    if (way === 'privkey') identities.push(...(await readDefaultKeys(ssh2, `${home}/.ssh`, context, skipped)));
    else if (agent !== undefined) identities.push({ kind: 'agent', path: agent });
  }
  return { identities, skipped };
}

interface NamedKey {
  readonly address: string;
  readonly path: string;
  /** The option that names it. */
  readonly field: string;
}

async function readNamedKey(ssh2: Ssh2, named: NamedKey, signal: AbortSignal): Promise<SshIdentity> {
  const content = await readFileContent(named.path, signal);
  if (content.kind === 'missing') throw unusableKey(named, 'it does not exist');
  if (content.kind === 'unreadable') throw unusableKey(named, content.reason);
  const key = readKey(ssh2, content.bytes);
  if (typeof key === 'string') throw unusableKey(named, key);
  return { kind: 'key', path: named.path, key };
}

async function readDefaultKeys(ssh2: Ssh2, folder: string, { signal }: TransportContext, skipped: string[]): Promise<readonly SshIdentity[]> {
  const identities: SshIdentity[] = [];
  for (const name of DEFAULT_KEYS) {
    const path = `${folder}/${name}`;
    const content = await readFileContent(path, signal);
    const key = content.kind === 'content' ? readKey(ssh2, content.bytes) : content.kind === 'missing' ? 'it does not exist' : content.reason;
    if (typeof key === 'string') skipped.push(`${path}: ${key}`);
    else identities.push({ kind: 'key', path, key });
  }
  return identities;
}

/** The key, or why it cannot be used. */
function readKey(ssh2: Ssh2, bytes: Buffer): ParsedKey | string {
  const parsed: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(bytes);
  // The type does not say so, but a file may hold several keys.
  const key = Array.isArray(parsed) ? (parsed[0] as ParsedKey | undefined) : (parsed as ParsedKey | Error);
  if (key === undefined) return 'there is no key in it';
  if (key instanceof Error) {
    if (/passphrase/i.test(key.message)) return 'it is protected by a passphrase, which nobody can be asked for here';
    return `it is no private key that can be read: ${key.message}`;
  }
  return key.isPrivateKey() ? key : 'it is a public key; the private one is needed';
}

function unusableKey(named: NamedKey, reason: string): FerricError {
  return unusableFile({
    ...named,
    expected: 'a file with a private SSH key that is not protected by a passphrase',
    reason,
    hint: 'Correct ssh_key_filename or keyfile=; for a key with a passphrase, load it into an SSH agent and pass the socket of the agent.',
  });
}
