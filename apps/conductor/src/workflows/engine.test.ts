import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLogger } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkKind } from '../nodes/stored-node.js';
import { openJournal, pruneJournal } from './backend.js';
import { createWorkflowEngine, type WorkflowEngine } from './engine.js';
import { StepFailure, type WorkHandler, type WorkHandlers } from './journal.js';

let dataDirectory: string;

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'ferric-engine-'));
});

afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

async function engineWith(handler: WorkHandler): Promise<WorkflowEngine> {
  const handlers = new Proxy({}, { get: () => handler }) as WorkHandlers;
  const engine = createWorkflowEngine({ backend: await openJournal({ dataDirectory }), handlers, logger: silentLogger, concurrency: 4, pollIntervalMs: 20 });
  engine.run();
  return engine;
}

/** Changes the journal behind the engine's back, as another conductor or a long time would. */
function changeRuns(assignment: string): void {
  using journal = new DatabaseSync(join(dataDirectory, 'workflows.sqlite'));
  journal.exec(`UPDATE workflow_runs SET ${assignment}`);
}

const order = (key: string, kind: WorkKind = 'deploy') => ({ nodeUuid: 'node', key, kind, input: { a: 1 } });

describe('the workflow engine', () => {
  test('the same key runs once and is found ended afterwards', async () => {
    const runs: string[] = [];
    const ran = Promise.withResolvers<void>();
    await using engine = await engineWith(async (run) => {
      runs.push(run.key);
      ran.resolve();
    });
    expect(await Promise.all([engine.start(order('k')), engine.start(order('k'))])).toEqual(['live', 'live']);
    await ran.promise;
    await expect.poll(() => engine.start(order('k'))).toBe('ended');
    expect(runs).toEqual(['k']);
  });

  test('a finished step is not run again after a stop, the one in flight is', async () => {
    const log: string[] = [];
    const reached = Promise.withResolvers<void>();
    const first = await engineWith(async (run) => {
      await run.step('one', async () => (log.push('one'), 1));
      await run.step('two', async () => {
        log.push('two');
        reached.resolve();
        return new Promise<number>((_resolve, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason as Error)));
      });
    });
    await first.start(order('k'));
    await reached.promise;
    await first[Symbol.asyncDispose]();
    expect(log).toEqual(['one', 'two']);

    const finished = Promise.withResolvers<number>();
    await using _second = await engineWith(async (run) => {
      const one = await run.step('one', async () => (log.push('one again'), 0));
      const two = await run.step('two', async () => (log.push('two again'), 2));
      finished.resolve(one + two);
    });
    expect(await finished.promise).toBe(3);
    expect(log).toEqual(['one', 'two', 'two again']);
  });

  test('a failed step is a result: it is thrown once with its message and not run again', async () => {
    let attempts = 0;
    const failure = Promise.withResolvers<unknown>();
    await using engine = await engineWith(async (run) => {
      await run
        .step('breaks', async () => {
          attempts += 1;
          throw new Error('no disk');
        })
        .catch(failure.resolve);
    });
    await engine.start(order('k'));
    expect(await failure.promise).toEqual(new StepFailure('breaks', 'no disk'));
    await expect.poll(() => engine.start(order('k'))).toBe('ended');
    expect(attempts).toBe(1);
  });

  test('more work than slots is all done', async () => {
    const done = new Set<string>();
    await using engine = await engineWith(async (run) => {
      await run.step('work', async () => null);
      done.add(run.key);
    });
    for (let index = 0; index < 40; index += 1) await engine.start(order(`k${index}`));
    await expect.poll(() => done.size, { timeout: 5000 }).toBe(40);
  });

  test('a key is remembered however old it is', async () => {
    let runs = 0;
    await using engine = await engineWith(async () => {
      runs += 1;
    });
    await engine.start(order('k'));
    await expect.poll(() => engine.start(order('k'))).toBe('ended');
    changeRuns("created_at = '2020-01-01T00:00:00.000Z'");
    expect(await engine.start(order('k'))).toBe('ended');
    expect(runs).toBe(1);
  });

  test('a step that the journal does not take breaks the work off, it is no failed step', async () => {
    const caught = Promise.withResolvers<{ error: unknown; aborted: boolean }>();
    await using engine = await engineWith(async (run) => {
      try {
        await run.step('one', async () => (changeRuns("worker_id = 'another'"), null));
      } catch (error) {
        caught.resolve({ error, aborted: run.signal.aborted });
        throw error;
      }
    });
    await engine.start(order('k'));
    const { error, aborted } = await caught.promise;
    expect(error).not.toBeInstanceOf(StepFailure);
    expect(aborted).toBe(true);
  });

  test('a run that is claimed again ends the execution that was under way here first', async () => {
    const log: string[] = [];
    const begun = Promise.withResolvers<void>();
    await using engine = await engineWith(async (run) => {
      log.push('begins');
      if (log.length > 1) return;
      begun.resolve();
      await new Promise((_resolve, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason as Error))).catch(() => log.push('broken off'));
      run.signal.throwIfAborted();
    });
    await engine.start(order('k'));
    await begun.promise;
    changeRuns("available_at = '2020-01-01T00:00:00.000Z'");
    await expect.poll(() => engine.start(order('k'))).toBe('ended');
    expect(log).toEqual(['begins', 'broken off', 'begins']);
  });

  test('finished runs are forgotten after a week, while the engine runs', async () => {
    await using engine = await engineWith(async (run) => void (await run.step('one', async () => null)));
    await engine.start(order('k'));
    await expect.poll(() => engine.start(order('k'))).toBe('ended');
    const day = 24 * 60 * 60 * 1000;
    expect(await pruneJournal({ dataDirectory }, new Date(Date.now() + 6 * day))).toBe(0);
    expect(await pruneJournal({ dataDirectory }, new Date(Date.now() + 8 * day))).toBe(1);
    using journal = new DatabaseSync(join(dataDirectory, 'workflows.sqlite'));
    expect(journal.prepare('SELECT count(*) AS n FROM step_attempts').get()).toEqual({ n: 0 });
  });
});
