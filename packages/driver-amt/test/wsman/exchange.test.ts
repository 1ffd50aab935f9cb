import { systemClock } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { type CallProgress, startProgress } from '../../src/client/wsman/call-progress.js';
import type { WsmanRequest } from '../../src/client/wsman/envelope/request.js';
import { createExchange, type Exchange } from '../../src/client/wsman/exchange.js';
import { createFrameRecorder } from '../../src/client/wsman/frames.js';
import { LostAnswer } from '../../src/client/wsman/transport/lost-answer.js';
import type { HttpReply, TransportStep } from '../../src/client/wsman/transport/transport.js';
import { plainAnswer } from './support/answers.js';
import { rejection } from './support/make-client.js';

/** How one request ends: in an answer, or lost in one of the ways that a connection can be lost. */
type End = 'answer' | { readonly written: boolean; readonly received: boolean; readonly reused: boolean };

const UNWRITTEN: End = { written: false, received: false, reused: true };
const UNANSWERED: End = { written: true, received: false, reused: true };

/** An exchange over a transport that ends each request as the script says, after a first one that logs in. */
async function bench(...script: readonly End[]): Promise<{ readonly exchange: Exchange; readonly ask: (request: WsmanRequest) => Promise<unknown>; readonly progress: () => CallProgress | undefined }> {
  const ends: End[] = ['answer', ...script];
  const exchange = createExchange({
    transport: {
      async post({ body }, _signal, note: (step: TransportStep) => void): Promise<HttpReply> {
        note('answer');
        const end = ends.shift() ?? 'answer';
        if (end !== 'answer') throw new LostAnswer(end, new Error('lost'));
        return { status: 200, challenges: [], text: plainAnswer({ body } as Parameters<typeof plainAnswer>[0]) };
      },
      drop: () => undefined,
      connections: 1,
      [Symbol.asyncDispose]: async () => undefined,
    },
    login: { begin: () => undefined, authorize: () => undefined, accepted: () => undefined, refused: () => undefined, proven: true },
    waker: { wake: async () => undefined, answered: () => undefined, wakeAttempts: 0 },
    frames: createFrameRecorder(undefined, systemClock, 'nobody'),
    clock: systemClock,
    requestTimeoutMs: 1000,
  });
  let latest: CallProgress | undefined;
  const ask = async (request: WsmanRequest): Promise<unknown> => {
    latest = startProgress('192.0.2.1:16992', request);
    return exchange.ask(request, latest, new AbortController().signal);
  };
  await ask({ resource: 'CIM_Card', operation: { kind: 'Get' } });
  return { exchange, ask, progress: () => latest };
}

const QUESTION: WsmanRequest = { resource: 'CIM_Card', operation: { kind: 'Get' } };
const CHANGE: WsmanRequest = { resource: 'AMT_BootSettingData', operation: { kind: 'Put', instance: { fields: [] } } };

describe('a request that was lost', () => {
  test.each([
    ['a question, unwritten', QUESTION, UNWRITTEN],
    ['a question, unanswered over a connection that had served before', QUESTION, UNANSWERED],
    ['a change, unwritten', CHANGE, UNWRITTEN],
  ])('is sent once more: %s', async (_name, request, end) => {
    const { exchange, ask } = await bench(end);
    expect(await ask(request)).toMatchObject({ name: request.resource });
    expect([exchange.requests, exchange.repeats]).toEqual([3, 1]);
  });

  test.each<[string, WsmanRequest, End, boolean]>([
    ['a question over a new connection', QUESTION, { ...UNANSWERED, reused: false }, false],
    ['a question that was half answered', QUESTION, { ...UNANSWERED, received: true }, false],
    ['a change that was written', CHANGE, UNANSWERED, true],
    ['a change that was half answered', CHANGE, { ...UNANSWERED, received: true }, true],
  ])('is not sent again: %s', async (_name, request, end, sent) => {
    const { exchange, ask, progress } = await bench(end);
    expect(await rejection(ask(request))).toMatchObject({ code: 'UNREACHABLE' });
    expect([exchange.requests, exchange.repeats, progress()?.sent]).toEqual([2, 0, sent]);
  });

  test.each([QUESTION, CHANGE])('is sent twice at most, and a change that was never written is known not to be made', async (request) => {
    const { exchange, ask, progress } = await bench(UNWRITTEN, UNWRITTEN, UNWRITTEN);
    expect(await rejection(ask(request))).toMatchObject({ code: 'UNREACHABLE' });
    expect([exchange.requests, exchange.repeats, progress()?.sent]).toEqual([3, 1, false]);
  });
});
