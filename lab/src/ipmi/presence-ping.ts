import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Source: DMTF DSP0136, Alert Standard Format 2.0, 3.2.4.3. */
const PRESENCE_PING = Buffer.from('0600ff06000011be80000000', 'hex');
const WAIT_MS = 200;

/** Whether something at this address and port answers a presence ping. */
export async function ping(host: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const patience = AbortSignal.timeout(WAIT_MS);
  try {
    const answered = once(socket, 'message', { signal: patience });
    socket.send(PRESENCE_PING, port, host);
    await answered;
    return true;
  } catch (error) {
    if (patience.aborted) return false;
    throw error;
  } finally {
    socket.close();
  }
}
