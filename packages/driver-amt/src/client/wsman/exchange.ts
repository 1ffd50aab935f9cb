import { type Clock, type DeadlineSettings, FerricError, MASK, type Secret, throwIfAborted, withDeadline } from '@ferric/core';
import type { CallProgress } from './call-progress.js';
import type { Login } from './digest/login.js';
import { type Reply, readReply } from './envelope/reply.js';
import { actionOf, mayChange, requestName, type WsmanRequest, writeRequest, WSMAN_PATH } from './envelope/request.js';
import { httpStatusError } from './faults/http-status.js';
import { faultError } from './faults/soap-fault.js';
import type { FrameRecorder } from './frames.js';
import { LostAnswer } from './transport/lost-answer.js';
import type { HttpReply, Transport, TransportStep } from './transport/transport.js';
import type { Waker } from './wake.js';
import type { WsmanElement } from './wsman.js';

/** A change goes out only right after an answer: the nonce and the connection were good this long ago at most. Milliseconds. */
const FRESH_MS = 2000;

/** A cheap question that every version answers; asked before a change when nothing was asked for a while. */
const SIGN_OF_LIFE: WsmanRequest = { resource: 'AMT_GeneralSettings', operation: { kind: 'Get' } };

export interface ExchangeParts {
  readonly transport: Transport;
  readonly login: Login;
  readonly waker: Waker;
  readonly frames: FrameRecorder;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
}

/** Asks a device, one request after the other. */
export interface Exchange {
  /**
   * Sends a request and reads what the device answers: the first element of the body, undefined when it is empty. Logs in, and repeats what may be
   * repeated: after 401, which says that nothing was done, everything; after a lost connection what only reads, and what was never written.
   */
  ask(request: WsmanRequest, progress: CallProgress, signal: AbortSignal): Promise<WsmanElement | undefined>;
  /** Requests that were sent, repetitions included. */
  readonly requests: number;
  /** Requests that were sent once more because the connection had been lost. */
  readonly repeats: number;
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { transport, login, waker, frames, clock, requestTimeoutMs } = parts;
  let lastMessage = 0;
  let requests = 0;
  let repeats = 0;
  let answeredAt = Number.NEGATIVE_INFINITY;

  /** One request over the wire and its answer, whatever that is. */
  const post = async (message: Message, progress: CallProgress, signal: AbortSignal): Promise<HttpReply> => {
    const { request, text, messageId } = message;
    const authorization = login.authorize({ method: 'POST', uri: WSMAN_PATH, body: text });
    const note = (step: TransportStep): void => {
      progress.step = step;
      noteSent(message, progress, step === 'answer');
    };
    requests += 1;
    frames.request(request, messageId, authorization !== undefined);
    const limit = { what: `${requestName(request)} at ${progress.address}`, defaultTimeoutMs: requestTimeoutMs, details: progress, clock };
    const reply = await send(limit, signal, async (limited) => transport.post({ body: text, authorization }, limited, note));
    answeredAt = clock.monotonicMs();
    waker.answered();
    frames.reply(request, reply);
    return reply;
  };

  /** Under the deadline of one request. Whoever leaves is answered elsewhere; here the request has left the connection before the next may come. */
  const send = async (limit: DeadlineSettings, signal: AbortSignal, work: (signal: AbortSignal) => Promise<HttpReply>): Promise<HttpReply> => {
    const sending: Promise<HttpReply>[] = [];
    try {
      return await withDeadline({ signal }, limit, async (deadline) => {
        const reply = work(deadline.signal);
        sending.push(reply);
        return reply;
      });
    } finally {
      await Promise.allSettled(sending);
    }
  };

  /** Until the device lets the request in. Ends: refusals are counted by the login, losses here. */
  const postUntilLetIn = async (message: Message, progress: CallProgress, signal: AbortSignal): Promise<HttpReply> => {
    let mayRepeat = true;
    login.begin();
    for (;;) {
      let reply: HttpReply;
      try {
        reply = await post(message, progress, signal);
      } catch (error) {
        if (!(error instanceof LostAnswer)) throw error;
        if (!error.written) noteSent(message, progress, false);
        if (!mayRepeat || !isRepeatable(error, message.changes)) throw lost(error);
        mayRepeat = false;
        repeats += 1;
        continue;
      }
      if (reply.status !== 401) return reply;
      noteSent(message, progress, false);
      login.refused(reply.challenges);
    }
  };

  const answerTo = async (message: Message, progress: CallProgress, signal: AbortSignal): Promise<WsmanElement | undefined> => {
    const reply = await postUntilLetIn(message, progress, signal);
    const answer = read(reply, message);
    if (answer.kind === 'answer') return answer.body;
    // A fault says what became of the request; the error says so where it does not.
    noteSent(message, progress, false);
    throw faultError(answer.fault, message.changes);
  };

  const read = (reply: HttpReply, { messageId, request, changes }: Message): Reply => {
    // A fault comes with many a status; anything else than 200 without an envelope is a page of the web server, which may not have looked at the login.
    if (reply.status === 200) login.accepted();
    else if (!reply.text.includes('Envelope')) throw httpStatusError(reply.status, changes);
    try {
      const answer = readReply(reply.text, { messageId, action: actionOf(request) });
      login.accepted();
      if (reply.status !== 200 && answer.kind !== 'fault') throw httpStatusError(reply.status, changes);
      return answer;
    } catch (error) {
      // What comes next over this connection may answer anything.
      transport.drop();
      throw error;
    }
  };

  const prove = async (progress: CallProgress, signal: AbortSignal): Promise<void> => {
    if (login.proven && clock.monotonicMs() - answeredAt < FRESH_MS) return;
    try {
      await answerTo(prepare(SIGN_OF_LIFE), progress, signal);
    } catch (error) {
      // A fault is an answer too, and what this user may not read says nothing of what he may change.
      if (!FerricError.is(error) || (error.details['subcode'] === undefined && error.code !== 'REFUSED')) throw error;
    }
  };

  const prepare = (request: WsmanRequest): Message => {
    lastMessage += 1;
    const messageId = String(lastMessage);
    return { request, messageId, text: writeRequest(request, messageId, reveal), changes: mayChange(request) };
  };

  return {
    async ask(request, progress, signal) {
      throwIfAborted(signal);
      progress.step = 'wake';
      await waker.wake(signal);
      if (mayChange(request)) await prove(progress, signal);
      return answerTo(prepare(request), progress, signal);
    },
    get requests() {
      return requests;
    },
    get repeats() {
      return repeats;
    },
  };
}

/** @throws INVALID_OPTIONS for a request that cannot be written, before anything is sent. */
export function checkRequest(request: WsmanRequest): void {
  writeRequest(request, '0', () => MASK);
}

interface Message {
  readonly request: WsmanRequest;
  readonly messageId: string;
  readonly text: string;
  readonly changes: boolean;
}

/** A request that only reads says nothing of a change that the same call has made before. */
function noteSent({ changes }: Message, progress: CallProgress, sent: boolean): void {
  if (changes) progress.sent = sent;
}

function reveal(secret: Secret): string {
  return secret.reveal();
}

/**
 * Whether a request whose answer was lost may be sent once more. Devices close idle connections, and the close may cross the request: so a request
 * that only reads is repeated when its connection had served before and no byte of an answer came. A change is repeated only when not a byte of
 * it was written.
 */
function isRepeatable({ written, received, reused }: LostAnswer, changes: boolean): boolean {
  if (received) return false;
  return !written || (reused && !changes);
}

function lost(error: LostAnswer): FerricError {
  return new FerricError('UNREACHABLE', `The device gave no whole answer: ${error.message}`, {
    cause: error.cause,
    details: { received: error.received },
    hint: 'The management engine may be restarting, or something between here and there ends connections.',
  });
}
