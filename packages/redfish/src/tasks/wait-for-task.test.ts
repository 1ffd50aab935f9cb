import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createRedfishClient } from '../client/redfish-client.js';
import { failure } from '../../test/support/failure.js';
import { type Answer, startService } from '../../test/support/scripted-service.js';
import { extendedInfo, table } from '../../test/support/tables.js';
import type { Task } from './task.js';
import { waitForTask } from './wait-for-task.js';

const MONITOR = '/redfish/v1/TaskMonitor/1';
const TASK = '/redfish/v1/TaskService/Tasks/1';
const task = (TaskState: string, more: object = {}): Answer => ({ body: { '@odata.id': TASK, TaskState, ...more } });

/** Starts something at a service whose looks at `path` have these answers, and waits for its end with time passing. */
async function run(started: Answer, path: string, answers: readonly Answer[], timeoutMs?: number) {
  await using service = await startService(table({ 'POST /start': started, [`GET ${path}`]: answers }));
  const clock = createFakeClock();
  await using client = createRedfishClient({ url: service.url, clock });
  const seen: (readonly [string, number | undefined])[] = [];
  const onProgress = ({ state, percent }: Task): void => void seen.push([state, percent]);
  const reply = await client.post('/start', {});
  let over = false;
  const end = waitForTask(client, reply, { what: 'update', onProgress, ...(timeoutMs === undefined ? {} : { timeoutMs }) }).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  void end.then(() => (over = true));
  while (!over) {
    await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(1000);
  }
  return { ...(await end), seen, looks: service.steps.filter((step) => step.startsWith('GET')).length };
}

describe('waitForTask', () => {
  test('what is done at once needs no waiting', async () => {
    const { value, looks } = await run({ status: 200, body: extendedInfo('Base.1.4.Success') }, MONITOR, []);
    expect([value?.task, value?.reply.status, looks]).toEqual([undefined, 200, 0]);
  });

  test('a task is looked at until it ends', async () => {
    const { value, seen, looks } = await run({ ...task('New'), status: 202 }, TASK, [task('Running', { PercentComplete: 40 }), task('Running', { PercentComplete: 80 }), task('Completed', { TaskStatus: 'OK', PercentComplete: 100 })]);
    expect(value?.task).toMatchObject({ state: 'Completed', outcome: 'done', percent: 100, path: TASK });
    expect([seen, looks]).toEqual([[['New', undefined], ['Running', 40], ['Running', 80], ['Completed', 100]], 3]);
  });

  test('a monitor is asked until it says something else than 202', async () => {
    const { value, looks } = await run({ status: 202, headers: { location: MONITOR } }, MONITOR, [{ status: 202 }, { status: 202 }, { status: 200, body: { Id: 'made' } }]);
    expect([value?.reply.body, looks]).toEqual([{ Id: 'made' }, 3]);
  });

  test('a monitor that is the task itself', async () => {
    const { value } = await run({ status: 202, headers: { location: TASK } }, TASK, [task('Running'), task('Completed')]);
    expect(value?.task?.outcome).toBe('done');
  });

  test.each([
    { state: 'Exception', more: { Messages: [{ MessageId: 'iLO.2.14.FirmwareFlashAlreadyInProgress' }] }, error: { code: 'BUSY', message: expect.stringContaining('another firmware update is running') as string } },
    { state: 'Killed', more: {}, error: { code: 'REFUSED', details: { taskState: 'Killed' } } },
    { state: 'Cancelled', more: { Messages: [{ MessageId: 'X.1.Y', Message: 'Somebody stopped it.' }] }, error: { code: 'REFUSED', message: expect.stringContaining('Somebody stopped it') as string } },
    { state: 'Completed', more: { TaskStatus: 'Critical' }, error: { code: 'REFUSED' } },
  ])('a task that ends as $state fails', async ({ state, more, error: expected }) => {
    const { error } = await run({ ...task('New'), status: 202 }, TASK, [task(state, more)]);
    expect(error).toMatchObject(expected);
  });

  test('a monitor that ends with a refusal fails', async () => {
    const { error } = await run({ status: 202, headers: { location: MONITOR } }, MONITOR, [{ status: 202 }, { status: 400, body: extendedInfo('Base.1.4.PropertyUnknown', ['x']) }]);
    expect(error).toMatchObject({ code: 'REFUSED', details: { status: 400 } });
  });

  test('a controller that restarts in between is waited for', async () => {
    const { value } = await run({ status: 202, headers: { location: MONITOR } }, MONITOR, [{ status: 503 }, { instead: 'reset' }, { instead: 'reset' }, { instead: 'reset' }, { instead: 'reset' }, { status: 204 }]);
    expect(value?.reply.status).toBe(204);
  });

  test('a task that is forgotten says nothing about its end', async () => {
    const { error } = await run({ status: 202, headers: { location: MONITOR } }, MONITOR, [{ status: 202 }, { status: 404 }]);
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('has forgotten the task') as string });
  });

  test('the deadline ends the wait', async () => {
    const { error, looks } = await run({ ...task('New'), status: 202 }, TASK, [task('Running')], 12_000);
    // The task goes on: what started it must not be sent again.
    expect([error, looks]).toEqual([expect.objectContaining({ code: 'TIMEOUT', retryable: false }), 2]);
  });

  test('the pause is longer when the controller asks for it', async () => {
    const { looks, error } = await run({ status: 202, headers: { location: MONITOR, 'retry-after': '20' } }, MONITOR, [{ status: 202, headers: { 'retry-after': '20' } }], 45_000);
    expect([looks, error]).toEqual([2, expect.objectContaining({ code: 'TIMEOUT' })]);
  });

  test('a caller who leaves ends it', async () => {
    await using service = await startService(table({ 'POST /start': { status: 202, headers: { location: MONITOR } } }));
    const clock = createFakeClock();
    await using client = createRedfishClient({ url: service.url, clock });
    const caller = new AbortController();
    const end = failure(waitForTask(client, await client.post('/start', {}), { what: 'x', signal: caller.signal }));
    caller.abort('left');
    expect(await end).toBe('left');
  });
});
