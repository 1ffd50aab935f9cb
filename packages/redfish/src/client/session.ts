import { abortable, type Deadline, errorCode, FerricError, Secret, throwIfAborted, type Timer, withDeadline } from '@ferric/core';
import { refused } from '../errors/refusal.js';
import { findLink } from '../resource/links.js';
import type { ServiceRoot } from './client-types.js';
import type { ClientSetup, Credentials } from './settings.js';
import type { Transfer, Transferred } from './transfer.js';

/** What lets a request through; empty for requests that need nothing. */
export interface Authorization {
  readonly headers: Readonly<Record<string, Secret>>;
  /** True when a new login may help after a 401. */
  readonly renewable: boolean;
}

/** The one session with the controller, or the credentials where it has no sessions. To be used by the one who has the place in the line. */
export interface SessionKeeper {
  /** Logs in when it is needed. Whoever stops waiting leaves the login running for a while: a session that was opened must be known, or it could not be closed. */
  authorize(signal: AbortSignal): Promise<Authorization>;
  /** The controller does not take this authorization any more: its session is closed, in case the controller still has it. Never rejects. */
  expire(authorization: Authorization): Promise<void>;
  /** Closes the session when there is one. Never rejects. */
  close(): Promise<void>;
  /** Closes it to take it up again when it is needed: one that cannot be closed now, since the controller is away, stays the one to go on with. */
  rest(): Promise<void>;
  readonly counters: SessionCounters;
}

export interface SessionCounters {
  readonly logins: number;
  readonly logouts: number;
  readonly openSessions: number;
  readonly lostSessions: number;
}

interface OpenSession extends Authorization {
  readonly path: string | undefined;
}

const NO_AUTHORIZATION: Authorization = { headers: {}, renewable: false };
/** A controller that is left must not hold up whoever leaves. */
const LOGOUT_TIMEOUT_MS = 5000;
/** How long a login goes on that nobody waits for any more. An answer that is lost must not hold up the next caller for the whole time of a request. */
const ABANDONED_MS = 3000;
/** Answers by which a service says that it has no sessions to log in to. */
const WITHOUT_SESSIONS: ReadonlySet<number> = new Set([404, 405, 501]);
/** Answers by which services refuse a name or a password. */
const WRONG_CREDENTIALS: ReadonlySet<number> = new Set([400, 401, 403]);

export function createSessionKeeper(setup: ClientSetup, transfer: Transfer, readRoot: (signal: AbortSignal) => Promise<ServiceRoot>): SessionKeeper {
  const { address, credentials, authentication, clock, timeoutMs } = setup;
  let open: OpenSession | undefined;
  let opening: Promise<Authorization> | undefined;
  let expiring: Promise<void> | undefined;
  /** Found out: there are no sessions here. */
  let basicOnly = authentication === 'basic';
  const counters = { logins: 0, logouts: 0, lostSessions: 0 };

  const login = async ({ username, password }: Credentials, abandoned: AbortSignal): Promise<Authorization> =>
    withDeadline({ timeoutMs, signal: abandoned }, { what: `login at ${address}`, defaultTimeoutMs: timeoutMs, details: { address }, clock }, async ({ signal }) => {
      const root = await readRoot(signal);
      const collection = findLink(root, 'Sessions');
      if (authentication === 'auto' && (root.style === 'ris' || collection === undefined)) {
        basicOnly = true;
        return basic({ username, password });
      }
      const path = collection ?? '/redfish/v1/SessionService/Sessions/';
      counters.logins += 1;
      const reply = await countLost(transfer.run({ method: 'POST', path, body: { UserName: username, Password: password } }, {}, signal));
      if (WITHOUT_SESSIONS.has(reply.status) && authentication === 'auto') {
        basicOnly = true;
        return basic({ username, password });
      }
      if (reply.status >= 400) throw declinedLogin(reply, password);
      if (reply.token === undefined) {
        counters.lostSessions += 1;
        throw new FerricError('PROTOCOL_FAULT', `The controller at ${address} opened a session without a token`, { details: { address, step: `POST ${path}` } });
      }
      open = { headers: { 'x-auth-token': new Secret(reply.token) }, renewable: true, path: reply.location ?? ownPath(reply.body) };
      return open;
    });

  /** Nothing that the caller asked for was sent yet, so the caller may try again; the session is another matter. */
  const declinedLogin = (reply: Transferred, password: Secret): FerricError => {
    const refusal = { address, method: 'POST', ...reply, secrets: [password] };
    if (refused(refusal).details['sent'] === true) counters.lostSessions += 1;
    return loginRefused(refused({ ...refusal, changes: false }), reply.status);
  };

  /** A login without an answer may have opened a session that nobody can close. */
  const countLost = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (mayHaveOpened(error)) counters.lostSessions += 1;
      throw error;
    }
  };

  const begin = async (own: Credentials, caller: AbortSignal): Promise<Authorization> => {
    const abandoned = new AbortController();
    const running = login(own, abandoned.signal).finally(() => {
      if (opening === running) opening = undefined;
    });
    opening = running;
    try {
      return await abortable(caller, running);
    } catch (error) {
      if (caller.aborted) giveUpLater(running, abandoned);
      throw error;
    }
  };

  const giveUpLater = (running: Promise<unknown>, abandoned: AbortController): void => {
    const timer = clock.after(ABANDONED_MS, () => abandoned.abort(new FerricError('TIMEOUT', `Nobody waits for the login at ${address} any more`, { details: { address } })));
    void running.catch(() => undefined).then(() => timer[Symbol.dispose]());
  };

  const inLogoutTime = async (work: (deadline: Deadline) => Promise<unknown>): Promise<void> => {
    await withDeadline(undefined, { what: `logout at ${address}`, defaultTimeoutMs: LOGOUT_TIMEOUT_MS, clock }, work);
  };

  const close = async (isGoingOn = false): Promise<void> => {
    const running = opening;
    // Who leaves does not wait for a login that gets no answer.
    if (running !== undefined) await inLogoutTime(async () => running).catch(() => undefined);
    await expiring;
    const session = open;
    open = undefined;
    if (session === undefined) return;
    try {
      await logout(session);
    } catch (error) {
      if (isGoingOn && errorCode(error) === 'UNREACHABLE') open ??= session;
      else counters.lostSessions += 1;
    }
  };

  const logout = async ({ path, headers }: OpenSession): Promise<void> => {
    if (path === undefined) throw new FerricError('PROTOCOL_FAULT', 'The session has no path');
    await inLogoutTime(async ({ signal }) => {
      const reply = await transfer.run({ method: 'DELETE', path }, headers, signal);
      // One that is not known any more is closed as well.
      if (reply.status >= 400 && reply.status !== 401 && reply.status !== 404) throw refused({ address, method: 'DELETE', ...reply, secrets: [] });
    });
    counters.logouts += 1;
  };

  const logoutOrLose = async (session: OpenSession): Promise<void> => {
    try {
      await logout(session);
    } catch {
      counters.lostSessions += 1;
    }
  };

  return {
    async authorize(signal) {
      throwIfAborted(signal);
      if (credentials === undefined) return NO_AUTHORIZATION;
      if (basicOnly) return basic(credentials);
      if (open !== undefined) return open;
      // Who began a login that is under way has left. That it fails means something to others only if the credentials are wrong.
      const joined = opening === undefined ? undefined : await abortable(signal, opening).catch((error: unknown) => onlyIfRefused(error, signal));
      if (joined !== undefined) return joined;
      return begin(credentials, signal);
    },
    async expire(authorization) {
      const session = open;
      if (session === undefined || session !== authorization) return;
      open = undefined;
      expiring = logoutOrLose(session);
      await expiring;
      expiring = undefined;
    },
    close: () => close(),
    rest: () => close(true),
    get counters() {
      return { ...counters, openSessions: open === undefined ? 0 : 1 };
    },
  };
}

function onlyIfRefused(error: unknown, signal: AbortSignal): undefined {
  throwIfAborted(signal);
  if (errorCode(error) === 'AUTH_FAILED') throw error;
}

function basic({ username, password }: Credentials): Authorization {
  const pair = Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64');
  return { headers: { authorization: new Secret(`Basic ${pair}`) }, renewable: false };
}

/** Whatever the controller finds wrong with name and password, it is no use to try them again. */
function loginRefused(error: FerricError, status: number): FerricError {
  if (error.code === 'BUSY' || error.code === 'AUTH_FAILED' || !WRONG_CREDENTIALS.has(status)) return error;
  return new FerricError('AUTH_FAILED', error.message, {
    cause: error,
    details: error.details,
    hint: error.hint ?? 'Check user name and password; the controller may delay or lock further logins.',
  });
}

/** The path of the session in its own words, where the header Location is missing. */
function ownPath(body: Readonly<Record<string, unknown>>): string | undefined {
  const id = Object.hasOwn(body, '@odata.id') ? body['@odata.id'] : undefined;
  return typeof id === 'string' && id.startsWith('/') ? id : undefined;
}

function mayHaveOpened(error: unknown): boolean {
  if (!FerricError.is(error)) return true;
  return error.details['sent'] !== false && ['UNREACHABLE', 'TIMEOUT', 'ABORTED', 'PROTOCOL_FAULT'].includes(errorCode(error));
}

/** Calls back when nothing has happened for a time. */
export interface IdleWatch extends Disposable {
  touch(): void;
}

export function watchIdle({ clock, idleMs }: Pick<ClientSetup, 'clock' | 'idleMs'>, idle: () => void): IdleWatch {
  let timer: Timer | undefined;
  const stop = (): void => timer?.[Symbol.dispose]();
  return {
    touch() {
      stop();
      timer = clock.after(idleMs, idle);
    },
    [Symbol.dispose]: stop,
  };
}
