import { Worker } from 'node:worker_threads';
import { createGate, FerricError, systemClock, withDeadline, type CallOptions, type Clock, type Secret, type Timer } from '@ferric/core';
import type { PasswordQuestion } from './password-worker.js';

/** Compares passwords with bcrypt hashes in a thread of its own, one at a time. */
export interface PasswordChecker extends AsyncDisposable {
  /**
   * Whether the password is the one of the hash. `timeoutMs` defaults to 30000.
   * @throws BUSY when too many wait already, or when its turn did not come in time; ABORTED when the checker was closed; the reason of the signal.
   */
  matches(password: Secret, hash: Secret, options?: CallOptions): Promise<boolean>;
}

export interface PasswordCheckerSettings {
  readonly clock?: Clock;
  /** Checks that may wait. Default 64. */
  readonly queueLimit?: number;
  /** Silence after which the thread ends, to give its memory back. Milliseconds, default 60000. */
  readonly idleMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Built, everything lies in one folder; the tests run the sources. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './password-worker.ts' : './password-worker.js', import.meta.url);

export function createPasswordChecker(settings: PasswordCheckerSettings = {}): PasswordChecker {
  const { clock = systemClock, queueLimit = 64, idleMs = 60_000 } = settings;
  const gate = createGate('password checks', { queueLimit }, clock);
  let worker: Worker | undefined;
  let idle: Timer | undefined;
  let closed = false;

  const end = async (): Promise<void> => {
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };

  const start = (): Worker => {
    // No arguments of this process: they may load what the thread does not need. No environment, which may hold secrets.
    const started = new Worker(PROGRAM, { execArgv: [], env: {}, name: 'password checks' });
    // Whoever waits for an answer hears of a failure; at any other time nobody listens, and it must not end the conductor.
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  };

  const ask = async (question: PasswordQuestion): Promise<boolean> => {
    if (closed) throw closedError();
    idle?.[Symbol.dispose]();
    worker ??= start();
    try {
      return await answerOf(worker, question);
    } catch (error) {
      await end();
      throw closed ? closedError() : error;
    } finally {
      if (!closed) idle = clock.after(idleMs, () => void end());
    }
  };

  return {
    async matches(password, hash, options) {
      const call = { signal: options?.signal, timeoutMs: options?.timeoutMs ?? DEFAULT_TIMEOUT_MS };
      try {
        return await withDeadline(call, { what: 'Checking a password', defaultTimeoutMs: DEFAULT_TIMEOUT_MS, clock }, ({ signal }) =>
          gate.run(() => ask({ password: password.reveal(), hash: hash.reveal() }), { signal }),
        );
      } catch (error) {
        if (!FerricError.is(error) || (error.code !== 'BUSY' && error.code !== 'TIMEOUT')) throw error;
        throw new FerricError('BUSY', 'Too many passwords are being checked at the moment; try again later', { cause: error });
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      idle?.[Symbol.dispose]();
      await end();
    },
  };
}

function closedError(): FerricError {
  return new FerricError('ABORTED', 'The conductor is stopping');
}

/** @throws INTERNAL when the thread ends instead of answering. */
function answerOf(worker: Worker, question: PasswordQuestion): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => settle(() => reject(new FerricError('INTERNAL', 'The thread that checks passwords failed', { cause })));
    const answer = (isRight: boolean): void => settle(() => resolve(isRight));
    const leave = (code: number): void => fail(new Error(`It ended with ${code}`));
    const settle = (outcome: () => void): void => {
      worker.off('message', answer).off('error', fail).off('exit', leave);
      // A thread without work keeps no program from ending.
      worker.unref();
      outcome();
    };
    worker.on('message', answer).on('error', fail).on('exit', leave);
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- windows have origins, threads do not
    worker.postMessage(question);
  });
}
