import { setImmediate as nextTurn } from 'node:timers/promises';
import { FerricError, type FerricErrorCode, type JsonObject } from '@ferric/core';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import type { ConductorContext } from '../../src/nodes/conductor-context.js';
import { giveUpHeldWork, HELD_UP, isToBeGivenUp, readHold } from '../../src/nodes/held-up.js';
import { openTask, type OpenTask } from '../../src/nodes/node-task.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import { outlastOutage } from '../../src/workflows/controller-outage.js';
import { finishWork } from '../../src/workflows/finish.js';
import { createOwnContext } from '../support/conductor-context.js';

const KEY = 'the-work';
const WHAT = 'a part';
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const failure = (code: FerricErrorCode, details = {}, retryable?: boolean): FerricError =>
  new FerricError(code, 'It failed', { details, ...(retryable === undefined ? {} : { retryable }) });

/** What happens at each call: undefined is success. */
type Fails = (attempt: number, at: Scene) => Promise<Error | undefined> | Error | undefined;

interface Scene extends AsyncDisposable {
  readonly context: ConductorContext;
  readonly clock: FakeClock;
  readonly node: StoredNode;
  /** How often the part ran, and when each time; milliseconds since the beginning. */
  readonly runs: number[];
  /** The same for looks at the controller. */
  readonly looks: number[];
  record(): Promise<StoredNode>;
  askToAbort(): Promise<boolean>;
  /** Does the part under a controller, as work does that begins, or begins again after a crash. */
  outlast(part: Fails, controller: Fails): Promise<unknown>;
  told(): Promise<readonly string[]>;
}

async function openScene(outagePatienceMs = 15 * MINUTE, held?: (clock: FakeClock) => JsonObject): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const own = stack.use(await createOwnContext());
  const clock = createFakeClock();
  const context = { ...own.context, clock, settings: { ...own.context.settings, outagePatienceMs } };
  const node = await own.add({}, {
    provisionState: 'cleaning', work: { kind: 'clean', key: KEY, input: {}, requestedAt: clock.now(), requestedBy: 'test' }, reservation: 'test',
    ...(held === undefined ? {} : { driverInternalInfo: { [HELD_UP]: held(clock) } }),
  });
  const record = async (): Promise<StoredNode> => {
    const found = await context.store.nodes.get(node.uuid);
    expect.assert(found !== undefined);
    return found;
  };
  const owned = stack.move();
  const scene: Scene = {
    context, clock, node, record, runs: [], looks: [],
    askToAbort: () => giveUpHeldWork(context, node.uuid, { version: 82, signal: new AbortController().signal } as Parameters<typeof giveUpHeldWork>[2]),
    async outlast(part, controller) {
      const { signal } = new AbortController();
      await using opened = await openTask(context, await record(), signal);
      const read: OpenTask['device']['power']['read'] = async () => {
        const fails = await controller(scene.looks.push(clock.monotonicMs()), scene);
        if (fails !== undefined) throw fails;
        return { state: 'power on', source: 'device', at: clock.now() };
      };
      const device = { ...opened.device, power: { targets: opened.device.power.targets, set: () => Promise.reject(new Error('nothing is to be set')), read } };
      const run = { nodeUuid: node.uuid, key: KEY, input: {}, signal, step: async (_name: string, work: () => Promise<never>) => work() };
      let isOver = false;
      const outcome = outlastOutage({ context, opened: { ...opened, device, task: opened.task }, run }, WHAT, async () => {
        const fails = await part(scene.runs.push(clock.monotonicMs()), scene);
        if (fails !== undefined) throw fails;
        return 'done';
      }).catch((reason: unknown) => reason).finally(() => void (isOver = true));
      while (!isOver) {
        if (clock.pendingTimers > 0) await clock.advance(SECOND);
        else await nextTurn();
      }
      return await outcome;
    },
    async told() {
      const events = await context.store.events.latest(node.uuid, { limit: 100 });
      return events.filter(({ type }) => type === 'work-progressed').map(({ message }) => message);
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
  return scene;
}

const answers: Fails = () => undefined;
const times = (count: number, error: Error): Fails => (attempt) => (attempt <= count ? error : undefined);
const silentUntil = (endMs: number): Fails => (_attempt, { clock }) => (clock.monotonicMs() < endMs ? failure('UNREACHABLE') : undefined);

describe('a part that fails while its controller answers', () => {
  test.each<[string, FerricError]>([
    ['silence', failure('UNREACHABLE')], ['a controller that was busy', failure('BUSY')], ['a change that was not confirmed', failure('UNREACHABLE', { sent: true }, false)],
    // It may have been away all the time, and have come back just now.
    ['a deadline that passed', failure('TIMEOUT')],
  ])('is done anew once after %s and a pause, which nobody is told of', async (_name, error) => {
    await using once = await openScene();
    expect(await once.outlast(times(1, error), answers)).toBe('done');
    expect([once.runs, await once.told()]).toEqual([[0, 5 * SECOND], []]);
    await using twice = await openScene();
    expect(await twice.outlast(times(2, error), answers)).toBe(error);
    expect([twice.runs, await twice.told()]).toEqual([[0, 5 * SECOND], []]);
  });

  test.each<[string, Error]>([
    ['a command that is to be sent once', failure('UNREACHABLE', { sent: true, once: true }, false)], ['a refusal', failure('REFUSED')],
    ['a wrong password', failure('AUTH_FAILED')], ['a failure that says that it stays', failure('TIMEOUT', {}, false)], ['a defect', new Error('a defect')],
  ])('is not done anew after %s', async (_name, error) => {
    await using scene = await openScene();
    expect(await scene.outlast(times(1, error), answers)).toBe(error);
    expect([scene.runs, await scene.told()]).toEqual([[0], []]);
  });

  test('is not done anew where the operator wants none of it', async () => {
    const error = failure('UNREACHABLE');
    await using scene = await openScene(0);
    expect([await scene.outlast(times(1, error), answers), scene.runs, scene.looks]).toEqual([error, [0], []]);
  });
});

describe('a part whose controller is away', () => {
  test('is done anew when that is back, also after a deadline that passed', async () => {
    await using scene = await openScene();
    expect(await scene.outlast(times(1, failure('TIMEOUT')), silentUntil(MINUTE))).toBe('done');
    expect(scene.runs).toEqual([0, 75 * SECOND]);
    expect((await scene.told()).at(-1)).toBe('The controller answers again: a part is done anew');
    expect(readHold(await scene.record())).toBeUndefined();
  });

  test.each<FerricErrorCode>(['NOT_FOUND', 'REFUSED', 'PROTOCOL_FAULT', 'UNSUPPORTED', 'INTERNAL'])('waits on while that says %s, for it is starting', async (code) => {
    await using scene = await openScene();
    const starting: Fails = (attempt) => (attempt <= 1 ? failure('UNREACHABLE') : attempt <= 4 ? failure(code) : undefined);
    expect(await scene.outlast(times(1, failure('UNREACHABLE')), starting)).toBe('done');
    expect([scene.runs.length, scene.looks.length]).toEqual([2, 5]);
  });

  test.each<FerricErrorCode>(['AUTH_FAILED', 'TLS_UNTRUSTED'])('waits no more when that says %s, which a person has to see', async (code) => {
    await using scene = await openScene();
    const refused = failure(code);
    const part: Fails = (attempt) => (attempt === 1 ? failure('UNREACHABLE') : refused);
    expect(await scene.outlast(part, (attempt) => (attempt === 1 ? failure('UNREACHABLE') : refused))).toBe(refused);
    expect(scene.runs).toEqual([0, 5 * SECOND]);
  });

  test('waits no longer in all its outages than the operator wants', async () => {
    await using scene = await openScene(10 * MINUTE);
    const error = failure('UNREACHABLE');
    // Four minutes away, again and again.
    const controller: Fails = (_attempt, { clock }) => (clock.monotonicMs() % (5 * MINUTE) < 4 * MINUTE ? error : undefined);
    const part: Fails = async (_attempt, { clock }) => {
      await clock.advance(5 * MINUTE - (clock.monotonicMs() % (5 * MINUTE)));
      return error;
    };
    expect(await scene.outlast(part, controller)).toMatchObject({ code: 'UNREACHABLE', message: 'It failed The controller did not answer for 600 s.' });
    expect(scene.runs).toHaveLength(3);
    expect(readHold(await scene.record())).toBeUndefined();
  });

  test('does not leave it in the record when it fails otherwise later', async () => {
    await using scene = await openScene(15 * MINUTE, (clock) => ({ what: WHAT, work: KEY, gives_up_at: clock.now().toISOString() }));
    const refused = failure('REFUSED');
    expect(await scene.outlast(() => refused, answers)).toBe(refused);
    expect((await scene.record()).driverInternalInfo).toEqual({});
  });
});

describe('an abort that was accepted', () => {
  const aborted = { code: 'ABORTED', message: expect.stringContaining('By request') as string };

  test('while the controller was asked, ends the work although it answered', async () => {
    await using scene = await openScene();
    const controller: Fails = async (attempt, { askToAbort }) => {
      if (attempt === 1) return failure('UNREACHABLE');
      expect(await askToAbort()).toBe(true);
      return undefined;
    };
    expect(await scene.outlast(times(1, failure('UNREACHABLE')), controller)).toMatchObject(aborted);
    expect(scene.runs).toHaveLength(1);
  });

  test('before the conductor stopped, ends the work that begins again', async () => {
    await using scene = await openScene(15 * MINUTE, (clock) => ({ what: WHAT, work: KEY, abort: true, gives_up_at: clock.now().toISOString() }));
    expect(await scene.outlast(answers, answers)).toMatchObject(aborted);
    expect(scene.runs).toEqual([]);
    expect(isToBeGivenUp(await scene.record())).toBe(true);
  });
});

describe('what held other work up', () => {
  const earlier = (clock: FakeClock): JsonObject => ({ what: WHAT, work: 'other work', gives_up_at: clock.now().toISOString() });

  test('is not aborted, and does not shorten the wait', async () => {
    await using scene = await openScene(15 * MINUTE, earlier);
    expect(await scene.askToAbort()).toBe(false);
    expect(await scene.outlast(times(1, failure('UNREACHABLE')), silentUntil(MINUTE))).toBe('done');
    expect((await scene.record()).driverInternalInfo).toEqual({});
  });

  test.each<[string, boolean, JsonObject]>([['goes with the end of work', false, {}], ['stays while it goes on', true, { kept: 1, agent_off_for_start: true }]])('%s', async (_name, goesOn, more) => {
    await using scene = await openScene();
    const info = { kept: 1, [HELD_UP]: { work: KEY }, agent_off_for_start: true };
    await finishWork(scene.context, { nodeUuid: scene.node.uuid, key: KEY }, () => ({ goesOn, events: [], changes: { driverInternalInfo: info } }));
    expect((await scene.record()).driverInternalInfo).toEqual(goesOn ? { ...more, [HELD_UP]: { work: KEY } } : { kept: 1 });
  });
});
