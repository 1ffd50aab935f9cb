import { createRecordingLogger } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createBackgroundTasks } from './background-tasks.js';

test('a failure is logged and harms nobody; a stop aborts what runs and waits for it', async () => {
  const logger = createRecordingLogger();
  const tasks = createBackgroundTasks(logger);
  const failed = Promise.withResolvers<void>();
  tasks.run('breaks', async () => {
    failed.resolve();
    throw new Error('broken');
  });
  await failed.promise;
  let ended = false;
  tasks.run('waits', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    ended = true;
    throw signal.reason;
  });
  await tasks[Symbol.asyncDispose]();
  expect(ended).toBe(true);
  expect(logger.lines.map(({ level, message }) => ({ level, message }))).toEqual([{ level: 'error', message: 'Background task failed' }]);
});
