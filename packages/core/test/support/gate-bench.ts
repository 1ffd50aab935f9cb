import { expect } from 'vitest';
import { createGate, type Gate, type GateSettings } from '../../src/gate/gate.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

export const ADDRESS = '192.0.2.1:16992';
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
export const succeed = async (): Promise<string> => 'done';
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (reason: unknown) => reason,
  );

/** An exchange that runs until it is told to end. */
export interface HeldExchange {
  readonly result: Promise<string>;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

/** A gate on a fake clock. */
export interface GateBench {
  readonly clock: FakeClock;
  readonly gate: Gate;
  /** The names of the held exchanges that have started. */
  readonly started: readonly string[];
  readonly hold: (name: string, signal?: AbortSignal) => HeldExchange;
}

export function bench(settings: GateSettings = {}): GateBench {
  const clock = createFakeClock();
  const gate = createGate(ADDRESS, settings, clock);
  const started: string[] = [];
  const hold = (name: string, signal?: AbortSignal): HeldExchange => {
    const end = Promise.withResolvers<string>();
    const result = gate.run(
      () => {
        started.push(name);
        return end.promise;
      },
      { signal },
    );
    result.catch(() => undefined);
    return { result, finish: () => end.resolve(name), fail: (error) => end.reject(error) };
  };
  return { clock, gate, started, hold };
}
