import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { decodeFru, decodeFruAreaInfo, type Fru, getFruAreaInfo, readFru, readFruBytes, type FruReadOptions } from '../../src/fru/index.js';
import { answer, type CommandHandlers, recordBmc, type RecordBmc, u16, withMovingClock } from '../record-bmc.js';
import { bytes, FRU_FIXTURES } from '../record-fixtures.js';

interface FruStore {
  image: Buffer;
  unit: 1 | 2;
  maximumRead: number;
  shortReads: number;
  refusal: number;
  before: () => Uint8Array | undefined;
  readonly read: { readonly offset: number; readonly count: number }[];
}

function fruStore(image: Uint8Array, deviceId = 0): { readonly store: FruStore; readonly handlers: CommandHandlers } {
  const store: FruStore = { image: Buffer.from(image), unit: 1, maximumRead: 255, shortReads: 255, refusal: 0xc8, before: () => undefined, read: [] };
  const handlers: CommandHandlers = {
    '0a/10': (data) => (data[0] === deviceId ? answer(0, u16(store.image.length), store.unit - 1) : answer(0xcc)),
    '0a/11': (data) => {
      const ready = store.before();
      if (ready !== undefined) return ready;
      const offset = data.readUInt16LE(1) * store.unit;
      const wanted = data.readUInt8(3);
      const count = Math.min(wanted, store.shortReads) * store.unit;
      if (wanted * store.unit > store.maximumRead) return answer(store.refusal);
      if (offset >= store.image.length) return answer(0xc9);
      const piece = store.image.subarray(offset, offset + count);
      store.read.push({ offset, count: piece.length });
      return answer(0, Math.ceil(piece.length / store.unit), piece);
    },
  };
  return { store, handlers };
}

async function read(bmc: RecordBmc, options: FruReadOptions = {}): Promise<Fru> {
  return withMovingClock((clock) => readFru(bmc, 0, { clock, ...options }));
}

describe('reading', () => {
  test.each(FRU_FIXTURES.cases)('$id comes as it is', async ({ data }) => {
    expect(await read(recordBmc(fruStore(bytes(data)).handlers))).toEqual(decodeFru(bytes(data)));
  });

  test.each(FRU_FIXTURES.cases)('$id comes in words too', async ({ data }) => {
    const { store, handlers } = fruStore(bytes(data));
    store.unit = 2;
    expect(await read(recordBmc(handlers))).toEqual(decodeFru(bytes(data)));
  });

  const plain = FRU_FIXTURES.cases[0] ?? expect.fail('no case');
  const expected = decodeFru(bytes(plain.data));

  test.each([
    [8, 0xc8],
    [16, 0xca],
    [20, 0xc7],
    [9, 0xff],
  ])('a BMC that gives at most %i bytes and else answers %i', async (maximumRead, refusal) => {
    const { store, handlers } = fruStore(bytes(plain.data));
    Object.assign(store, { maximumRead, refusal });
    const bmc = recordBmc(handlers);
    expect(await read(bmc)).toEqual(expected);
    expect(Math.max(...store.read.map(({ count }) => count))).toBeLessThanOrEqual(maximumRead);
  });

  test.each([1, 3])('a BMC that gives %i bytes in place of what was asked for', async (shortReads) => {
    const { store, handlers } = fruStore(bytes(plain.data));
    store.shortReads = shortReads;
    expect(await read(recordBmc(handlers))).toEqual(expected);
  });

  test('of a large device only what is there is read', async () => {
    const { store, handlers } = fruStore(Buffer.concat([bytes(plain.data), Buffer.alloc(65_000, 0xff)]));
    expect(await read(recordBmc(handlers))).toEqual(expected);
    expect(Math.max(...store.read.map(({ offset, count }) => offset + count))).toBe(bytes(plain.data).length);
  });

  test('areas may stand in any order', async () => {
    const image = bytes(plain.data);
    // Chassis behind the others.
    const moved = Buffer.concat([Buffer.of(1, 0, 20, 4, 12, 0, 0, 0xdb), Buffer.alloc(24), image.subarray(32), image.subarray(8, 32)]);
    const fru = await read(recordBmc(fruStore(moved).handlers));
    expect([fru.chassis?.partNumber, fru.board?.serialNumber, fru.product?.version]).toEqual(['CH-PN-100', 'BSN0000123', 'rev B']);
    expect(fru.problems).toEqual([]);
  });

  test('an internal use area behind all others reaches to the end of the device, and is not read', async () => {
    // Common header, chassis area of 8 bytes, internal use from byte 16 on; the device has 64.
    const header = Buffer.from('01020100000000', 'hex');
    const chassis = Buffer.from('010117c0c0c100', 'hex');
    const checksum = (area: Buffer): number => -area.reduce((sum, byte) => sum + byte, 0) & 0xff;
    const image = Buffer.concat([header, Buffer.of(checksum(header)), chassis, Buffer.of(checksum(chassis)), Buffer.alloc(48, 0x5a)]);
    const { store, handlers } = fruStore(image);
    const fru = await read(recordBmc(handlers));
    expect(fru.internalUse).toEqual({ offset: 16, length: 48 });
    expect(fru.problems).toEqual([]);
    expect(fru).toEqual(decodeFru(image));
    expect(Math.max(...store.read.map(({ offset, count }) => offset + count))).toBe(16);
  });

  test('a device that ends before its header says is read as far as it goes', async () => {
    const { handlers } = fruStore(bytes(plain.data).subarray(0, 100));
    const fru = await read(recordBmc(handlers));
    expect(fru).toEqual(decodeFru(bytes(plain.data).subarray(0, 100)));
    expect(fru.problems.length).toBeGreaterThan(0);
  });

  test.each([
    ['no bytes where there should be some', answer(0, 0)],
    ['an offset out of range', answer(0xc9)],
  ])('%s ends the device', async (_what, reply) => {
    const { store, handlers } = fruStore(bytes(plain.data));
    store.before = () => (store.read.length >= 3 ? reply : undefined);
    const fru = await read(recordBmc(handlers));
    expect(fru.format).toBe('ipmi');
    expect(fru.problems.length).toBeGreaterThan(0);
  });

  test('a count that promises more than comes is not believed', async () => {
    const { handlers } = fruStore(bytes(plain.data));
    const get = handlers['0a/11'] ?? expect.fail('no handler');
    const boasting = recordBmc({
      ...handlers,
      '0a/11': (data, request) => {
        const reply = Buffer.from(get(data, request));
        reply[1] = 0xff;
        return reply;
      },
    });
    expect(await read(boasting)).toEqual(expected);
  });

  test('what comes beyond the count is not taken', async () => {
    const { store, handlers } = fruStore(bytes(plain.data));
    store.shortReads = 4;
    const get = handlers['0a/11'] ?? expect.fail('no handler');
    const bmc = recordBmc({ ...handlers, '0a/11': (data, request) => answer(get(data, request), Buffer.alloc(16, 0xee)) });
    expect(await read(bmc)).toEqual(expected);
  });

  test('a busy device is asked again', async () => {
    const { store, handlers } = fruStore(bytes(plain.data));
    let busy = 3;
    store.before = () => (busy-- > 0 ? answer(0x81) : undefined);
    expect(await read(recordBmc(handlers))).toEqual(expected);
    store.before = () => answer(0x81);
    await expect(read(recordBmc(handlers))).rejects.toMatchObject({ code: 'BUSY' });
  });

  test('the whole device as it is', async () => {
    const image = Buffer.from(Array.from({ length: 131 }, (_, index) => index));
    const { store, handlers } = fruStore(image);
    expect(Buffer.from(await readFruBytes(recordBmc(handlers), 0)).equals(image)).toBe(true);
    store.unit = 2;
    expect(Buffer.from(await readFruBytes(recordBmc(handlers), 0)).equals(image)).toBe(true);
  });
});

describe('failures', () => {
  test.each([0xc9, 0xcb, 0xcc, 0xc3])('completion code %i says that there is no such device', async (code) => {
    await expect(read(recordBmc({ '0a/10': () => answer(code) }))).rejects.toMatchObject({ code: 'NOT_FOUND', details: { address: '192.0.2.7:623', fruDeviceId: 0 } });
  });

  test('other refusals are told as they are', async () => {
    await expect(read(recordBmc({ '0a/10': () => answer(0xd4) }))).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(read(recordBmc({ '0a/10': () => answer(0, 1) }))).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: '192.0.2.7:623' } });
    const lost = new FerricError('TIMEOUT', 'no answer');
    const { store, handlers } = fruStore(bytes(FRU_FIXTURES.cases[0]?.data ?? ''));
    store.before = () => {
      throw lost;
    };
    await expect(read(recordBmc(handlers))).rejects.toBe(lost);
  });

  test('a device without even a header is a PROTOCOL_FAULT', async () => {
    await expect(read(recordBmc(fruStore(bytes('010001')).handlers))).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('the caller ends it with its own reason', async () => {
    const { store, handlers } = fruStore(bytes(FRU_FIXTURES.cases[0]?.data ?? ''));
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    store.before = () => {
      if (store.read.length === 1) caller.abort(reason);
      return undefined;
    };
    await expect(read(recordBmc(handlers), { signal: caller.signal })).rejects.toBe(reason);
  });

  test('bad options are refused before anything is sent', async () => {
    const bmc = recordBmc({});
    await expect(readFru(bmc, 255)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(readFru(bmc, 0, { chunkBytes: 255 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.asked).toEqual([]);
  });
});

test('area info', async () => {
  expect(decodeFruAreaInfo(bytes('000100'))).toEqual({ sizeBytes: 256, access: 'bytes' });
  expect(decodeFruAreaInfo(bytes('080001'))).toEqual({ sizeBytes: 8, access: 'words' });
  const bmc = recordBmc({ '0a/10': () => answer(0, 0, 1, 0) });
  expect(await getFruAreaInfo(bmc, 3)).toEqual({ sizeBytes: 256, access: 'bytes' });
  expect(bmc.asked).toEqual(['0a/10 03']);
});
