import { type Duplex, duplexPair } from 'node:stream';
import { systemError } from './fake-datagrams.js';

/** Two ends of a connection that needs no network: what is written to one is read from the other, in order. */
export interface FakeConnection extends Disposable {
  readonly client: Duplex;
  readonly server: Duplex;
  /** Both ends fail as if the other side had reset the connection (ECONNRESET). */
  reset(): void;
}

/** Makes a connected pair of byte streams, each way buffering as Node's streams do. Disposing it destroys both ends. */
export function createFakeConnection(): FakeConnection {
  const [client, server] = duplexPair();
  return {
    client,
    server,
    reset() {
      for (const end of [client, server]) end.destroy(systemError('ECONNRESET', 'read'));
    },
    [Symbol.dispose]() {
      client.destroy();
      server.destroy();
    },
  };
}
