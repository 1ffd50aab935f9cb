import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** One request as it came over the wire. */
export interface ReceivedRequest {
  /** Counted from 0 over all connections. */
  readonly index: number;
  /** Counted from 0. */
  readonly connection: number;
  readonly startLine: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The head as it came. */
  readonly head: string;
  readonly body: string;
}

/** Answers one request by writing to the socket, closing it, or not at all. */
export type Answer = (request: ReceivedRequest, socket: Socket) => void | Promise<void>;

/** A TCP server of bytes, that knows of HTTP only where a request ends. */
export interface RawDevice extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that came, those without a request included. */
  readonly connections: number;
  readonly openConnections: number;
  /** Resolves when a request number `count` (from 1) has come. */
  received(count: number): Promise<void>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
}

export async function startRawDevice(answer: Answer, onConnection?: (socket: Socket) => void): Promise<RawDevice> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let connections = 0;
  const tell = (): void => {
    for (const look of waiting) look();
  };
  const until = async (reached: () => boolean): Promise<void> => {
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (reached()) done.resolve();
    };
    waiting.add(look);
    look();
    await done.promise;
    waiting.delete(look);
  };

  const server = createServer({ noDelay: true }, (socket) => {
    const connection = connections;
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      tell();
    });
    socket.on('error', () => undefined);
    let buffered = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let taken = takeRequest(buffered); taken !== undefined; taken = takeRequest(buffered)) {
        buffered = buffered.subarray(taken.length);
        const request = { ...taken.request, index: requests.length, connection };
        requests.push(request);
        void answer(request, socket);
        tell();
      }
    });
    onConnection?.(socket);
    tell();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    received: async (count) => until(() => requests.length >= count),
    quiet: async () => until(() => sockets.size === 0),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function takeRequest(bytes: Buffer): { readonly request: Omit<ReceivedRequest, 'index' | 'connection'>; readonly length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const length = headEnd + 4 + Number(headers.get('content-length') ?? 0);
  if (bytes.length < length) return undefined;
  return { request: { startLine, headers, head, body: bytes.subarray(headEnd + 4, length).toString('utf8') }, length };
}
