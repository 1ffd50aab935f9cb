import { createInterface } from 'node:readline';
import { programCommand } from '../programs/run-program.js';
import { startChild } from './child.js';
import type { Namespace } from './network-lab.js';

/** One packet as the sink of another namespace saw it. */
export interface RemotePacket {
  readonly from: string;
  readonly mac?: string;
  /** Hexadecimal digits. */
  readonly payload: string;
}

/** A packet sink in another namespace. */
export interface RemoteSink extends AsyncDisposable {
  /** All packets that arrived until now. */
  packets(): Promise<readonly RemotePacket[]>;
}

/** Starts to listen; `host` is `0.0.0.0` or `::`. */
export async function startRemoteSink(namespace: Namespace, host: string, port = 9): Promise<RemoteSink> {
  const child = startChild(...namespace.command(...programCommand('sink', host, String(port))));
  try {
    await child.waitForText('ready');
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  const lines = createInterface({ input: child.process.stdout })[Symbol.asyncIterator]();
  return {
    async packets() {
      child.process.stdin.write('settled\n');
      const { value } = await lines.next();
      return JSON.parse(value as string) as readonly RemotePacket[];
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
