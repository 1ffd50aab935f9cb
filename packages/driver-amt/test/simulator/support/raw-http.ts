import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** An answer as it came, taken apart by hand. */
export interface RawAnswer {
  readonly status: number;
  /** The lines of the head behind the first. */
  readonly head: readonly string[];
  /** The sizes of the chunks as they were written: `02FA`; empty when the body came in one. */
  readonly chunkSizes: readonly string[];
  readonly body: string;
}

/** A connection that knows nothing of WS-Management: what it is given goes out, what comes is shown. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  send(text: string): void;
  /** All that came and was not taken as an answer. */
  unread(): Buffer;
  /** The next answer; rejects when the connection ends before it is whole. */
  answer(): Promise<RawAnswer>;
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
  /** With TLS. */
  readonly tls?: ConnectionOptions;
}

export async function openRaw({ host, port, tls }: Place): Promise<RawConnection> {
  const socket: Socket = tls === undefined ? connect({ host, port, noDelay: true }) : connectTls({ host, port, rejectUnauthorized: false, ...tls });
  let received: Buffer = Buffer.alloc(0);
  let look: (() => void) | undefined;
  const ended = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    look?.();
  });
  await once(socket, tls === undefined ? 'connect' : 'secureConnect');
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended.resolve();
    look?.();
  });
  return {
    socket,
    send: (text) => void socket.write(text),
    unread: () => received,
    async answer() {
      const whole = Promise.withResolvers<RawAnswer>();
      look = () => {
        const parsed = takeAnswer(received, socket.destroyed);
        if (parsed !== undefined) {
          received = parsed.rest;
          whole.resolve(parsed.answer);
        } else if (socket.destroyed) {
          whole.reject(new Error(`The connection ended after ${received.length} bytes: ${received.toString('latin1').slice(0, 200)}`));
        }
      };
      look();
      try {
        return await whole.promise;
      } finally {
        look = undefined;
      }
    },
    ended: ended.promise,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

function takeAnswer(received: Buffer, hasEnded: boolean): { readonly answer: RawAnswer; readonly rest: Buffer } | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [first = '', ...head] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const start = headEnd + 4;
  if (head.includes('Transfer-Encoding: chunked')) {
    const chunks = takeChunks(received, start);
    return chunks === undefined ? undefined : { answer: { status, head, ...chunks }, rest: received.subarray(chunks.end) };
  }
  const length = Number(head.find((line) => line.startsWith('Content-Length: '))?.slice('Content-Length: '.length) ?? Number.NaN);
  const end = Number.isNaN(length) ? received.length : start + length;
  if (received.length < end || (Number.isNaN(length) && !hasEnded)) return undefined;
  return { answer: { status, head, chunkSizes: [], body: received.toString('utf8', start, end) }, rest: received.subarray(end) };
}

function takeChunks(received: Buffer, start: number): { readonly chunkSizes: readonly string[]; readonly body: string; readonly end: number } | undefined {
  const chunkSizes: string[] = [];
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = received.toString('latin1', at, lineEnd);
    const length = Number.parseInt(size, 16);
    at = lineEnd + 2 + length + 2;
    if (received.length < at) return undefined;
    if (length === 0) return { chunkSizes, body: Buffer.concat(parts).toString('utf8'), end: at };
    chunkSizes.push(size);
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + length));
  }
}

/** A request as a client that knows little would send it. */
export function post(body: string, more: readonly string[] = []): string {
  return ['POST /wsman HTTP/1.1', 'Host: amt', `Content-Length: ${Buffer.byteLength(body)}`, ...more, '', body].join('\r\n');
}
