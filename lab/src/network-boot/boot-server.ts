import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path answers: a text, bytes, or the file with this path. */
export type BootFile = string | Uint8Array | { readonly file: string };

/** One request, as it came. */
export interface BootRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly userAgent: string | undefined;
  /** What was answered. */
  readonly status: number;
}

/** A web server on 127.0.0.1 for guests, which find it at 10.0.2.2. */
export interface BootServer extends AsyncDisposable {
  /** `http://10.0.2.2:PORT`, as guests see it. */
  readonly guestUrl: string;
  /** `http://127.0.0.1:PORT` */
  readonly hostUrl: string;
  /** In the order in which they came. */
  readonly requests: readonly BootRequest[];
  /** What a path (without query) answers from now on; undefined, also from a function: 404. */
  serve(path: string, answer: BootAnswer): void;
}

export type BootAnswer = BootFile | ((url: string) => BootFile | undefined) | undefined;

/** Starts it. It knows HEAD and ranges of bytes, by which iPXE reads images of disks. */
export async function startBootServer(answers: Readonly<Record<string, BootAnswer>> = {}): Promise<BootServer> {
  const served = new Map(Object.entries(answers));
  const requests: BootRequest[] = [];
  const server = createServer((message, response) => {
    const { method = 'GET', url = '/' } = message;
    const answer = served.get(url.replace(/\?.*/, ''));
    const status = respond(message, response, typeof answer === 'function' ? answer(url) : answer);
    requests.push({ method, url, userAgent: message.headers['user-agent'], status });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    guestUrl: `http://10.0.2.2:${port}`,
    hostUrl: `http://127.0.0.1:${port}`,
    requests,
    serve: (path, answer) => void served.set(path, answer),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends the file, or the part that was asked for, and yields the status. */
function respond(message: IncomingMessage, response: ServerResponse, answer: BootFile | undefined): number {
  if (answer === undefined) {
    response.writeHead(404, { 'content-length': 0 }).end();
    return 404;
  }
  const whole = contentOf(answer);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(message.headers.range ?? '') ?? [];
  const start = Number(first ?? 0);
  const end = last === undefined || last === '' ? whole.length : Math.min(Number(last) + 1, whole.length);
  const status = first === undefined ? 200 : 206;
  response.writeHead(status, {
    'content-length': end - start, 'accept-ranges': 'bytes',
    ...(first === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${whole.length}` }),
  });
  response.end(message.method === 'HEAD' ? undefined : whole.subarray(start, end));
  return status;
}

function contentOf(answer: BootFile): Uint8Array {
  if (typeof answer === 'string') return Buffer.from(answer);
  return answer instanceof Uint8Array ? answer : readFileSync(answer.file);
}
