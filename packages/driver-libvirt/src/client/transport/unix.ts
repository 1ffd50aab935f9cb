import { abortable, FerricError, throwIfAborted } from '@ferric/core';
import { access } from 'node:fs/promises';
import type { LibvirtUri } from '../uri.js';
import { systemCode, unreachable } from './connect-errors.js';
import { connectSocket } from './connect.js';
import type { OpenTransport } from './transport.js';

const START_DAEMON = 'Start libvirtd (or virtqemud.socket and its like), or name the right socket with socket= in the URI.';

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Add the user of this process to the group libvirt, or run it as a user that may use the socket.',
  EPERM: 'Add the user of this process to the group libvirt, or run it as a user that may use the socket.',
  ECONNREFUSED: `The socket is there, but no daemon behind it. ${START_DAEMON}`,
};

/** Opens a socket of this machine: the first candidate of the URI that exists. @throws UNREACHABLE, the abort reason. */
export const openUnix: OpenTransport = async (uri, { signal, logger }) => {
  const path = await chooseSocket(uri, signal);
  const peer = `unix ${path}`;
  logger.debug({ address: uri.address, path }, 'Connecting to the socket of the libvirt daemon');
  try {
    return { stream: await connectSocket({ path }, signal), peer, secure: true };
  } catch (error) {
    throwIfAborted(signal);
    throw unreachable(uri.address, peer, error, HINTS[systemCode(error) ?? ''] ?? START_DAEMON);
  }
};

async function chooseSocket({ sockets, address }: LibvirtUri, signal: AbortSignal): Promise<string> {
  const [only] = sockets;
  // A single one is told by the attempt to use it.
  if (only !== undefined && sockets.length === 1) return only;
  for (const socket of sockets) if (await abortable(signal, exists(socket))) return socket;
  throw new FerricError('UNREACHABLE', `No libvirt daemon runs on this machine: there is none of the sockets ${sockets.join(', ')}`, {
    details: { address, sockets: [...sockets] },
    hint: START_DAEMON,
  });
}

/** True also for what this user may not look at: using it then tells why. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
  }
}
