import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { decodeSdrRecord, decodeSdrRepositoryInfo, readSdrRepository, type SdrReadOptions, type SdrRepository } from '../../src/sdr/index.js';
import { answer, recordBmc, type RecordBmc, sdrStore, u16, withMovingClock } from '../record-bmc.js';
import { bytes, SDR_FIXTURES } from '../record-fixtures.js';

const RECORDS = SDR_FIXTURES.records.map(({ record }) => bytes(record));
const DECODED = RECORDS.map(decodeSdrRecord);
const FEW = RECORDS.slice(0, 6);

async function read(bmc: RecordBmc, options: SdrReadOptions = {}): Promise<SdrRepository> {
  return withMovingClock((clock) => readSdrRepository(bmc, { clock, random: () => 0.5, ...options }));
}

describe('reading the repository', () => {
  test('all records come in their order, decoded', async () => {
    const { handlers } = sdrStore(RECORDS);
    const bmc = recordBmc(handlers);
    const progress: unknown[] = [];
    const repository = await read(bmc, { onProgress: (step) => progress.push(step) });
    expect(repository.records).toEqual(DECODED);
    expect(repository).toMatchObject({ source: 'repository', complete: true, warnings: [], info: { recordCount: RECORDS.length, canReserve: true } });
    expect(progress.length).toBe(RECORDS.length);
    expect(progress.at(-1)).toEqual({ recordsRead: RECORDS.length, recordCount: RECORDS.length });
    expect(bmc.count('0a/22')).toBe(1);
  });

  test.each([8, 10, 16, 20, 31])('a BMC that gives at most %i bytes at once is asked for less from then on', async (maximumRead) => {
    const { store, handlers } = sdrStore(RECORDS);
    store.maximumRead = maximumRead;
    const bmc = recordBmc(handlers);
    expect((await read(bmc)).records).toEqual(DECODED);
    const refused = bmc.asked.filter((asked) => asked.startsWith('0a/23') && Number(`0x${asked.slice(-2)}`) > maximumRead);
    expect(refused.length).toBeLessThanOrEqual(2);
    const sizes = bmc.asked.filter((asked) => asked.startsWith('0a/23')).map((asked) => Number(`0x${asked.slice(-2)}`)).filter((size) => size <= maximumRead);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(Math.max(8, (maximumRead + 1) / 2));
    expect(bmc.count('0a/22')).toBe(1);
  });

  test('a BMC that gives nothing but single bytes is read to the end', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.shortReads = 1;
    expect((await read(recordBmc(handlers))).records).toEqual(DECODED.slice(0, 6));
  });

  test('what a BMC gives beyond what was asked for is not taken into the record', async () => {
    const { handlers } = sdrStore(FEW);
    const get = handlers['0a/23'] ?? expect.fail('no handler');
    const generous = { ...handlers, '0a/23': (data: Buffer) => get(Buffer.concat([data.subarray(0, 5), Buffer.of(255)]), { netFn: 0x0a, command: 0x23 }) };
    expect((await read(recordBmc(generous))).records).toEqual(DECODED.slice(0, 6));
  });

  test('an empty repository has no records', async () => {
    const { handlers } = sdrStore([]);
    expect(await read(recordBmc(handlers))).toMatchObject({ records: [], complete: true, warnings: [] });
  });

  test('a BMC without reservations is read without', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.reservation = 0;
    const bmc = recordBmc({ ...handlers, '0a/22': () => answer(0xc1) });
    expect((await read(bmc)).records).toEqual(DECODED.slice(0, 6));
  });

  test('records of the device are read where there is no repository', async () => {
    const { handlers } = sdrStore(FEW, 'device');
    const bmc = recordBmc(handlers);
    const repository = await read(bmc);
    expect(repository.records).toEqual(DECODED.slice(0, 6));
    expect(repository).toMatchObject({ source: 'device', info: { sensorCount: 6, dynamic: true, luns: [0], cacheKey: 'device:068104030201' } });
  });

  test('neither of both is UNSUPPORTED', async () => {
    await expect(read(recordBmc({ '06/01': () => answer(0, 0x20, 0x01, 9, 8, 2) }))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(read(recordBmc(sdrStore(FEW, 'device').handlers), { source: 'repository' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('a controller behind the BMC is asked through its bridge and unit', async () => {
    const { handlers } = sdrStore(FEW);
    const targets = new Set<string>();
    const get = handlers['0a/23'] ?? expect.fail('no handler');
    const bmc = recordBmc({
      ...handlers,
      '0a/23': (data, request) => {
        targets.add(JSON.stringify([request.bridge, request.lun]));
        return get(data, request);
      },
    });
    await read(bmc, { bridge: [{ channel: 0, address: 0x2c }], lun: 2 });
    expect([...targets]).toEqual(['[[{"channel":0,"address":44}],2]']);
  });
});

describe('a repository that changes while it is read', () => {
  test('a lost reservation costs one new reservation, not the records read before', async () => {
    const { store, handlers } = sdrStore(FEW);
    const bmc = recordBmc(handlers);
    let cancelled = false;
    store.before = (id, offset) => {
      if (id === 4 && offset > 30 && !cancelled) {
        cancelled = true;
        store.cancelReservation();
      }
      return undefined;
    };
    const elapsedMs = await withMovingClock(async (clock) => {
      expect((await readSdrRepository(bmc, { clock, random: () => 0.5 })).records).toEqual(DECODED.slice(0, 6));
      return clock.monotonicMs();
    });
    // Half of the longest wait.
    expect(elapsedMs).toBe(250);
    expect(bmc.count('0a/22')).toBe(2);
    expect(bmc.asked.filter((asked) => /^0a\/23 ....03000005$/.test(asked)).length).toBe(1);
    expect(bmc.asked.filter((asked) => /^0a\/23 ....04000005$/.test(asked)).length).toBe(2);
  });

  test('a record that became another one begins the walk again', async () => {
    const { store, handlers } = sdrStore(FEW);
    let changed = false;
    store.before = (id, offset) => {
      if (id === 4 && offset > 5 && !changed) {
        changed = true;
        store.entries.splice(0, 1);
        store.entries = store.entries.map((entry, index) => ({ id: index + 1, bytes: entry.bytes }));
        store.cancelReservation();
      }
      return undefined;
    };
    expect((await read(recordBmc(handlers))).records).toEqual(DECODED.slice(1, 6));
  });

  test('a reservation that somebody always takes ends in CONFLICT, after a bounded number of tries', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.before = (_id, offset) => {
      if (offset > 5) store.cancelReservation();
      return undefined;
    };
    const bmc = recordBmc(handlers);
    await expect(read(bmc)).rejects.toMatchObject({ code: 'CONFLICT', retryable: true, details: { address: '192.0.2.7:623', step: 'Get SDR' } });
    expect(bmc.count('0a/22')).toBe(6);
  });

  test('a record that vanishes ends the walk with what was found', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.next.set(3, 0x77);
    const repository = await read(recordBmc(handlers));
    expect(repository.records).toEqual(DECODED.slice(0, 3));
    expect(repository).toMatchObject({ complete: false, warnings: ['The reading was stopped: record 0x0077, named as the next, does not exist'] });
  });
});

describe('BMCs that never end or never answer', () => {
  test('a circle ends with the records found', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.next.set(6, 3);
    const repository = await read(recordBmc(handlers));
    expect(repository.records).toEqual(DECODED.slice(0, 6));
    expect(repository.complete).toBe(false);
    expect(repository.warnings).toEqual(['The reading was stopped: record 0x0003 comes a second time']);
  });

  test('a record that is its own next ends the walk', async () => {
    const { store, handlers } = sdrStore(FEW);
    store.next.set(2, 2);
    expect((await read(recordBmc(handlers))).records.length).toBe(2);
  });

  test('ever new ids end at twice the count and a little', async () => {
    const { handlers } = sdrStore(FEW);
    const record = FEW[0] ?? expect.fail('no record');
    const endless = {
      ...handlers,
      '0a/23': (data: Buffer) => answer(0, u16(data.readUInt16LE(2) + 1), record.subarray(data.readUInt8(4), data.readUInt8(4) + data.readUInt8(5))),
    };
    const repository = await read(recordBmc(endless));
    expect(repository).toMatchObject({ complete: false, warnings: ['The reading was stopped: there are more than 28 records'] });
    expect(repository.records.length).toBe(28);
  });

  test.each([
    ['no bytes at all', answer(0)],
    ['only the next id', answer(0, 2, 0)],
  ])('%s is a PROTOCOL_FAULT that names the BMC', async (_what, reply) => {
    const { handlers } = sdrStore(FEW);
    const failure = await read(recordBmc({ ...handlers, '0a/23': () => reply })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: '192.0.2.7:623', step: 'Get SDR' } });
  });

  test('what the carrier throws comes out as it is', async () => {
    const { store, handlers } = sdrStore(FEW);
    const lost = new FerricError('TIMEOUT', 'no answer');
    store.before = (id) => {
      if (id === 5) throw lost;
      return undefined;
    };
    await expect(read(recordBmc(handlers))).rejects.toBe(lost);
  });

  test('a repository in update mode is waited for, not for ever', async () => {
    const { store, handlers } = sdrStore(FEW);
    let busy = 2;
    store.before = () => (busy-- > 0 ? answer(0xd0) : undefined);
    expect((await read(recordBmc(handlers))).records.length).toBe(6);
    store.before = () => answer(0xd0);
    await expect(read(recordBmc(handlers))).rejects.toMatchObject({ code: 'BUSY' });
  });

  test('the caller ends it with its own reason, and the deadline ends it too', async () => {
    const { store, handlers } = sdrStore(FEW);
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    store.before = (id) => {
      if (id === 3) caller.abort(reason);
      return undefined;
    };
    const bmc = recordBmc(handlers);
    await expect(read(bmc, { signal: caller.signal })).rejects.toBe(reason);
    expect(bmc.asked.at(-1)).toMatch(/^0a\/23 ....0300/);
    store.before = () => answer(0xd0);
    await expect(read(recordBmc(handlers), { timeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { address: '192.0.2.7:623' } });
  });

  test.each([7, 256, 8.5, Number.NaN])('pieces of %d bytes are refused before anything is sent', async (chunkBytes) => {
    const bmc = recordBmc(sdrStore(FEW).handlers);
    await expect(readSdrRepository(bmc, { chunkBytes })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.asked).toEqual([]);
  });
});

describe('odd records do not hide the others', () => {
  test('one that cannot be decoded, and one of another version, are kept raw and told', async () => {
    const bad = bytes('0700 51 01 03 aabbcc');
    const old = bytes('0800 01 01 02 aabb');
    const repository = await read(recordBmc(sdrStore([...FEW, bad, old]).handlers));
    expect(repository.records.slice(0, 6)).toEqual(DECODED.slice(0, 6));
    expect(repository.records.slice(6)).toMatchObject([{ kind: 'other', data: bytes('aabbcc') }, { kind: 'other', data: bytes('aabb') }]);
    expect(repository.complete).toBe(true);
    expect(repository.warnings).toEqual([
      'Record 0x0007: Full sensor record: expected at least 44 bytes, got 8 bytes 0700510103aabbcc',
      'Record 0x0008 has version 0x01 and was not decoded',
    ]);
  });
});

test('repository info as captured; its cache key changes with content, not with free space', () => {
  const captured = bytes('51 7300 feff f40c0000 00000000 02');
  expect(decodeSdrRepositoryInfo(captured)).toEqual({
    sdrVersion: 0x51, recordCount: 115, freeBytes: 0xfffe, lastAddition: 0x0cf4, lastErase: 0, overflow: false, canReserve: true, canDelete: false,
    cacheKey: 'repository:517300:f40c000000000000',
  });
  const other = Buffer.from(captured);
  other[3] = 0;
  expect(decodeSdrRepositoryInfo(other).cacheKey).toBe(decodeSdrRepositoryInfo(captured).cacheKey);
  other[9] = 1;
  expect(decodeSdrRepositoryInfo(other).cacheKey).not.toBe(decodeSdrRepositoryInfo(captured).cacheKey);
});
