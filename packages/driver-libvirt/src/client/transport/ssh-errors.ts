import { FerricError, type JsonValue } from '@ferric/core';
import { systemCode } from './connect-errors.js';
import type { SshIdentities } from './ssh-identities.js';

export interface LoginFacts {
  readonly address: string;
  readonly username: string;
  readonly identities: SshIdentities;
  /** What the server would take, as far as it has said so. */
  readonly accepted: readonly string[];
  /** What the agent complained of. */
  readonly agentProblems: readonly string[];
}

const NO_COMMON_ALGORITHM = /no matching (?<what>.*)/i;

/** How a server ends a connection on which too many keys were tried. OpenSSH, auth.c; RFC 4253 §11.1, reason 14. */
const TOO_MANY_TRIES = /too many authentication failures/i;
const NO_MORE_METHODS = 14;

/** The level that ssh2 gives its errors: `client-authentication`, `protocol`. */
export function levelOf(error: Error): string {
  const level: unknown = 'level' in error ? error.level : undefined;
  return typeof level === 'string' ? level : '';
}

/** The number by which a server says why it ends a connection; undefined where it has said nothing. */
function disconnectReason(error: Error): number | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** What an error of ssh2 before the login means. */
export function connectionFailure(error: Error, facts: LoginFacts): FerricError {
  const reason = disconnectReason(error);
  if (levelOf(error) === 'client-authentication' || reason === NO_MORE_METHODS || TOO_MANY_TRIES.test(error.message)) return loginRefused(error, facts);
  const { address } = facts;
  const code = systemCode(error);
  const more = { cause: error, details: { address, ...(code === undefined ? {} : { systemCode: code }) } };
  const what = NO_COMMON_ALGORITHM.exec(error.message)?.groups?.['what'];
  if (what !== undefined) {
    return new FerricError('UNSUPPORTED', `The SSH server at ${address} and this client have no ${what} in common`, {
      ...more,
      hint: 'Update the SSH server; what is out of date (SHA-1 signatures among it) is not spoken here.',
    });
  }
  if (error instanceof ConnectionEnded || reason !== undefined || code !== undefined || /before handshake/.test(error.message)) {
    return new FerricError('UNREACHABLE', `The SSH connection to ${address} ended before it could be used: ${error.message}`, {
      ...more,
      hint: 'Check the port and the log of the SSH server: it may be overloaded (MaxStartups) or refuse this host.',
    });
  }
  return new FerricError('PROTOCOL_FAULT', `What answers at ${address} does not speak SSH as it should: ${error.message}`, {
    ...more,
    hint: 'Check that an SSH server listens at this port.',
  });
}

/** The other side ended the connection without a word. */
export class ConnectionEnded extends Error {
  constructor() {
    super('the other side closed it');
  }
}

function loginRefused(error: Error, { address, username, identities, accepted, agentProblems }: LoginFacts): FerricError {
  const tried = identities.identities.map(({ kind, path }) => (kind === 'agent' ? `the agent ${path}` : path));
  const shown = tried.length === 0 ? 'there was no key to show' : `shown: ${tried.join(', ')}`;
  const wanted = accepted.length > 0 && !accepted.includes('publickey') ? [`it takes ${accepted.join(', ')} and no keys`] : [];
  const skipped = tried.length === 0 || identities.skipped.some((reason) => reason.includes('passphrase')) ? identities.skipped : [];
  const said = TOO_MANY_TRIES.test(error.message) ? ['it takes no more tries, so name the key (ssh_key_filename, keyfile=)'] : [];
  const reasons = [shown, ...said, ...wanted, ...agentProblems, ...skipped].join('; ');
  return new FerricError('AUTH_FAILED', `The SSH server at ${address} refused to log in ${username}: ${reasons}`, {
    cause: error,
    details: { address, username, tried, accepted: [...accepted] },
    hint: `Add the public key to ~${username}/.ssh/authorized_keys there, or name another key (ssh_key_filename, keyfile=) or user.`,
  });
}

/** The server let us in and did not run the command. */
export function commandRefused(error: Error, address: string): FerricError {
  return new FerricError('REFUSED', `The SSH server at ${address} did not run the command that leads to the libvirt daemon: ${error.message}`, {
    cause: error,
    details: { address },
    hint: 'Allow the user to run commands there (no ForceCommand internal-sftp, no restrict in authorized_keys).',
  });
}

export interface RemoteEnd {
  readonly address: string;
  readonly exitCode: number | undefined;
  readonly signalName: string | undefined;
  /** What the command said, as far as it was kept. */
  readonly said: string;
}

/** Not found by the shell. POSIX, Shell Command Language §2.8.2. */
const NOT_FOUND = 127;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/permission denied/i, 'Add the user to the group libvirt there, or log in as one that may use the socket.'],
  [/invalid option|unrecognized option|unknown option|usage/i, 'The netcat there knows no unix sockets: install netcat-openbsd, or name another with netcat= in the URI.'],
  [/no such file|connection refused|failed to connect|cannot connect/i, 'Start libvirtd there, or name its socket with socket= in the URI.'],
];

/** The command at the far end is gone, and with it the way to the daemon. */
export function remoteEnded({ address, exitCode, signalName, said }: RemoteEnd): FerricError {
  const how = signalName === undefined ? (exitCode === undefined ? 'ended' : `ended with status ${exitCode}`) : `was ended by ${signalName}`;
  const missing = exitCode === NOT_FOUND;
  const hint = missing
    ? 'Install virt-ssh-helper (package libvirt-daemon) or netcat-openbsd there, or name the netcat with netcat= in the URI.'
    : (HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? 'Look for the reason in the logs of that machine.');
  const details: Record<string, JsonValue> = { address, exitCode: exitCode ?? null, said };
  const message = `The command that leads to the libvirt daemon at ${address} ${how}`;
  return new FerricError('UNREACHABLE', said === '' ? message : `${message}: ${said}`, {
    details,
    hint,
    retryable: !missing,
  });
}

export function sshConnectionLost(address: string, error: Error): FerricError {
  return new FerricError('UNREACHABLE', `The SSH connection to ${address} was lost: ${error.message}`, { cause: error, details: { address } });
}
