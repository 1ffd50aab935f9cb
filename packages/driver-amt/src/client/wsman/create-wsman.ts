import { type CallOptions, createClosing, createGate, errorCode, FerricError, systemClock, throwIfAborted, withDeadline } from '@ferric/core';
import { createTlsConnector, type TlsConnector } from '@ferric/core/tls';
import { type CallProgress, explain, startProgress } from './call-progress.js';
import { createLogin } from './digest/login.js';
import { enumerateAll, expectElement } from './enumerate.js';
import { readReference } from './envelope/reference.js';
import { requestName, type WsmanOperation, type WsmanRequest } from './envelope/request.js';
import { checkRequest, createExchange } from './exchange.js';
import { createFrameRecorder } from './frames.js';
import { addressOf, checkSettings, type WsmanSettings } from './settings.js';
import { createOpenSocket } from './transport/connect.js';
import { createTransport } from './transport/transport.js';
import { createWaker } from './wake.js';
import type { Wsman, WsmanElement, WsmanReference } from './wsman.js';

/** Time in which a list that nobody wants any more is given back to the device. Milliseconds. */
const RELEASE_MS = 2000;

/** Reasons to stop after which no list is given back: the device is silent, or the client is being closed. */
const UNRELEASED: ReadonlySet<string> = new Set(['TIMEOUT', 'ABORTED']);

/** What a client did so far. */
export interface WsmanCounters {
  /** Connections that were made. */
  readonly connections: number;
  /** Requests that were sent, repetitions included. */
  readonly requests: number;
  /** Requests that were sent once more because the connection had been lost. */
  readonly repeats: number;
  /** Connections that were tried to wake the management engine. */
  readonly wakeAttempts: number;
}

/** {@link Wsman} over HTTP or TLS. */
export interface WsmanClient extends Wsman {
  readonly counters: WsmanCounters;
}

/** What a client is made of, for those who have it already. */
export interface WsmanParts {
  /** Default: one for this client alone, made from its settings. */
  readonly tlsConnector?: TlsConnector | undefined;
}

type Ask = (operation: WsmanOperation, selectors?: WsmanRequest['selectors']) => Promise<WsmanElement | undefined>;

/** What a call does once it is its turn. */
type Work<T> = (call: { readonly ask: Ask; readonly signal: AbortSignal }) => Promise<T>;

/**
 * Makes a client of one device; knows nothing of nodes and drivers. It connects when first used, keeps one connection at most and sends one request
 * at a time; calls wait for each other, 32 at most, the next is refused as BUSY. Credentials that were refused are not tried again by the same client.
 *
 * Errors carry in their details: `address`, `resource`, `operation`, `step` (what was waited for), `sent`: true when a request that may change the
 * device may have been carried out, since no answer says otherwise, so that the state must be read before anything is repeated; such an error is not
 * retryable. Such a request is never sent twice by the client itself once a byte of it was written, unless the device answered 401.
 * @throws INVALID_OPTIONS for settings that cannot be used, naming each; the password is not shown.
 */
export function createWsman(settings: WsmanSettings, parts: WsmanParts = {}): WsmanClient {
  const checked = checkSettings(settings);
  const { clock = systemClock } = settings;
  const address = addressOf(checked);
  const tlsConnector = parts.tlsConnector ?? createTlsConnector({ ...settings.tls, clock });
  const transport = createTransport({ ...checked, open: createOpenSocket({ ...checked, address, clock }, tlsConnector) });
  const login = createLogin({ ...checked, address });
  const waker = createWaker({ ...checked, address, clock });
  const frames = createFrameRecorder(settings.transcript, clock, `${checked.protocol === 'https' ? 'tls' : 'tcp'} ${address}`);
  const exchange = createExchange({ transport, login, waker, frames, clock, requestTimeoutMs: checked.requestTimeoutMs });
  // A queue only: whether a device that fails is left alone for a while is for those who watch it.
  const gate = createGate(address, { breakAfter: Number.MAX_SAFE_INTEGER }, clock);
  const closing = createClosing(`The client of ${address} was closed`);

  const perform = async <T>(request: WsmanRequest, options: CallOptions | undefined, work: Work<T>): Promise<T> => {
    throwIfAborted(options?.signal);
    checkRequest(request);
    const progress = startProgress(address, request);
    const limit = { what: `${requestName(request)} at ${address}`, defaultTimeoutMs: checked.callTimeoutMs, details: progress, clock };
    try {
      return await closing.guard(options, async (guarded) =>
        withDeadline(guarded, limit, async ({ signal }) => gate.run(async (turn) => work({ signal: turn, ask: asking(request.resource, progress, turn) }), { signal })),
      );
    } catch (error) {
      if (options?.signal?.aborted === true && error === options.signal.reason) throw error;
      throw explain(error, request, progress);
    }
  };

  const asking =
    (resource: string, progress: CallProgress, signal: AbortSignal): Ask =>
    async (operation, selectors) =>
      exchange.ask({ resource, operation, selectors }, progress, signal);

  /** Gives a context back, but only to a device that answers and did not give it up itself, and not while the client is being closed. */
  const release = async (resource: string, context: string, error: unknown, signal: AbortSignal): Promise<void> => {
    const left = signal.aborted && !UNRELEASED.has(errorCode(signal.reason));
    if (!left && errorCode(error) !== 'PROTOCOL_FAULT') return;
    const request: WsmanRequest = { resource, operation: { kind: 'Release', context } };
    const limit = { what: 'Release', defaultTimeoutMs: RELEASE_MS, clock };
    // The caller has left, or is about to get the error of the list itself.
    await withDeadline({}, limit, async (deadline) => exchange.ask(request, startProgress(address, request), deadline.signal)).catch(() => undefined);
  };

  const single = async (request: WsmanRequest, options: CallOptions | undefined): Promise<WsmanElement> =>
    perform(request, options, async ({ ask }) => expectElement(await ask(request.operation, request.selectors)));

  return {
    async get(resource, options) {
      return single({ resource, operation: { kind: 'Get' }, selectors: options?.selectors }, options);
    },
    async enumerate(resource, options) {
      return perform({ resource, operation: { kind: 'Enumerate' } }, options, async ({ ask, signal }) =>
        enumerateAll(ask, async (context, error) => release(resource, context, error, signal)),
      );
    },
    async put(resource, instance, options) {
      const operation = { kind: 'Put', instance } as const;
      return perform({ resource, operation, selectors: options?.selectors }, options, async ({ ask }) => {
        const answer = await ask(operation, options?.selectors);
        // WS-Transfer, section 3.2: a device need not send what it made of the instance.
        return answer ?? expectElement(await ask({ kind: 'Get' }, options?.selectors));
      });
    },
    async create(resource, instance, options) {
      const request = { resource, operation: { kind: 'Create', instance } } as const;
      return perform(request, options, async ({ ask }): Promise<WsmanReference> => {
        const created = expectElement(await ask(request.operation), 'ResourceCreated');
        const reference = readReference(created);
        if (reference === undefined) throw new FerricError('PROTOCOL_FAULT', 'The answer does not say what was created');
        return reference;
      });
    },
    async delete(resource, options) {
      const operation = { kind: 'Delete' } as const;
      await perform({ resource, operation, selectors: options.selectors }, options, async ({ ask }) => ask(operation, options.selectors));
    },
    async invoke(resource, method, input, options) {
      return single({ resource, operation: { kind: 'Invoke', method, input }, selectors: options?.selectors }, options);
    },
    get counters() {
      return { connections: transport.connections, requests: exchange.requests, repeats: exchange.repeats, wakeAttempts: waker.wakeAttempts };
    },
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
    },
  };
}
