import { startChild } from './child.js';
import type { Namespace } from './network-lab.js';
import { findTool } from './tools.js';

/** Frames that passed an interface, as tcpdump saw them. */
export interface Capture extends AsyncDisposable {
  readonly frames: readonly Uint8Array[];
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** Starts tcpdump on an interface. `filter` as in pcap-filter(7): `udp port 9`. Resolves when it listens. */
export async function startCapture(namespace: Namespace, interfaceName: string, filter: string): Promise<Capture> {
  const child = startChild(...namespace.command(findTool('tcpdump'), '-Z', 'root', '--immediate-mode', '-i', interfaceName, '-U', '-w', '-', filter));
  const frames: Uint8Array[] = [];
  let unread = Buffer.alloc(0);
  let headerRead = false;
  child.process.stdout.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    if (!headerRead && unread.length >= FILE_HEADER_BYTES) {
      unread = unread.subarray(FILE_HEADER_BYTES);
      headerRead = true;
    }
    // Record: seconds, fraction, captured length, length on the wire; four numbers of this machine's byte order.
    while (headerRead && unread.length >= RECORD_HEADER_BYTES) {
      const end = RECORD_HEADER_BYTES + unread.readUInt32LE(8);
      if (unread.length < end) break;
      frames.push(Uint8Array.from(unread.subarray(RECORD_HEADER_BYTES, end)));
      unread = unread.subarray(end);
    }
  });
  try {
    await child.waitForText('listening on');
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  return { frames, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}
