import { type CallOptions, createClosing, errorCode, withDeadline } from '@ferric/core';
import { leftOpen } from '../errors/left-open.js';
import { lacksPrivilege } from '../errors/message-meanings.js';
import { refused } from '../errors/refusal.js';
import { comparablePath } from '../resource/paths.js';
import type { Resource } from '../resource/resource.js';
import type { ChangeOptions, RedfishClient, RedfishClientSettings, RedfishReply, RedfishRequest, RequestBody } from './client-types.js';
import { changeOnCondition } from './conditional-change.js';
import { createHttpLink } from './http-link.js';
import { createLine } from './line.js';
import { secretsOf } from './masking.js';
import { createRootReader } from './service-root.js';
import { type Authorization, createSessionKeeper, watchIdle } from './session.js';
import { checkSettings } from './settings.js';
import { toResource } from './to-resource.js';
import { createTransfer, READS, type Transferred } from './transfer.js';

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

  const authorized = async (request: RedfishRequest, signal: AbortSignal, attempt: Attempt): Promise<Transferred> => {
    const run = async (authorization: Authorization): Promise<Transferred> => {
      attempt.sent = true;
      return transfer.run(request, authorization.headers, signal);
    };
    try {
      const authorization = await session.authorize(signal);
      const reply = await run(authorization);
      // Another session of the same user has no other privileges.
      if (reply.status !== 401 || !authorization.renewable || isForOthers(reply)) return reply;
      attempt.sent = false;
      await session.expire(authorization);
      return await run(await session.authorize(signal));
    } catch (error) {
      // Nobody who waits may try the same password again.
      if (errorCode(error) === 'AUTH_FAILED') line.dismiss(error);
      throw error;
    }
  };

  const sendOnce = async (request: RedfishRequest, options: CallOptions | undefined, attempt: Attempt): Promise<RedfishReply> =>
    inLine(options, `${request.method} ${request.path}`, async (signal) => {
      const { token: _token, ...reply } = await authorized(request, signal, attempt);
      if (reply.status < 400) return reply;
      const error = refused({
        address,
        method: request.method,
        ...reply,
        retryAfterSeconds: seconds(reply.headers['retry-after']),
        secrets: [...secretsOf(request), ...(credentials === undefined ? [] : [credentials.password])],
      });
      if (reply.status === 401 && !isForOthers(reply)) line.dismiss(error);
      throw error;
    });

  const send = async (request: RedfishRequest, options?: CallOptions): Promise<RedfishReply> => {
    const attempt: Attempt = { sent: false };
    try {
      return await sendOnce(request, options, attempt);
    } catch (error) {
      // The caller's own reason stays what it is.
      const isOpen = attempt.sent && !READS.has(request.method) && options?.signal?.aborted !== true;
      throw isOpen ? leftOpen(error) : error;
    }
  };

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

/** How far a request has come. */
interface Attempt {
  /** True once it may have reached the controller, until that surely declined it. */
  sent: boolean;
}

/** The controller knows the user, who may not do this. */
function isForOthers({ messages }: Pick<Transferred, 'messages'>): boolean {
  return messages.some(({ key }) => lacksPrivilege(key));
}

/** Everything below `/redfish`, in any case of letters. */
function isRedfishPath(path: string): boolean {
  return comparablePath(path).startsWith('/redfish');
}

function seconds(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

