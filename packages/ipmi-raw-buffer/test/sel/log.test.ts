import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import {
  addSelEntry, clearSel, decodeSelInfo, deleteSelEntry, drainSel, getSelTime, getSelUtcOffset, readSel, readSelClock, readSelSince, type SelEntry,
  setSelTime, setSelUtcOffset,
} from '../../src/sel/index.js';
import { answer, recordBmc, withMovingClock } from '../record-bmc.js';
import { bytes, SEL_FIXTURES } from '../record-fixtures.js';
import { type SelStore, selStore } from './sel-store.js';

const ENTRIES = SEL_FIXTURES.live.map(({ record }) => bytes(record));
const NEW_EVENT = bytes('ffff 02 6d0e0000 2000 04 01 01 01 59 9575');
const ids = (entries: readonly SelEntry[]): number[] => entries.map(({ recordId }) => recordId);

describe('reading', () => {
  test('all entries, in their order', async () => {
    const { handlers } = selStore(ENTRIES);
    const bmc = recordBmc(handlers);
    const reading = await readSel(bmc);
    expect(ids(reading.entries)).toEqual(ENTRIES.map((_, index) => index + 1));
    expect(reading).toMatchObject({ complete: true, cleared: false, warnings: [], marker: { recordId: ENTRIES.length } });
    expect(bmc.asked[0]).toBe('0a/43 0000000000ff');
  });

  test('an empty log, also from firmware that refuses its first entry with another code', async () => {
    const { store, handlers } = selStore([]);
    expect(await readSel(recordBmc(handlers))).toMatchObject({ entries: [], marker: null, complete: true });
    store.before = (command) => (command === 'get' ? answer(0xd5) : undefined);
    expect(await readSel(recordBmc(handlers))).toMatchObject({ entries: [], marker: null, complete: true });
    store.log(NEW_EVENT);
    await expect(readSel(recordBmc(handlers))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('entries after the marker only, and the marker goes with them', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const bmc = recordBmc(handlers);
    const first = await readSel(bmc);
    expect(await readSelSince(bmc, first.marker)).toMatchObject({ entries: [], marker: first.marker, cleared: false });
    store.log(NEW_EVENT);
    const second = await readSelSince(bmc, first.marker);
    expect(second).toMatchObject({ cleared: false, marker: { recordId: ENTRIES.length + 1 } });
    expect(ids(second.entries)).toEqual([ENTRIES.length + 1]);
  });

  test('a cleared log is told, and everything in it is new', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const bmc = recordBmc(handlers);
    const { marker } = await readSel(bmc);
    store.entries = [];
    expect(await readSelSince(bmc, marker)).toMatchObject({ entries: [], marker: null, cleared: true });
    // Another entry under the old number.
    store.entries = [{ id: ENTRIES.length, bytes: NEW_EVENT }];
    const reading = await readSelSince(bmc, marker);
    expect(reading).toMatchObject({ cleared: true });
    expect(reading.entries.length).toBe(1);
  });

  test('a circle ends, whether it goes back to the start or stands still', async () => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 4));
    store.next.set(4, 1);
    expect(await readSel(recordBmc(handlers))).toMatchObject({ complete: false, warnings: ['The reading was stopped: entry 0x0001 comes a second time'] });
    store.next.set(4, 4);
    const reading = await readSel(recordBmc(handlers));
    expect(ids(reading.entries)).toEqual([1, 2, 3, 4]);
    expect(reading.complete).toBe(false);
  });

  test('an entry that vanishes on the way ends the reading, which is not complete', async () => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 4));
    const { marker } = await readSel(recordBmc(handlers));
    store.next.set(2, 9);
    const reading = await readSel(recordBmc(handlers));
    const warnings = ['The reading was stopped: entry 0x0009, named as the next, does not exist'];
    expect(reading).toMatchObject({ complete: false, marker: { recordId: 2 }, warnings });
    expect(ids(reading.entries)).toEqual([1, 2]);
    store.next.set(4, 9);
    expect(await readSelSince(recordBmc(handlers), marker)).toMatchObject({ entries: [], marker, complete: false });
  });

  test('an entry that is too short is left out and told', async () => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 3));
    store.entries[1] = { id: 2, bytes: bytes('0200 02') };
    const reading = await readSel(recordBmc(handlers));
    expect(ids(reading.entries)).toEqual([1, 3]);
    expect(reading.warnings).toEqual(['Entry 0x0002 has only 3 bytes and was left out']);
  });

  test('firmware that wants a reservation, or a length, gets it', async () => {
    const { handlers } = selStore(ENTRIES.slice(0, 3));
    const get = handlers['0a/43'] ?? expect.fail('no handler');
    const strict = recordBmc({
      ...handlers,
      '0a/43': (data, request) => (data.readUInt16LE(0) === 0 ? answer(0xc5) : data[5] === 0xff ? answer(0xca) : get(data, request)),
    });
    expect((await readSel(strict)).entries.length).toBe(3);
    expect(strict.count('0a/42')).toBe(1);
    const never = recordBmc({ ...handlers, '0a/43': () => answer(0xc5) });
    await expect(readSel(never)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(never.count('0a/42')).toBe(5);
  });

  test('no log at all is UNSUPPORTED, an answer without entry id a PROTOCOL_FAULT', async () => {
    await expect(readSel(recordBmc({}))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(readSel(recordBmc({ '0a/43': () => answer(0, 1) }))).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: '192.0.2.7:623' } });
  });

  test('an erase that is under way is waited for', async () => {
    const { store, handlers } = selStore(ENTRIES);
    let busy = 3;
    store.before = (command) => (command === 'get' && busy-- > 0 ? answer(0x81) : undefined);
    expect((await withMovingClock((clock) => readSel(recordBmc(handlers), { clock }))).entries.length).toBe(ENTRIES.length);
  });

  test('the caller ends it with its own reason', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    let read = 0;
    store.before = () => {
      if (++read === 3) caller.abort(reason);
      return undefined;
    };
    await expect(readSel(recordBmc(handlers), { signal: caller.signal })).rejects.toBe(reason);
    expect(read).toBe(3);
  });
});

describe('clearing', () => {
  test('starts once, and waits until the log is erased', async () => {
    const { store, handlers } = selStore(ENTRIES);
    store.erasePolls = 3;
    const bmc = recordBmc(handlers);
    await withMovingClock((clock) => clearSel(bmc, { clock }));
    expect(store.entries).toEqual([]);
    expect(bmc.asked.filter((asked) => asked.endsWith('434c52aa')).length).toBe(1);
    expect(bmc.asked.filter((asked) => asked.endsWith('434c5200')).length).toBe(4);
    const start = bmc.asked.findIndex((asked) => asked.endsWith('434c52aa'));
    expect(bmc.options[start]?.repeatable).toBe(false);
  });

  test('what was not read is not cleared', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const bmc = recordBmc(handlers);
    const { marker } = await readSel(bmc);
    store.log(NEW_EVENT);
    await expect(clearSel(bmc, { lastRead: marker })).rejects.toMatchObject({ code: 'CONFLICT', details: { unreadEntries: 1 } });
    await expect(clearSel(bmc, { lastRead: null })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([store.erased, store.entries.length]).toEqual([0, ENTRIES.length + 1]);
    await clearSel(bmc, { lastRead: (await readSel(bmc)).marker });
    expect(store.erased).toBe(1);
  });

  test('an event between the check and the clearing is not lost', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const bmc = recordBmc(handlers);
    const { marker } = await readSel(bmc);
    let logged = false;
    store.before = (command) => {
      if (command === 'clear' && !logged) {
        logged = true;
        store.log(NEW_EVENT);
      }
      return undefined;
    };
    await expect(clearSel(bmc, { lastRead: marker })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(store.erased).toBe(0);
  });

  test('draining yields every entry, those too that come while it goes on', async () => {
    const { store, handlers } = selStore(ENTRIES);
    let late = 3;
    store.before = (command) => {
      if ((command === 'clear' || command === 'reserve') && late-- > 0) store.log(NEW_EVENT);
      return undefined;
    };
    const entries = await withMovingClock((clock) => drainSel(recordBmc(handlers), null, { clock }));
    expect(ids(entries)).toEqual(Array.from({ length: ENTRIES.length + 3 }, (_, index) => index + 1));
    expect([store.erased, store.entries.length]).toEqual([1, 0]);
  });

  test('events without end are a CONFLICT, and nothing is cleared', async () => {
    const { store, handlers } = selStore(ENTRIES);
    store.before = (command) => {
      if (command === 'clear') store.log(NEW_EVENT);
      return undefined;
    };
    await expect(drainSel(recordBmc(handlers))).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    expect(store.entries.length).toBe(ENTRIES.length + 10);
  });

  test('a BMC that takes the reservation away while it erases is asked with a new one', async () => {
    const { store, handlers } = selStore(ENTRIES);
    let taken = false;
    store.before = (command) => {
      if (command === 'poll' && !taken) {
        taken = true;
        store.reservation += 1;
      }
      return undefined;
    };
    await withMovingClock((clock) => clearSel(recordBmc(handlers), { clock }));
    expect([store.erased, taken]).toEqual([1, true]);
  });

  test('when the answer to the start is lost the log decides', async () => {
    const { store, handlers } = selStore(ENTRIES);
    const clear = handlers['0a/47'] ?? expect.fail('no handler');
    const lost = new FerricError('TIMEOUT', 'no answer');
    const losing = (carriedOut: boolean): ReturnType<typeof recordBmc> =>
      recordBmc({
        ...handlers,
        '0a/47': (data, request) => {
          if (data[5] !== 0xaa) return clear(data, request);
          if (carriedOut) clear(data, request);
          throw lost;
        },
      });
    await expect(clearSel(losing(false))).rejects.toBe(lost);
    expect(store.entries.length).toBe(ENTRIES.length);
    await clearSel(losing(true));
    expect(store.erased).toBe(1);
  });

  test.each([
    ['an entry that was left out', (store: SelStore) => (store.entries[1] = { id: 2, bytes: bytes('0200 02') })],
    ['a circle', (store: SelStore) => store.next.set(4, 1)],
    ['an entry that vanished', (store: SelStore) => store.next.set(2, 9)],
  ])('draining clears nothing when not everything could be read: %s', async (_what, change) => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 4));
    change(store);
    const failure = await drainSel(recordBmc(handlers)).catch((error: unknown) => error);
    const warnings = [expect.stringMatching(/^(Entry 0x0002|The reading was stopped)/)];
    expect(failure).toMatchObject({ code: 'CONFLICT', details: { address: '192.0.2.7:623', step: 'Clear SEL', warnings } });
    expect([store.erased, store.entries.length]).toEqual([0, 4]);
  });

  test('what comes while draining and cannot be read is not cleared either', async () => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 4));
    store.before = (command) => {
      if (command === 'reserve') store.log(bytes('ffff 02'));
      return undefined;
    };
    await expect(drainSel(recordBmc(handlers))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([store.erased, store.entries.length]).toEqual([0, 5]);
  });

  test('an entry after the marker that cannot be read is not cleared; without marker it is', async () => {
    const { store, handlers } = selStore(ENTRIES.slice(0, 4));
    const bmc = recordBmc(handlers);
    const { marker } = await readSel(bmc);
    store.log(bytes('ffff 02'));
    const warnings = ['Entry 0x0005 has only 3 bytes and was left out'];
    await expect(clearSel(bmc, { lastRead: marker })).rejects.toMatchObject({ code: 'CONFLICT', details: { warnings } });
    expect(store.erased).toBe(0);
    await clearSel(bmc);
    expect(store.erased).toBe(1);
  });

  test('a start that timed out in the BMC is not sent again: it may have been carried out', async () => {
    const { store, handlers } = selStore(ENTRIES);
    store.before = (command) => (command === 'clear' ? answer(0xc3) : undefined);
    const bmc = recordBmc(handlers);
    await expect(clearSel(bmc)).rejects.toMatchObject({ details: { completionCode: '0xc3' } });
    expect(bmc.count('0a/47')).toBe(1);
  });

  test('an erase that never ends is a TIMEOUT', async () => {
    const { store, handlers } = selStore(ENTRIES);
    store.erasePolls = Number.POSITIVE_INFINITY;
    await expect(withMovingClock((clock) => clearSel(recordBmc(handlers), { clock }))).rejects.toMatchObject({ code: 'TIMEOUT', details: { step: 'Clear SEL' } });
  });
});

describe('single commands', () => {
  test('info as captured', () => {
    expect(decodeSelInfo(bytes('51 1800 003d f40c0000 00000000 0a'))).toEqual({
      selVersion: 0x51, entryCount: 24, freeBytes: 15616, lastAddition: { kind: 'since-init', seconds: 0x0cf4 }, lastErase: { kind: 'since-init', seconds: 0 },
      overflow: false, canDelete: true, canReserve: true,
    });
    expect(decodeSelInfo(bytes('51 0000 ffff ffffffff ffffffff 82'))).toMatchObject({ overflow: true, lastAddition: { kind: 'unspecified' }, canDelete: false });
  });

  test('adding is never repeated; deleting takes a reservation', async () => {
    const { handlers } = selStore([]);
    const bmc = recordBmc(handlers, { '0a/44': () => answer(0, 0x34, 0x12), '0a/46': () => answer(0, 5, 0) });
    expect(await addSelEntry(bmc, NEW_EVENT)).toBe(0x1234);
    expect(bmc.options[0]?.repeatable).toBe(false);
    await deleteSelEntry(bmc, 5);
    expect(bmc.asked.slice(1)).toEqual(['0a/42 ', '0a/46 02000500']);
    await expect(addSelEntry(bmc, NEW_EVENT.subarray(1))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.count('0a/44')).toBe(1);
  });

  test('adding and deleting that timed out in the BMC are not sent again: they may have been carried out', async () => {
    const bmc = recordBmc(selStore([]).handlers, { '0a/44': () => answer(0xc3), '0a/46': () => answer(0xc3) });
    await expect(addSelEntry(bmc, NEW_EVENT)).rejects.toMatchObject({ details: { completionCode: '0xc3' } });
    await expect(deleteSelEntry(bmc, 5)).rejects.toMatchObject({ details: { completionCode: '0xc3' } });
    expect([bmc.count('0a/44'), bmc.count('0a/46')]).toEqual([1, 1]);
  });

  test('the clock: read, set, compared', async () => {
    const bmc = recordBmc({ '0a/48': () => answer(0, bytes('00105e5f')), '0a/49': () => answer(0) });
    expect(await getSelTime(bmc)).toEqual({ kind: 'unix', seconds: 0x5f5e1000, date: new Date(0x5f5e1000 * 1000) });
    await setSelTime(bmc, new Date(0x5f5e1000 * 1000 + 999));
    expect(bmc.asked.at(-1)).toBe('0a/49 00105e5f');
    const clock = createFakeClock(new Date((0x5f5e1000 - 3600) * 1000));
    expect(await readSelClock(bmc, { clock })).toMatchObject({ differenceMs: 3_600_000 });
    expect(await readSelClock(recordBmc({ '0a/48': () => answer(0, 5, 0, 0, 0) }), { clock })).toMatchObject({ differenceMs: null });
    await expect(setSelTime(bmc, new Date(1000))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(setSelTime(bmc, new Date(Number.NaN))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('the UTC offset: signed minutes, or not told', async () => {
    let offset = Buffer.of(0xc4, 0xff);
    const bmc = recordBmc({ '0a/5c': () => answer(0, offset), '0a/5d': () => answer(0) });
    expect(await getSelUtcOffset(bmc)).toBe(-60);
    offset = Buffer.of(0xff, 0x07);
    expect(await getSelUtcOffset(bmc)).toBeNull();
    await setSelUtcOffset(bmc, -90);
    await setSelUtcOffset(bmc, null);
    expect(bmc.asked.slice(2)).toEqual(['0a/5d a6ff', '0a/5d ff07']);
    await expect(setSelUtcOffset(bmc, 1441)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(getSelUtcOffset(recordBmc({}))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
