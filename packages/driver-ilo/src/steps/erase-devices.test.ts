import { errorCode, FerricError, type JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import type { IloEraseStatus } from '../client/index.js';
import { createIloBench, type IloBench } from '../../test/ilo-bench.js';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);

type State = IloEraseStatus['state'];
type Kind = 'hdd' | 'ssd';

const AWAY = new FerricError('UNREACHABLE', 'No answer', { details: { sent: false } });
const PATTERNS = { erase_pattern: { hdd: 'zero', ssd: 'block' } };

interface DiskBench extends IloBench {
  /** What the disks of a kind tell. */
  readonly states: Record<Kind, State>;
}

/** Disks that are erased by the next start of the machine once that was asked for, as real ones are. */
function createDiskBench(before: Readonly<Record<Kind, State>> = { hdd: 'idle', ssd: 'idle' }): DiskBench {
  const bench = createIloBench('ilo5');
  const states = { ...before };
  const staged = new Set<Kind>();
  for (const kind of ['hdd', 'ssd'] as const) {
    bench.ilo.instead.set(`raid.eraseStatus ${kind}`, async () => ({ state: states[kind], drives: [] }));
    for (const pattern of ['zero', 'block', 'overwrite']) {
      bench.ilo.instead.set(`raid.erase ${kind} ${pattern}`, async ({ next }) => {
        staged.add(kind);
        return next();
      });
    }
  }
  bench.ilo.instead.set('power.set rebooting', async ({ next }) => {
    for (const kind of staged) states[kind] = 'done';
    staged.clear();
    return next();
  });
  return { ...bench, states, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

/** The next call of this name fails, with nothing done, and those after it do what they did. */
function failOnce({ ilo: { instead } }: IloBench, name: string, error: FerricError): void {
  const usual = instead.get(name);
  instead.set(name, async () => {
    if (usual === undefined) instead.delete(name);
    else instead.set(name, usual);
    throw error;
  });
}

const erased = ({ ilo }: IloBench): readonly string[] => ilo.asked.filter((each) => each.startsWith('raid.erase '));
const run = (bench: IloBench, args: JsonObject = PATTERNS): Promise<unknown> => bench.run('erase_devices', args);

describe('erase_devices that is done anew', () => {
  test('does not erase again what it has erased', async () => {
    await using bench = createDiskBench();
    failOnce(bench, 'raid.eraseStatus ssd', AWAY);
    expect(errorCode(await rejection(run(bench)))).toBe('UNREACHABLE');
    expect([await run(bench), erased(bench)]).toEqual(['done', ['raid.erase hdd zero', 'raid.erase ssd block']]);
  });

  test('nor when its disks do not tell of it any more', async () => {
    await using bench = createDiskBench();
    failOnce(bench, 'raid.eraseStatus ssd', AWAY);
    await rejection(run(bench));
    bench.states.hdd = 'idle';
    expect([await run(bench), erased(bench)]).toEqual(['done', ['raid.erase hdd zero', 'raid.erase ssd block']]);
  });

  test('says that it may be done anew, also when the machine was started for other disks before', async () => {
    await using bench = createDiskBench();
    failOnce(bench, 'raid.eraseStatus ssd', AWAY);
    const error = (await rejection(run(bench))) as FerricError;
    expect([bench.ilo.asked.includes('power.set rebooting'), error.retryable, error.details['once']]).toEqual([true, true, undefined]);
  });

  test.each<[State, string]>([['done', 'done'], ['failed', 'REFUSED']])('takes an erasure that it watched, and that is %s when the iLO is back, as its own: %s', async (after, outcome) => {
    await using bench = createDiskBench({ hdd: 'erasing', ssd: 'idle' });
    const first = rejection(run(bench, { erase_pattern: { hdd: 'zero' } }));
    await bench.clock.advance(0);
    failOnce(bench, 'raid.eraseStatus hdd', AWAY);
    await bench.clock.advance(300_000);
    expect(errorCode(await first)).toBe('UNREACHABLE');
    bench.states.hdd = after;
    expect(await run(bench, { erase_pattern: { hdd: 'zero' } }).catch(errorCode)).toBe(outcome);
    expect(erased(bench)).toEqual([]);
  });

  test('takes what disks tell after the machine was started for them as of this erasure, though they told the same before', async () => {
    await using bench = createDiskBench({ hdd: 'done', ssd: 'idle' });
    bench.ilo.instead.set('power.set power off', async ({ next }) => {
      failOnce(bench, 'raid.eraseStatus hdd', AWAY);
      return next();
    });
    expect(errorCode(await rejection(run(bench, { erase_pattern: { hdd: 'zero' } })))).toBe('UNREACHABLE');
    expect([await run(bench, { erase_pattern: { hdd: 'zero' } }), erased(bench)]).toEqual(['done', ['raid.erase hdd zero']]);
  });

  test('goes on after a restart whose end nobody saw', async () => {
    await using bench = createDiskBench({ hdd: 'done', ssd: 'idle' });
    failOnce(bench, 'power.set power off', AWAY);
    const first = await rejection(run(bench, { erase_pattern: { hdd: 'zero' } }));
    bench.states.hdd = 'erasing';
    const second = run(bench, { erase_pattern: { hdd: 'zero' } });
    await bench.clock.advance(0);
    bench.states.hdd = 'done';
    await bench.clock.advance(300_000);
    expect([errorCode(first), await second, erased(bench)]).toEqual(['UNREACHABLE', 'done', ['raid.erase hdd zero']]);
  });

  test.each<[State, State, string]>([['idle', 'done', 'done'], ['idle', 'failed', 'REFUSED'], ['failed', 'done', 'done'], ['done', 'failed', 'REFUSED']])(
    'disks that go from %s to %s, since the machine starts by itself while the iLO is away: %s', async (before, after, outcome) => {
      await using bench = createDiskBench({ hdd: before, ssd: 'idle' });
      bench.ilo.instead.set('power.set rebooting', async () => {
        bench.states.hdd = after;
        bench.ilo.instead.delete('power.set rebooting');
        throw AWAY;
      });
      expect(errorCode(await rejection(run(bench, { erase_pattern: { hdd: 'zero' } })))).toBe('UNREACHABLE');
      expect(await run(bench, { erase_pattern: { hdd: 'zero' } }).catch(errorCode)).toBe(outcome);
      expect(erased(bench)).toEqual(['raid.erase hdd zero']);
    },
  );

  test.each<State>(['done', 'failed', 'idle'])('erases disks that were %s before, and that the machine was not started anew for', async (before) => {
    await using bench = createDiskBench({ hdd: before, ssd: 'idle' });
    failOnce(bench, 'power.set rebooting', AWAY);
    await rejection(run(bench));
    expect([await run(bench), erased(bench)]).toEqual(['done', ['raid.erase hdd zero', 'raid.erase hdd zero', 'raid.erase ssd block']]);
  });

  test.each<[string, (bench: DiskBench) => Promise<void>]>([
    ['it ended well', async (bench) => void (await run(bench))],
    ['it was refused', async (bench) => {
      failOnce(bench, 'raid.erase ssd block', new FerricError('REFUSED', 'No'));
      await rejection(run(bench));
    }],
    ['nobody knows whether the machine was started anew', async (bench) => {
      failOnce(bench, 'power.set rebooting', new FerricError('UNREACHABLE', 'No answer', { retryable: false, details: { sent: true, once: true } }));
      await rejection(run(bench));
      bench.states.hdd = 'done';
    }],
    ['nobody came back to it for more than an hour', async (bench) => {
      failOnce(bench, 'raid.eraseStatus ssd', AWAY);
      await rejection(run(bench));
      await bench.clock.advance(3_600_001);
    }],
    ['it is to erase in another way', async (bench) => {
      failOnce(bench, 'raid.eraseStatus ssd', AWAY);
      await rejection(run(bench, { erase_pattern: { hdd: 'overwrite', ssd: 'block' } }));
    }],
  ])('erases everything when %s', async (_what, before) => {
    await using bench = createDiskBench();
    await before(bench);
    bench.ilo.asked.length = 0;
    expect([await run(bench), erased(bench)]).toEqual(['done', ['raid.erase hdd zero', 'raid.erase ssd block']]);
  });
});
