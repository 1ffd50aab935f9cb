import { inspect } from 'node:util';
import { errorCode, FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createIloBench, type IloBench } from '../../test/ilo-bench.js';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);

const KEY = '0123456789abcdef0123456789abcdef';
const FLOPPY = { type: 'floppy', url: `http://192.0.2.1/${KEY}/parameters.img` } as const;
const CD = { type: 'cdrom', url: `http://192.0.2.1/${KEY}/agent.iso` } as const;
const AWAY = new FerricError('UNREACHABLE', 'No answer', { details: { sent: false } });

/** A machine that is about to boot the agent from its virtual CD. */
function createAgentBench(): IloBench {
  const bench = createIloBench();
  bench.ilo.media = [FLOPPY, CD];
  bench.ilo.boot = { device: 'cdrom', persistent: false };
  return bench;
}

/** The next call of this name fails, and those after it do not. */
function failOnce({ ilo }: IloBench, name: string, error: FerricError, before: () => void = () => undefined): void {
  ilo.instead.set(name, async () => {
    ilo.instead.delete(name);
    before();
    throw error;
  });
}

describe('reset_ilo that is done anew', () => {
  test.each(['virtualMedia.insert floppy', 'virtualMedia.insert cdrom', 'virtualMedia.bootOnce'])('puts in what the reset took out, without a second reset, when the iLO went away at %s', async (name) => {
    await using bench = createAgentBench();
    failOnce(bench, name, AWAY);
    expect(errorCode(await rejection(bench.run('reset_ilo')))).toBe('UNREACHABLE');
    bench.ilo.boot = { device: null, persistent: null };
    bench.ilo.asked.length = 0;
    expect(await bench.run('reset_ilo')).toBe('done');
    expect(bench.ilo.asked).toEqual(['virtualMedia.insert floppy', 'virtualMedia.insert cdrom', 'virtualMedia.bootOnce']);
    expect([bench.ilo.media, bench.ilo.boot]).toEqual([[FLOPPY, CD], { device: 'cdrom', persistent: false }]);
  });

  test('does the same when the outage outlasts its time', async () => {
    await using bench = createAgentBench();
    bench.ilo.instead.set('controller.reset', async () => {
      bench.ilo.instead.delete('controller.reset');
      bench.ilo.media = [];
      return new Promise(() => undefined);
    });
    const first = rejection(bench.run('reset_ilo'));
    await bench.clock.advance(600_000);
    expect(errorCode(await first)).toBe('TIMEOUT');
    expect(await bench.run('reset_ilo')).toBe('done');
    expect(bench.ilo.asked).toEqual(['controller.reset', 'virtualMedia.insert floppy', 'virtualMedia.insert cdrom', 'virtualMedia.bootOnce']);
  });

  test('waits until the iLO is back, for as long as that takes', async () => {
    await using bench = createAgentBench();
    failOnce(bench, 'controller.reset', new FerricError('UNREACHABLE', 'Connection lost', { details: { sent: true } }), () => (bench.ilo.media = []));
    await rejection(bench.run('reset_ilo'));
    for (const times of [1, 2]) {
      failOnce(bench, 'controller.waitUntilBack', AWAY);
      expect([times, errorCode(await rejection(bench.run('reset_ilo'))), bench.ilo.media]).toEqual([times, 'UNREACHABLE', []]);
    }
    expect(await bench.run('reset_ilo')).toBe('done');
    expect([bench.ilo.asked.filter((each) => each === 'controller.reset'), bench.ilo.media]).toEqual([['controller.reset'], [FLOPPY, CD]]);
  });

  test('resets an iLO that was not told to', async () => {
    await using bench = createAgentBench();
    failOnce(bench, 'controller.reset', AWAY);
    await rejection(bench.run('reset_ilo'));
    expect(await bench.run('reset_ilo')).toBe('done');
    expect(bench.ilo.asked).toEqual(['controller.reset', 'controller.reset', 'virtualMedia.insert floppy', 'virtualMedia.insert cdrom', 'virtualMedia.bootOnce']);
    expect(bench.ilo.media).toEqual([FLOPPY, CD]);
  });

  test('reads anew what it had not read to the end', async () => {
    await using bench = createAgentBench();
    failOnce(bench, 'bootDevice.read', AWAY);
    await rejection(bench.run('reset_ilo'));
    bench.ilo.media = [CD];
    expect([await bench.run('reset_ilo'), bench.ilo.media]).toEqual(['done', [CD]]);
  });

  test.each<[string, (bench: IloBench) => Promise<void>]>([
    ['it ended well', async (bench) => void (await bench.run('reset_ilo'))],
    ['it was refused', async (bench) => {
      failOnce(bench, 'virtualMedia.insert', new FerricError('REFUSED', 'No licence'));
      await rejection(bench.run('reset_ilo'));
    }],
    ['nobody came back to it for more than an hour', async (bench) => {
      failOnce(bench, 'virtualMedia.insert', AWAY);
      await rejection(bench.run('reset_ilo'));
      await bench.clock.advance(3_600_001);
    }],
  ])('begins from the start when %s', async (_what, before) => {
    await using bench = createAgentBench();
    await before(bench);
    bench.ilo.asked.length = 0;
    const other = { type: 'cdrom', url: 'http://192.0.2.1/other.iso' } as const;
    bench.ilo.media = [other];
    bench.ilo.boot = { device: 'disk', persistent: true };
    expect(await bench.run('reset_ilo')).toBe('done');
    expect([bench.ilo.asked, bench.ilo.media]).toEqual([['controller.reset', 'virtualMedia.insert cdrom'], [other]]);
  });
});

describe('the addresses of media', () => {
  test('are shown in no error, no log line and nothing that the device keeps', async () => {
    await using bench = createAgentBench();
    const remembered = new Map<string, unknown>();
    const memory = { get: () => undefined, set: (key: string, value: unknown) => void remembered.set(key, value), delete: () => undefined };
    const device = bench.open({}, { memory, logger: bench.host.logger });
    const step = device.steps?.find(({ name }) => name === 'reset_ilo');
    failOnce(bench, 'virtualMedia.insert', AWAY);
    const error = await rejection(step?.run({}) ?? Promise.resolve());
    expect(errorCode(error)).toBe('UNREACHABLE');
    expect([inspect(error, { depth: null }), inspect(device, { depth: null, showHidden: true }), bench.host.logger.text(), inspect(remembered)].join()).not.toContain(KEY);
  });

  test('that are none leave the medium out, with a warning that does not show it', async () => {
    await using bench = createIloBench();
    bench.ilo.media = [{ type: 'floppy', url: `//${KEY}` }, CD];
    expect(await bench.run('reset_ilo')).toBe('done');
    expect(bench.ilo.media).toEqual([CD]);
    expect(bench.host.logger.at('warn').map(({ fields }) => fields)).toEqual([{ address: '192.0.2.10:443', step: 'reset_ilo', type: 'floppy' }]);
    expect(bench.host.logger.text()).not.toContain(KEY);
  });
});
