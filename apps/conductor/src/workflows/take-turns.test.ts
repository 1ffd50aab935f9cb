import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Backend } from 'openworkflow/internal';
import { expect, test } from 'vitest';
import { takeTurns } from './take-turns.js';

function recordingBackend(): { readonly backend: Backend; readonly written: string[] } {
  const written: string[] = [];
  const backend = {
    name: 'inner',
    async createStepAttempt(this: { readonly name: string }, parameters: { readonly stepName: string }) {
      written.push(`${this.name} ${parameters.stepName}`);
      if (parameters.stepName === 'bad') throw new Error('disk full');
      return parameters;
    },
    getStepAttempt: async () => null,
  };
  return { backend: backend as unknown as Backend, written };
}

const write = (backend: Backend, stepName: string): Promise<unknown> => backend.createStepAttempt({ stepName } as never);

test('one write goes out in each turn of the event loop, in order', async () => {
  const { backend, written } = recordingBackend();
  const turns = takeTurns(backend);
  const all = Promise.all(['a', 'b', 'c'].map((name) => write(turns, name)));
  const seen: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    await nextTurn();
    seen.push(written.length);
  }
  await all;
  expect(written).toEqual(['inner a', 'inner b', 'inner c']);
  expect(Math.max(...seen.map((count, index) => count - (seen[index - 1] ?? 0)))).toBe(1);
});

test('a write that fails fails alone', async () => {
  const { backend, written } = recordingBackend();
  const turns = takeTurns(backend);
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((name) => write(turns, name)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(written).toHaveLength(3);
});

test('what is built on top is what a write is called on', async () => {
  const { backend, written } = recordingBackend();
  const onTop = Object.create(takeTurns(backend), { name: { value: 'outer' } }) as Backend;
  await write(onTop, 'a');
  expect(written).toEqual(['outer a']);
  expect(await onTop.getStepAttempt({ stepAttemptId: 'x' })).toBeNull();
});
