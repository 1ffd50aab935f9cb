import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { type Clock, delay, type Timer } from '@ferric/core';
import { type HttpRequest, parseHttpRequest } from './http-request.js';

/** What comes of a request: bytes to send, or something less polite. */
export type Outcome =
  | { readonly kind: 'send'; readonly bytes: Buffer; readonly closes: boolean }
  /** Sends this beginning and nothing more; the connection stays open. */
  | { readonly kind: 'stop'; readonly bytes: Buffer }
  | { readonly kind: 'reset' };

/** Where the requests of connections go. */
export interface RequestTaker {
  /** @param gone aborts when the client is gone; the only thing that may make it reject */
  take(request: HttpRequest, gone: AbortSignal): Promise<Outcome>;
  /** The answer to what cannot be taken. */
  refuse(status: number): Buffer;
  /** How long a connection may be idle. Milliseconds. */
  idleMs(): number;
  /** At most so many bytes leave at once. */
  segmentBytes(): number;
}

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
/** Requests that a client sends without waiting for answers. Bytes. */
const MOST_UNREAD_BYTES = 262_144;

/** Serves one connection until either side ends it. It is read all the time, so that a client that leaves is noticed at once. */
export function serveConnection(socket: Socket, taker: RequestTaker, clock: Clock): void {
  const gone = new AbortController();
  let received: Buffer = Buffer.alloc(0);
  let isBusy = false;
  let isOver = false;
  let idle: Timer | undefined;

  const waitForRequest = (): void => {
    idle?.[Symbol.dispose]();
    idle = clock.after(taker.idleMs(), () => socket.end());
  };

  const finish = (bytes: Buffer): void => {
    isOver = true;
    socket.end(bytes);
  };

  const carryOut = async (outcome: Outcome): Promise<void> => {
    if (outcome.kind === 'reset') return void socket.resetAndDestroy();
    const { bytes } = outcome;
    const segment = taker.segmentBytes();
    for (let start = 0; start < bytes.length; start += segment) {
      if (start > 0) await delay(0, { signal: gone.signal });
      socket.write(bytes.subarray(start, start + segment));
    }
    if (outcome.kind === 'stop') isOver = true;
    else if (outcome.closes) finish(Buffer.alloc(0));
    else waitForRequest();
  };

  const serveNext = async (): Promise<void> => {
    while (!isOver && !gone.signal.aborted) {
      const parsed = parseHttpRequest(received);
      if (parsed.kind === 'bad') return finish(taker.refuse(parsed.status));
      if (parsed.kind === 'incomplete') {
        if (parsed.expectsContinue && received.indexOf('\r\n\r\n') === received.length - 4) socket.write(CONTINUE);
        return;
      }
      received = parsed.rest;
      idle?.[Symbol.dispose]();
      await carryOut(await taker.take(parsed.request, gone.signal));
    }
  };

  const serve = async (): Promise<void> => {
    if (isBusy || isOver) return;
    isBusy = true;
    try {
      await serveNext();
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      isBusy = false;
    }
  };

  socket.on('error', () => undefined);
  socket.once('close', () => {
    idle?.[Symbol.dispose]();
    gone.abort();
  });
  socket.on('data', (chunk) => {
    if (isOver) return;
    received = Buffer.concat([received, chunk]);
    if (received.length > MOST_UNREAD_BYTES) return finish(taker.refuse(413));
    void serve();
  });
  waitForRequest();
}
