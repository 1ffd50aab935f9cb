import { FerricError, type JsonValue } from '@ferric/core';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LibvirtUri } from '../uri.js';
import { systemCode } from './connect-errors.js';
import { formatKnownHost, judgeHostKey, keyType, type KnownHost, listedName, listedTypes, parseKnownHosts } from './known-hosts.js';
import { expandHome, homeOf, readFileContent, unusableFile } from './read-file.js';
import type { TransportContext } from './transport.js';

/** The file that administrators keep for everybody. Source: ssh(1), FILES. */
const SYSTEM_FILE = '/etc/ssh/ssh_known_hosts';

/** Best first. SHA-1 signatures of RSA keys (`ssh-rsa`) are not taken, as in OpenSSH since 8.8. */
const ALGORITHMS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'] as const;
export type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** A host that is to be recognised by its key. */
export interface HostKeyCheck {
  /** In the order in which the server should choose: first those whose keys are listed, or it could show one that nobody has listed. */
  readonly algorithms: HostKeyAlgorithm[];
  /** Undefined when the key is to be trusted; else TLS_UNTRUSTED with what to do. Remembers an unknown key where the URI says so. */
  judge(key: Buffer): Promise<FerricError | undefined>;
}

/**
 * Reads the lists of known hosts that count: the one of the settings or of the URI, else the user's own and the system's.
 * @throws INVALID_OPTIONS when the one that was named cannot be read; the abort reason.
 */
export async function prepareHostKeyCheck(uri: LibvirtUri, context: TransportContext): Promise<HostKeyCheck> {
  const { host = 'localhost', port = 22, address, parameters } = uri;
  const verify = parameters.noVerify ? 'ignore' : parameters.knownHostsVerify;
  if (verify === 'ignore') {
    context.logger.warn({ address }, 'The SSH host key is not checked, since the libvirt URI says so: anybody on the way could take the place of the host');
    return { algorithms: [...ALGORITHMS], judge: async () => undefined };
  }
  const { files, hosts } = await readLists(uri, context);
  const types = listedTypes(hosts, host, port);
  const facts = { address, host, port, file: files[0] ?? SYSTEM_FILE, files };
  let remembered: Buffer | undefined;
  return {
    algorithms: ALGORITHMS.toSorted((one, other) => Number(isListed(other, types)) - Number(isListed(one, types))),
    async judge(key) {
      const verdict = judgeHostKey(hosts, host, port, key);
      // It is shown again each time the connection changes its keys.
      if (verdict.kind === 'known' || remembered?.equals(key) === true) return undefined;
      if (verdict.kind === 'revoked') return revokedKey(key, verdict.line, facts);
      if (verdict.kind === 'changed') return changedKey(key, verdict.lines, facts);
      if (verify === 'normal') return unknownKey(key, verdict.authority, facts);
      remembered = Buffer.from(key);
      await remember(key, facts, context);
      return undefined;
    },
  };
}

interface KnownHostLists {
  readonly files: readonly string[];
  readonly hosts: readonly KnownHost[];
}

async function readLists(uri: LibvirtUri, context: TransportContext): Promise<KnownHostLists> {
  const home = homeOf(context);
  const { knownHostsFile } = context.ssh;
  const named = knownHostsFile ?? uri.parameters.knownHosts;
  const field = knownHostsFile === undefined ? 'known_hosts' : 'ssh.knownHostsFile';
  const files = named === undefined ? [`${home}/.ssh/known_hosts`, SYSTEM_FILE] : [expandHome(named, home)];
  const hosts: KnownHost[] = [];
  for (const file of files) {
    const content = await readFileContent(file, context.signal);
    if (content.kind === 'content') hosts.push(...parseKnownHosts(content.bytes.toString('utf8'), file));
    const problem = content.kind === 'unreadable' ? content.reason : 'it does not exist';
    // What is to be remembered may begin with an empty list.
    const tolerated = named === undefined || (content.kind === 'missing' && uri.parameters.knownHostsVerify === 'auto');
    if (content.kind !== 'content' && !tolerated) throw unusableList(uri.address, file, problem, field);
    if (content.kind === 'unreadable' && tolerated) context.logger.warn({ address: uri.address, file, problem }, 'A list of known SSH hosts cannot be read');
  }
  return { files, hosts };
}

/** Keys of RSA are listed under the name of the key, which is not the name of the algorithms. */
function isListed(algorithm: string, types: readonly string[]): boolean {
  return types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
}

interface HostFacts {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Where keys are remembered. */
  readonly file: string;
  readonly files: readonly string[];
}

async function remember(key: Buffer, { address, host, port, file }: HostFacts, { logger, signal }: TransportContext): Promise<void> {
  const fields = { address, file, fingerprint: fingerprint(key) };
  if (signal.aborted) return;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await appendFile(file, `${await lineBreak(file)}${formatKnownHost(host, port, key)}`, { mode: 0o600 });
    logger.info(fields, 'Remembered the SSH host key of a host that was not known, since the libvirt URI says known_hosts_verify=auto');
  } catch (error) {
    logger.warn({ ...fields, error }, 'Trusted the SSH host key of a host that was not known and could not remember it');
  }
}

/** What is needed before a new line. */
async function lineBreak(file: string): Promise<string> {
  try {
    const content = await readFile(file);
    return content.length === 0 || content.at(-1) === 0x0a ? '' : '\n';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}

/** As OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function describeKey(key: Buffer): string {
  return `${keyType(key) ?? 'a key of an unknown type'} ${fingerprint(key)}`;
}

function untrusted(message: string, hint: string, key: Buffer, facts: HostFacts, details: Readonly<Record<string, JsonValue>> = {}): FerricError {
  return new FerricError('TLS_UNTRUSTED', message, {
    details: { address: facts.address, keyType: keyType(key) ?? '', fingerprint: fingerprint(key), ...details },
    hint,
  });
}

function unknownKey(key: Buffer, authority: boolean, facts: HostFacts): FerricError {
  const { address, host, port, file, files } = facts;
  const compare = `Compare with "ssh-keygen -lf /etc/ssh/ssh_host_${shortType(key)}_key.pub" on that machine;`;
  const certificates = authority ? ' (its @cert-authority line does not help: certificates of hosts are not supported)' : '';
  return untrusted(
    `The SSH host key of ${address} is not known: it shows ${describeKey(key)}, and there is none for it in ${files.join(' or ')}${certificates}`,
    `${compare} then "ssh-keyscan -p ${port} ${host} >> ${file}", or known_hosts_verify=auto in the URI.`,
    key,
    facts,
    { files: [...files] },
  );
}

function changedKey(key: Buffer, lines: readonly KnownHost[], facts: HostFacts): FerricError {
  const { address, host, port } = facts;
  const listed = lines.map((entry) => `${describeKey(entry.key)} (${entry.file}, line ${entry.line})`);
  const file = lines[0]?.file ?? facts.file;
  return untrusted(
    `THE SSH HOST KEY OF ${address} HAS CHANGED: it shows ${describeKey(key)}, and listed is ${listed.join(', ')}. Somebody may stand in between; nothing was sent`,
    `Do not connect before you know why. If the machine was installed again: "ssh-keygen -R '${listedName(host, port)}' -f ${file}", and learn its new key.`,
    key,
    facts,
    { listed },
  );
}

function revokedKey(key: Buffer, line: KnownHost, facts: HostFacts): FerricError {
  return untrusted(
    `THE SSH HOST KEY OF ${facts.address} WAS REVOKED: it shows ${describeKey(key)}, not to be trusted by ${line.file}, line ${line.line}. Nothing was sent`,
    'Do not connect before you know why; the machine needs new host keys.',
    key,
    facts,
  );
}

/** As in the names of the files of sshd. */
function shortType(key: Buffer): string {
  const type = keyType(key) ?? '';
  return type.startsWith('ecdsa') ? 'ecdsa' : type.replace('ssh-', '');
}

function unusableList(address: string, path: string, reason: string, field: string): FerricError {
  return unusableFile({
    address,
    field,
    expected: 'a file of known SSH hosts',
    path,
    reason,
    hint: 'Correct the path, or let the file be made with known_hosts_verify=auto in the URI.',
  });
}
