import { FerricError, type FerricErrorCode } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { openTask } from '../../src/nodes/node-task.js';
import { outlastOutage } from '../../src/workflows/controller-outage.js';
import { createOwnContext } from '../support/conductor-context.js';

const KEY = 'the-work';

/** Runs a part that fails so often with this error; its controller answers all the time. @returns how often it ran, and what came of it */
async function run(thrown: Error, failures: number, outagePatienceMs = 900_000): Promise<{ readonly runs: number; readonly outcome: unknown; readonly told: number }> {
  await using own = await createOwnContext();
  const context = { ...own.context, settings: { ...own.context.settings, outagePatienceMs } };
  const node = await own.add({}, { provisionState: 'cleaning', work: { kind: 'clean', key: KEY, input: {}, requestedAt: new Date(), requestedBy: 'test' }, reservation: 'test' });
  const { signal } = new AbortController();
  await using opened = await openTask(context, node, signal);
  let runs = 0;
  const part = async (): Promise<string> => {
    runs += 1;
    if (runs <= failures) throw thrown;
    return 'done';
  };
  const held = { context, opened, run: { nodeUuid: node.uuid, key: KEY, input: {}, signal, step: async (_name: string, work: () => Promise<never>) => work() } };
  const outcome = await outlastOutage(held, 'a part', part).catch((reason: unknown) => reason);
  const events = await context.store.events.latest(node.uuid, { limit: 100 });
  return { runs, outcome, told: events.filter(({ type }) => type === 'work-progressed').length };
}

const failure = (code: FerricErrorCode, details = {}, retryable?: boolean): FerricError =>
  new FerricError(code, 'It failed', { details, ...(retryable === undefined ? {} : { retryable }) });

describe('a part that fails while its controller answers', () => {
  test.each<[string, FerricError]>([
    ['silence', failure('UNREACHABLE')], ['a deadline that passed', failure('TIMEOUT')], ['a controller that was busy', failure('BUSY')],
    ['a change that was not confirmed', failure('UNREACHABLE', { sent: true }, false)],
  ])('is done anew once after %s, which nobody is told of', async (_name, error) => {
    expect(await run(error, 1)).toEqual({ runs: 2, outcome: 'done', told: 0 });
    expect(await run(error, 2)).toEqual({ runs: 2, outcome: error, told: 0 });
  });

  test.each<[string, Error]>([
    ['a command that is to be sent once', failure('UNREACHABLE', { sent: true, once: true }, false)], ['a refusal', failure('REFUSED')],
    ['a wrong password', failure('AUTH_FAILED')], ['a failure that says that it stays', failure('TIMEOUT', {}, false)], ['a defect', new Error('a defect')],
  ])('is not done anew after %s', async (_name, error) => {
    expect(await run(error, 1)).toEqual({ runs: 1, outcome: error, told: 0 });
  });

  test('is not done anew where the operator wants none of it', async () => {
    const error = failure('UNREACHABLE');
    expect(await run(error, 1, 0)).toMatchObject({ runs: 1, outcome: error });
  });
});
