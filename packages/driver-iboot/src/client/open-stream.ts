import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Where a unit listens. */
export interface DxpEndpoint {
  /** IP address or host name. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

/** `192.0.2.7:9100`, `[2001:db8::7]:9100`. */
export function endpointName({ address, port }: DxpEndpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Opens a stream of bytes to a unit; rejects when the signal aborts. */
export type OpenStream = (endpoint: DxpEndpoint, signal: AbortSignal) => Promise<Duplex>;

/** TCP. */
export const openTcpStream: OpenStream = async ({ address, port }, signal) => {
  const socket = connect({ host: address, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  }
};
