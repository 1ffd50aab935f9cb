import { errorCode } from '@ferric/core';
import { expect, test } from 'vitest';
import { createSharedTask, type SharedTask } from './shared-task.js';

interface Harness {
  readonly task: SharedTask<string>;
  readonly runs: (PromiseWithResolvers<string> & { readonly signal: AbortSignal })[];
}

function harness(): Harness {
  const runs: Harness['runs'] = [];
  const task = createSharedTask((signal) => {
    const run = { ...Promise.withResolvers<string>(), signal };
    runs.push(run);
    return run.promise;
  });
  return { task, runs };
}

const never = new AbortController().signal;

test('those who come while it runs share one run; who comes later starts another', async () => {
  const { task, runs } = harness();
  const both = [task.join(never), task.join(never)];
  runs[0]?.resolve('first');
  expect(await Promise.all(both)).toEqual(['first', 'first']);
  const later = task.join(never);
  expect(runs.length).toBe(2);
  runs[1]?.resolve('second');
  expect(await later).toBe('second');
});

test('who gives up gets the own reason and leaves the others alone', async () => {
  const { task, runs } = harness();
  const caller = new AbortController();
  const reason = Symbol('left');
  const given = task.join(caller.signal).catch((error: unknown) => error);
  const other = task.join(never);
  caller.abort(reason);
  expect(await given).toBe(reason);
  expect(runs[0]?.signal.aborted).toBe(false);
  runs[0]?.resolve('still');
  expect(await other).toBe('still');
});

test('with the last one the run is given up, and a newcomer gets a fresh one', async () => {
  const { task, runs } = harness();
  const caller = new AbortController();
  const given = task.join(caller.signal).catch((error: unknown) => error);
  caller.abort('left');
  expect(await given).toBe('left');
  expect(errorCode(runs[0]?.signal.reason)).toBe('ABORTED');
  const next = task.join(never);
  runs[1]?.resolve('fresh');
  expect([await next, runs.length]).toEqual(['fresh', 2]);
});

test('a failure reaches everybody, and the next one tries again', async () => {
  const { task, runs } = harness();
  const failure = new Error('no');
  const both = [task.join(never), task.join(never)].map((promise) => promise.catch((error: unknown) => error));
  runs[0]?.reject(failure);
  expect(await Promise.all(both)).toEqual([failure, failure]);
  void task.join(never);
  expect(runs.length).toBe(2);
  runs[1]?.resolve('');
});

test('who had given up before starts nothing', async () => {
  const { task, runs } = harness();
  await expect(task.join(AbortSignal.abort('before'))).rejects.toBe('before');
  expect(runs.length).toBe(0);
});
