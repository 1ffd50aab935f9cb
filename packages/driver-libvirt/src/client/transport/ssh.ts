import { abortable, FerricError } from '@ferric/core';
import { userInfo } from 'node:os';
import { orRelease } from './connect.js';
import { remoteCommand } from './remote-command.js';
import { prepareHostKeyCheck } from './ssh-host-key.js';
import { findIdentities } from './ssh-identities.js';
import { loadSsh2 } from './ssh-library.js';
import { SshSession } from './ssh-session.js';
import { connectHost } from './tcp.js';
import type { OpenTransport } from './transport.js';

const HINT = 'Check host and port, and that an SSH server runs there.';

/**
 * A command on another host that is connected with the daemon there, by SSH with a key. Needs the package ssh2; no program is started here.
 * @throws UNSUPPORTED without ssh2; INVALID_OPTIONS for a key or list of hosts that cannot be used; UNREACHABLE; TLS_UNTRUSTED for a
 * host key that is unknown, changed or revoked; AUTH_FAILED; REFUSED; PROTOCOL_FAULT; the abort reason.
 */
export const openSsh: OpenTransport = async (uri, context) => {
  const { address } = uri;
  const { signal, clock } = context;
  const ssh2 = await abortable(signal, loadSsh2(address));
  const username = uri.username ?? currentUser(address);
  const identities = await findIdentities(ssh2, uri, context);
  const hostKey = await prepareHostKeyCheck(uri, context);
  const session = new SshSession(ssh2, await connectHost(uri, context, HINT), address);
  const release = (): void => session.close();
  await orRelease(signal, session.login({ address, username, identities, hostKey }), release);
  const stream = await orRelease(signal, session.run(remoteCommand(uri), clock), release);
  return { stream, peer: `ssh ${address}`, secure: true };
};

function currentUser(address: string): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new FerricError('INVALID_OPTIONS', `The user to log in at ${address} is not known`, {
      cause: error,
      details: { address, issues: [{ field: 'uri', problem: 'invalid', expected: 'one with a user: qemu+ssh://root@host/system' }] },
      hint: 'Name the user in the URI: qemu+ssh://root@host/system.',
    });
  }
}
