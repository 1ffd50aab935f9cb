import { createDeviceMemory, type EventLog } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc } from '../test/fake-bmc.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiEventLog } from './ipmi-event-log.js';

/** 2026-01-01T00:00:00Z, where the fake clock begins. */
const NOW_SECONDS = Date.parse('2026-01-01T00:00:00Z') / 1000;

const littleEndian = (value: number, length: number): number[] => Array.from({ length }, (_, index) => Math.floor(value / 256 ** index) % 256);

// Sensor 1 of the BMC: a temperature that rises above its upper critical limit (offset 9), with a time one hour ago on the BMC's clock.
const event = (id: number, seconds: number): number[] => [
  ...littleEndian(id, 2), 0x02, ...littleEndian(seconds, 4), 0x20, 0x00, 0x04, 0x01, 0x01, 0x01, 0x59, 0x60, 0x5a,
];
const OEM = [0x02, 0x00, 0xe0, 0, 1, 2, 3, 4, 5, 6, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
const BEFORE_CLOCK = event(3, 77);

interface Bench {
  readonly bmc: FakeBmc;
  readonly log: EventLog;
  /** The log of another device for the same machine. */
  another(): EventLog;
  readonly entries: number[][];
}

/** A BMC with a log, without sensor data records, whose clock is two hours ahead. */
function bench(entries: number[][]): Bench {
  const bmc = createFakeBmc();
  let reservation = 0;
  bmc.answers.set('0a/43', (data) => {
    const wanted = (data[2] ?? 0) + (data[3] ?? 0) * 256;
    const index = wanted === 0 ? 0 : entries.findIndex(([low = 0, high = 0]) => low + high * 256 === wanted);
    const entry = entries[index];
    if (entry === undefined) return [0xcb];
    const next = entries[index + 1];
    return [0, next?.[0] ?? 0xff, next?.[1] ?? 0xff, ...entry];
  });
  bmc.answers.set('0a/48', () => [0, ...littleEndian(NOW_SECONDS + 7200, 4)]);
  bmc.answers.set('0a/42', () => [0, ...littleEndian((reservation += 1), 2)]);
  bmc.answers.set('0a/40', () => [0, 0x51, ...littleEndian(entries.length, 2), 0, 1, ...littleEndian(NOW_SECONDS, 4), 0, 0, 0, 0, 0x0a]);
  bmc.answers.set('0a/47', (data) => {
    if (data[5] === 0xaa) entries.length = 0;
    return [0, 1];
  });
  const memory = createDeviceMemory();
  const another = (): EventLog => createIpmiEventLog(makeMachine(bmc, { clock: createFakeClock(), memory }));
  return { bmc, entries, log: another(), another };
}

describe('reading', () => {
  test('entries in words, with dates by our clock', async () => {
    const { log } = bench([event(1, NOW_SECONDS + 3600), OEM, BEFORE_CLOCK]);
    const [first, second, third] = await log.read();
    expect(first).toMatchObject({
      id: '1', severity: 'critical', sensor: '#0x01', at: new Date('2025-12-31T23:00:00Z'), message: expect.stringContaining('temperature'),
    });
    expect(second).toMatchObject({ id: '2', severity: 'information', at: null, message: expect.stringContaining('vendor record 0xe0') });
    expect(second).not.toHaveProperty('sensor');
    expect(third).toMatchObject({ id: '3', at: null });
  });

  test('an empty log, without asking for more', async () => {
    const { bmc, log } = bench([]);
    expect(await log.read()).toEqual([]);
    expect(bmc.requests).toEqual(['0a/43 00 00 00 00 00 ff']);
  });

  test('a BMC that does not tell the time: its dates as they are', async () => {
    const { bmc, log } = bench([event(1, NOW_SECONDS)]);
    bmc.answers.set('0a/48', () => [0xc1]);
    expect((await log.read())[0]?.at).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  test('a BMC without a log', async () => {
    const { bmc, log } = bench([]);
    for (const command of ['0a/40', '0a/43']) bmc.answers.set(command, () => [0xc1]);
    await expect(log.read()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('clearing', () => {
  test('what was read', async () => {
    const { entries, log } = bench([event(1, NOW_SECONDS)]);
    await log.read();
    await log.clear();
    expect(entries).toEqual([]);
    expect(await log.read()).toEqual([]);
  });

  test('not what came after the reading', async () => {
    const { entries, log } = bench([event(1, NOW_SECONDS)]);
    await log.read();
    entries.push(event(2, NOW_SECONDS));
    await expect(log.clear()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(entries).toHaveLength(2);
    expect(await log.read()).toHaveLength(2);
    await log.clear();
    expect(entries).toEqual([]);
  });

  test('not what came after the reading, when a device was opened for each call', async () => {
    for (const before of [[], [event(1, NOW_SECONDS)]]) {
      const { entries, another } = bench(before);
      await another().read();
      entries.push(event(2, NOW_SECONDS));
      await expect(another().clear()).rejects.toMatchObject({ code: 'CONFLICT' });
      await another().read();
      await another().clear();
      entries.push(event(3, NOW_SECONDS));
      await another().clear();
      expect(entries).toEqual([]);
    }
  });

  test('whatever there is, when nothing was read', async () => {
    const { entries, log } = bench([event(1, NOW_SECONDS), event(2, NOW_SECONDS)]);
    await log.clear();
    expect(entries).toEqual([]);
  });
});
