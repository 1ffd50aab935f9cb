import { type CallOptions, createClosing, errorCode, withDeadline } from '@ferric/core';
import { refused } from '../errors/refusal.js';
import { comparablePath } from '../resource/paths.js';
import type { Resource } from '../resource/resource.js';
import type { ChangeOptions, RedfishClient, RedfishClientSettings, RedfishReply, RedfishRequest, RequestBody } from './client-types.js';
import { changeOnCondition } from './conditional-change.js';
import { createHttpLink } from './http-link.js';
import { createLine } from './line.js';
import { secretsOf } from './masking.js';
import { createRootReader } from './service-root.js';
import { createSessionKeeper, watchIdle } from './session.js';
import { checkSettings } from './settings.js';
import { toResource } from './to-resource.js';
import { createTransfer, type Transferred } from './transfer.js';

/** @throws INVALID_OPTIONS for settings that cannot be used; nothing is connected yet. */
export function createRedfishClient(settings: RedfishClientSettings): RedfishClient {
  const setup = checkSettings(settings);
  const { address, origin, clock, timeoutMs, credentials } = setup;
  const link = createHttpLink({ origin, address, connector: setup.secure ? setup.connector : undefined });
  const line = createLine(address, setup.queueLimit);
  const transfer = createTransfer(link, setup, isRedfishPath);
  const roots = createRootReader(setup, transfer);
  const session = createSessionKeeper(setup, transfer, roots.read);
  const closing = createClosing(`The Redfish client of ${address} was closed`);
  const idle = watchIdle(setup, () => void logoutWhenIdle());

  /** One call in its turn, within its deadline. */
  const inLine = async <T>(options: CallOptions | undefined, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    closing.guard(options, (guarded) =>
      withDeadline(guarded, { what: `${what} at ${address}`, defaultTimeoutMs: timeoutMs, details: { address, step: what }, clock }, async ({ signal }) => {
        using _place = await line.enter(signal);
        idle.touch();
        return await work(signal);
      }),
    );

  const logoutWhenIdle = async (): Promise<void> => {
    if (session.counters.openSessions === 0) return;
    // Somebody came first: the watch begins anew with them. Or the client is closed, which closes the session as well.
    await inLine(undefined, 'logout', async () => session.rest()).catch(() => undefined);
  };

  const authorized = async (request: RedfishRequest, signal: AbortSignal): Promise<Transferred> => {
    try {
      const authorization = await session.authorize(signal);
      const reply = await transfer.run(request, authorization.headers, signal);
      if (reply.status !== 401 || !authorization.renewable) return reply;
      session.expire(authorization);
      return await transfer.run(request, (await session.authorize(signal)).headers, signal);
    } catch (error) {
      // Nobody who waits may try the same password again.
      if (errorCode(error) === 'AUTH_FAILED') line.dismiss(error);
      throw error;
    }
  };

  const send = async (request: RedfishRequest, options?: CallOptions): Promise<RedfishReply> =>
    inLine(options, `${request.method} ${request.path}`, async (signal) => {
      const { token: _token, ...reply } = await authorized(request, signal);
      if (reply.status < 400) return reply;
      const error = refused({
        address,
        method: request.method,
        ...reply,
        retryAfterSeconds: seconds(reply.headers['retry-after']),
        secrets: [...secretsOf(request), ...(credentials === undefined ? [] : [credentials.password])],
      });
      if (reply.status === 401) line.dismiss(error);
      throw error;
    });

  const read = async (path: string, options?: CallOptions): Promise<Resource> => toResource(await send({ method: 'GET', path }, options));

  const condition = (method: 'PATCH' | 'PUT') => async (resource: Resource, body: RequestBody, options: ChangeOptions = {}): Promise<RedfishReply> => {
    const { headers, ...call } = options;
    return changeOnCondition(resource, {
      send: (etag) => send({ method, path: resource.path, body, headers: { ...headers, ...(etag === undefined ? {} : { 'if-match': etag }) } }, call),
      readAgain: () => read(resource.path, call),
    });
  };

  return {
    address,
    clock,
    get counters() {
      return { requests: transfer.requests, ...session.counters };
    },
    send,
    read,
    change: condition('PATCH'),
    replace: condition('PUT'),
    post: (path, body, options) => send({ method: 'POST', path, body }, options),
    remove: (path, options) => send({ method: 'DELETE', path }, options),
    root: async (options) => roots.known() ?? inLine(options, 'the service root', roots.read),
    forget: roots.forget,
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      idle[Symbol.dispose]();
      await session.close();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** Everything below `/redfish`, in any case of letters. */
function isRedfishPath(path: string): boolean {
  return comparablePath(path).startsWith('/redfish');
}

function seconds(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

