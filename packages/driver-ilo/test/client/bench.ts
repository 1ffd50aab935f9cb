import { setTimeout as realDelay } from 'node:timers/promises';
import { FerricError, Secret } from '@ferric/core';
import type { FakeClock } from '@ferric/core/testing';
import { onTestFinished } from 'vitest';
import { createIloClient } from '../../src/client/create-ilo-client.js';
import type { IloClient, IloClientSettings, IloPauses } from '../../src/client/ilo-client.js';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';

/** Short ones, so that a test takes as long as the simulator does. */
const PAUSES: IloPauses = { powerMs: 20, postMs: 50, retryMs: 50, resetMs: 50, updateMs: 50, certificateMs: 50 };

export interface Bench {
  readonly ilo: VirtualIlo;
  readonly client: IloClient;
}

/** A simulated iLO and a client for it; both are gone when the test has finished. */
export async function startBench(options: IloOptions, settings: Partial<IloClientSettings> = {}): Promise<Bench> {
  const ilo = await startIlo({ post: { inPostMs: 60, discoveryCompleteMs: 10 }, ...options });
  onTestFinished(() => ilo[Symbol.asyncDispose]());
  const client = clientOf(ilo, settings);
  return { ilo, client };
}

/** A client for an iLO, closed when the test has finished. */
export function clientOf(ilo: VirtualIlo, settings: Partial<IloClientSettings> = {}): IloClient {
  const client = createIloClient({
    host: ilo.host,
    port: ilo.port,
    username: ilo.username,
    password: new Secret(ilo.password),
    tls: { fingerprint: ilo.fingerprint },
    pauses: PAUSES,
    ...settings,
  });
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<FerricError> {
  const outcome = await call.then((value) => ({ value }), (error: unknown) => ({ error }));
  if ('value' in outcome) throw new Error(`It succeeded with ${JSON.stringify(outcome.value)}`);
  if (!FerricError.is(outcome.error)) throw outcome.error;
  return outcome.error;
}

/** Lets time pass until the call has settled, in steps of so many milliseconds, within some of which an exchange is done. */
export async function passTime<T>(clock: FakeClock, call: PromiseLike<T>, stepMs = 250): Promise<T> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  call.then(settle, settle);
  while (!isSettled) {
    await realDelay(2);
    await clock.advance(stepMs);
  }
  return call;
}
