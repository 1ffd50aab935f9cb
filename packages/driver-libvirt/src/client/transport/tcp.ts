import { throwIfAborted } from '@ferric/core';
import type { Socket } from 'node:net';
import type { LibvirtUri } from '../uri.js';
import { unreachable } from './connect-errors.js';
import { connectSocket } from './connect.js';
import type { OpenTransport, TransportContext } from './transport.js';

/** A TCP connection to the host of the URI, without delay for small messages. @throws UNREACHABLE with that hint, the abort reason. */
export async function connectHost(uri: LibvirtUri, { signal }: TransportContext, hint: string): Promise<Socket> {
  const { host = 'localhost', port = 0, address, transport } = uri;
  try {
    const socket = await connectSocket({ host, port }, signal);
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    throwIfAborted(signal);
    throw unreachable(address, `${transport} ${address}`, error, hint);
  }
}

const HINT = 'Check host and port, and that the daemon listens for TCP there: systemctl start libvirtd-tcp.socket (or virtproxyd-tcp.socket).';

/** Plain TCP: whoever is on the way can read and change everything, unless SASL protects it. @throws UNREACHABLE, the abort reason. */
export const openTcp: OpenTransport = async (uri, context) => ({
  stream: await connectHost(uri, context, HINT),
  peer: `tcp ${uri.address}`,
  secure: false,
});
