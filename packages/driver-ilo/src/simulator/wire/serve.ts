import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, delay, type Fault } from '@ferric/core';
import type { Counter } from '../activity.js';
import type { Listener } from './listener.js';
import { serializeReply, type WireReply, type WireRequest } from './reply.js';

/** Longest request that is kept. Firmware is longer, but nobody looks at it. */
const LONGEST_BODY = 1024 * 1024;
const DEFAULT_SLOW_MS = 1000;
const GARBAGE = Buffer.from('de07ffee2a9903de07ffee2a9903', 'hex');

/** What serving needs of the iLO. */
export interface Served {
  readonly counter: Counter;
  readonly clock: Clock;
  readonly listener: () => Listener | undefined;
  takeFault(): Fault | undefined;
  /** Milliseconds that each answer takes besides. */
  delayMs(): number;
  answer(request: WireRequest, fault: Fault | undefined): Promise<WireReply>;
}

/** Serves one request to its end, with the fault that spoils it. Never rejects. */
export async function serve(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const exchange = served.counter.beginExchange();
  const { socket } = request;
  // Also when the connection ends with an answer that was written past it.
  response.once('close', () => exchange[Symbol.dispose]());
  response.once('finish', () => exchange[Symbol.dispose]());
  try {
    const body = await readBody(request);
    const fault = served.takeFault();
    if (fault?.kind === 'reset') return served.listener()?.reset(socket.remotePort);
    if (fault?.kind === 'close') return void socket.end();
    const reply = await served.answer({ method: request.method ?? 'GET', target: request.url ?? '/', headers: request.headers, body }, fault);
    const waitMs = served.delayMs() + (fault?.kind === 'slow' ? (fault.delayMs ?? DEFAULT_SLOW_MS) : 0);
    if (waitMs > 0) await delay(waitMs, { clock: served.clock });
    send(response, reply, fault);
  } catch (error) {
    if (!socket.destroyed && !request.destroyed) throw error;
  }
}

/** What is longer than is kept is read and forgotten. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: WireReply, fault: Fault | undefined): void {
  const { socket } = response;
  if (socket === null || socket.destroyed || fault?.kind === 'silence') return;
  if (fault?.kind === 'garbage') return void socket.write(GARBAGE);
  if (fault?.kind === 'half frame') {
    const whole = serializeReply(reply);
    return void socket.write(whole.subarray(0, Math.floor(whole.length / 2)));
  }
  // The sizes of these chunks are written in a way of their own.
  if (reply.chunks !== undefined) return void socket.end(serializeReply(reply));
  response.writeHead(reply.status, { ...reply.headers });
  response.end(reply.body);
}
