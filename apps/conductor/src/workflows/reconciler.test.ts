import { createFakeClock, createRecordingLogger, type RecordingLogger } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOwnContext, type OwnContext } from '../../test/support/conductor-context.js';
import { CONDUCTOR_DEAD_AFTER_MS } from '../nodes/conductor-life.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { NodeUpdate, Store } from '../store/store.js';
import type { WorkflowEngine } from './engine.js';
import { createReconciler } from './reconciler.js';

const engine: WorkflowEngine = { start: async () => 'live', run: () => undefined, [Symbol.asyncDispose]: async () => undefined };

describe('the lock of a call that died', () => {
  let own: OwnContext;
  let logger: RecordingLogger;
  /** Runs right before the reconciler's write: what somebody else did after the reconciler had looked. */
  let before: (() => Promise<void>) | undefined;

  beforeEach(async () => {
    logger = createRecordingLogger();
    before = undefined;
    own = await createOwnContext((store): Store => ({
      ...store,
      async write(work) {
        const first = before;
        before = undefined;
        await first?.();
        return store.write(work);
      },
    }));
  });

  afterEach(() => own[Symbol.asyncDispose]());

  const run = (changes: Partial<ConductorContext> = {}): Promise<void> => createReconciler({ ...own.context, logger, ...changes }, engine).run();
  const change = async (uuid: string, changes: NodeUpdate): Promise<void> =>
    void (await own.context.store.write((transaction) => transaction.nodes.update(uuid, changes)));
  const lockOf = async (uuid: string): Promise<string | null | undefined> => (await own.context.store.nodes.get(uuid))?.reservation;

  test.each(['test', 'a conductor that is gone'])('of %s is freed, and the log tells it', async (reservation) => {
    const { uuid } = await own.add({}, { reservation });
    await run();
    expect(await lockOf(uuid)).toBeNull();
    expect(logger.lines).toEqual([{ level: 'warn', fields: { node: uuid, conductor: reservation }, message: 'Freed the lock of a conductor that is gone' }]);
  });

  test.each<[what: string, meanwhile: NodeUpdate]>([
    ['was given back', { reservation: null }],
    ['was taken by another conductor', { reservation: 'other' }],
  ])('is left alone when it %s meanwhile, and the log tells nothing', async (_what, meanwhile) => {
    const { uuid } = await own.add({}, { reservation: 'a conductor that is gone' });
    before = () => change(uuid, meanwhile);
    await run();
    expect(await lockOf(uuid)).toBe(meanwhile.reservation);
    expect(logger.lines).toEqual([]);
  });

  test('of another conductor is freed once that is dead', async () => {
    const { store } = own.context;
    const { uuid } = await own.add({}, { reservation: 'other' });
    await store.conductors.announce({ hostname: 'other', conductorGroup: '', drivers: [] });
    const signOfLife = (await store.conductors.list()).find(({ hostname }) => hostname === 'other')?.updatedAt.getTime() ?? Number.NaN;
    await run({ clock: createFakeClock(new Date(signOfLife + CONDUCTOR_DEAD_AFTER_MS - 1)) });
    expect([await lockOf(uuid), logger.lines]).toEqual(['other', []]);
    await run({ clock: createFakeClock(new Date(signOfLife + CONDUCTOR_DEAD_AFTER_MS)) });
    expect([await lockOf(uuid), logger.lines.length]).toEqual([null, 1]);
  });
});
