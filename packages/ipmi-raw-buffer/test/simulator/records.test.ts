import { readFileSync } from 'node:fs';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { compactSensorRecord, fruImage, fullSensorRecord, oemRecord, sdrRecord, systemEvent } from '../../src/simulator/index.js';
import { createBench, type HandSession, hex } from './hand-console.js';

const SDR_FIXTURES = JSON.parse(readFileSync(new URL('../fixtures/sdr.json', import.meta.url), 'utf8')) as {
  readonly records: readonly { readonly id: string; readonly record: string }[];
};
const word = (value: number): string => Buffer.of(value & 0xff, value >> 8).toString('hex');

describe('the SDR repository', () => {
  const records = SDR_FIXTURES.records.map(({ record }) => hex(record));

  test('is read back byte by byte, in pieces', () => {
    const own = createBench({ sdr: records }).session();
    const reservation = own.say(0x0a, 0x22).slice(3);
    const read: string[] = [];
    for (let id = '0000'; id !== 'ffff'; ) {
      const head = own.say(0x0a, 0x23, `${reservation}${id}0005`).slice(3);
      const total = 5 + Number.parseInt(head.slice(12, 14), 16);
      let record = head.slice(4);
      while (record.length < 2 * total) {
        const count = Math.min(16, total - record.length / 2);
        record += own.say(0x0a, 0x23, `${reservation}${id}${Buffer.of(record.length / 2, count).toString('hex')}`).slice(7);
      }
      read.push(record);
      id = head.slice(0, 4);
    }
    expect(read).toEqual(SDR_FIXTURES.records.map(({ record }) => record));
    expect(own.say(0x0a, 0x20).slice(0, 13)).toBe(`00 51${word(records.length)}ffff`);
  });

  test('gives no more than its limit, and no piece of a record to whom it has not reserved it', () => {
    const own = createBench({ sdrReadLimitBytes: 20 }).session();
    const get = (text: string): string => own.say(0x0a, 0x23, text);
    expect(get('0000 0300 00 ff')).toBe('ca');
    expect(get('0000 0300 00 15')).toBe('ca');
    expect(get('0000 0300 00 14')).toHaveLength(3 + 4 + 40);
    expect(get('0000 0300 05 05')).toBe('c5');
    expect(own.say(0x0a, 0x22)).toBe('00 0100');
    expect(own.say(0x0a, 0x22)).toBe('00 0200');
    expect([get('0100 0300 05 05'), get('0100 0300 00 05'), get('0200 0300 05 01')]).toEqual(['c5', 'c5', '00 040020']);
    expect([get('0200 9999 00 05'), get('0200 0300 ff 05')]).toEqual(['cb', 'c9']);
    expect(get('0000 ffff 00 05')).toBe('00 ffff1400510223');
  });

  test('gives the rest of a record where less is left than was asked for', () => {
    const own = createBench({ sdr: [oemRecord(343, [1, 2, 3, 4])] }).session();
    expect(own.say(0x0a, 0x23, '0000 0000 00 20')).toBe('00 ffff010051c00757010001020304');
  });

  test('gives free ids to records without one', () => {
    const own = createBench({ sdr: [sdrRecord(0xc0, [1, 0, 0]), sdrRecord(0xc0, [2, 0, 0], 1), sdrRecord(0xc0, [3, 0, 0])] }).session();
    const next = (id: string): string => own.say(0x0a, 0x23, `0000${id}0006`);
    expect([next('0000'), next('0100'), next('0300')]).toEqual(['00 0100020051c00301', '00 0300010051c00302', '00 ffff030051c00303']);
  });
});

describe('sensors', () => {
  const sdr = [
    fullSensorRecord({
      number: 1, name: 'Cold', sensorType: 1, unit: 1, format: "two's complement", entityId: 7, entityInstance: 1,
      thresholds: { lowerNonRecoverable: 0xe0, lowerCritical: 0xf0, lowerNonCritical: 0xfb, upperNonCritical: 40, upperCritical: 50, upperNonRecoverable: 60 },
    }),
    fullSensorRecord({ number: 2, name: 'One', sensorType: 1, unit: 1, format: "one's complement", entityId: 7, entityInstance: 1, thresholds: { lowerCritical: 0xfe } }),
    compactSensorRecord({ number: 0x30, name: 'Bay', sensorType: 0x0d, states: 0x7fff, count: 3, entityId: 4, entityInstance: 1 }),
    hex('0900 51 03 0d 20 00 50 07 01 05 6f 01 00 00 00 c1 41'.replaceAll(' ', '')),
    fullSensorRecord({ number: 3, name: 'Bare', sensorType: 1, unit: 1, entityId: 7, entityInstance: 1 }),
  ];
  const sensors = (readings = {}): HandSession => createBench({ sdr, readings }).session();

  test.each([
    // Raw byte; states of lower non-critical, critical, non-recoverable, then upper.
    [0x14, 'c0'], [0xfc, 'c0'], [0xfb, 'c1'], [0xf0, 'c3'], [0xe0, 'c7'], [0x80, 'c7'], [39, 'c0'], [40, 'c8'], [50, 'd8'], [60, 'f8'], [0x7f, 'f8'],
  ])('raw %i of a signed sensor is compared as signed: %s', (raw, states) => {
    expect(sensors({ 1: { raw } }).say(0x04, 0x2d, [1])).toBe(`00 ${Buffer.of(raw).toString('hex')}c0${states}`);
  });

  test('raw bytes in one\'s complement count from -127 to 127', () => {
    const states = (raw: number): string => sensors({ 2: { raw } }).say(0x04, 0x2d, [2]).slice(7);
    expect([0xff, 0xfe, 0x80, 0x00, 0x7f].map(states)).toEqual(['c0', 'c2', 'c2', 'c0', 'c0']);
  });

  test('states of discrete sensors, also of those that share a record', () => {
    const own = sensors({ 0x30: { states: 0x0001 }, 0x31: { states: 0x4100 }, 0x32: { scanning: false } });
    expect([0x30, 0x31, 0x32].map((number) => own.say(0x04, 0x2d, [number]))).toEqual(['00 00c00180', '00 00c000c1', '00 00800080']);
  });

  test('what cannot be read says so', () => {
    const own = sensors({ 1: { available: false } });
    expect([own.say(0x04, 0x2d, [1]), own.say(0x04, 0x2d, [0x50]), own.say(0x04, 0x2d, [0x33]), own.say(0x04, 0x2d, [1], 1), own.say(0x04, 0x2d)]).toEqual([
      '00 00e0c0', 'cd', 'cb', 'cb', 'c7',
    ]);
  });

  test('values can be changed while it runs', () => {
    const { bmc, session } = createBench();
    const own = session();
    expect(own.say(0x04, 0x2d, [2])).toBe('00 29c0c0');
    bmc.sensors.setReading(0, 2, { raw: 96 });
    expect(own.say(0x04, 0x2d, [2])).toBe('00 60c0d8');
    bmc.sensors.setReading(0, 2, { raw: 96, states: 0x01 });
    expect(own.say(0x04, 0x2d, [2])).toBe('00 60c0c1');
  });

  test('thresholds can be read and set, where the record has them', () => {
    const own = sensors({ 1: { raw: 45 } });
    expect([own.say(0x04, 0x27, [1]), own.say(0x04, 0x27, [2]), own.say(0x04, 0x27, [3])]).toEqual(['00 3ffbf0e028323c', '00 0200fe00000000', '00 00000000000000']);
    expect(own.say(0x04, 0x26, '01 18 000000 2e 63 00')).toBe('00');
    expect([own.say(0x04, 0x27, [1]), own.say(0x04, 0x2d, [1])]).toEqual(['00 3ffbf0e02e633c', '00 2dc0c0']);
    expect([own.say(0x04, 0x26, '02 08 000000 2e 63 00'), own.say(0x04, 0x26, '03 01 000000000000')]).toEqual(['cd', 'cd']);
  });

  test('hysteresis, events, type and factors', () => {
    const own = sensors();
    expect([own.say(0x04, 0x25, '01ff'), own.say(0x04, 0x24, '01ff0304'), own.say(0x04, 0x25, '01ff')]).toEqual(['00 0101', '00', '00 0304']);
    expect([own.say(0x04, 0x29, [1]), own.say(0x04, 0x28, '01 80 0100 0200'), own.say(0x04, 0x29, [1])]).toEqual(['00 c0950a950a', '00', '00 8001000200']);
    expect([own.say(0x04, 0x2f, [1]), own.say(0x04, 0x2f, [0x31]), own.say(0x04, 0x2f, [0x50])]).toEqual(['00 0101', '00 0d6f', '00 056f']);
    expect([own.say(0x04, 0x23, '0114'), own.say(0x04, 0x23, '3014'), own.say(0x04, 0x2a, '0100')]).toEqual(['00 14010100000000', 'cd', '00']);
    expect([own.say(0x04, 0x2b, [1]), own.say(0x04, 0x2b, [0x50])]).toEqual(['00 c000000000', 'cd']);
  });
});

describe('the event log', () => {
  const ENTRY = '0000 02 00000000 2000 04 01 02 01 57 60 55'.replaceAll(' ', '');

  test('is read in order, whole or in part', () => {
    const sel = [systemEvent({ id: 5, seconds: 0x60000000, sensorType: 1, sensorNumber: 2, eventType: 1, data: [0x57, 1, 2] }), hex('0900 e0 0102030405060708090a0b0c0d')];
    const own = createBench({ sel }).session();
    const get = (text: string): string => own.say(0x0a, 0x43, text);
    expect(get('0000 0000 00 ff')).toBe('00 090005000200000060200004010201570102');
    expect(get('0000 0900 00 ff')).toBe('00 ffff0900e00102030405060708090a0b0c0d');
    expect(get('0000 ffff 00 ff')).toBe('00 ffff0900e00102030405060708090a0b0c0d');
    expect([get('0000 0600 00 ff'), get('0000 0500 03 04')]).toEqual(['cb', 'c5']);
    const reservation = own.say(0x0a, 0x42).slice(3);
    expect(get(`${reservation} 0500 03 04`)).toBe('00 090000000060');
    expect(get(`${reservation} 0500 10 04`)).toBe('c9');
    expect(own.say(0x0a, 0x40)).toBe(`00 510200${word(510 * 16)}ffffffffffffffff0a`);
  });

  test('entries get an id and the time; they cancel reservations', async () => {
    const clock = createFakeClock(new Date('2026-01-15T12:00:00Z'));
    const { bmc, session } = createBench({ clock, sel: [] });
    const own = session();
    expect([own.say(0x0a, 0x43, '0000 0000 00 ff'), own.say(0x0a, 0x42)]).toEqual(['cb', '00 0100']);
    expect(own.say(0x0a, 0x44, ENTRY)).toBe('00 0100');
    const seconds = Buffer.from(Uint32Array.of(Date.UTC(2026, 0, 15, 12) / 1000).buffer).toString('hex');
    expect(own.say(0x0a, 0x43, '0000 0100 00 ff')).toBe(`00 ffff010002${seconds}200004010201576055`);
    expect([own.say(0x0a, 0x47, '0100 434c52 aa'), bmc.log.entries.length]).toEqual(['c5', 1]);
    expect(own.say(0x0a, 0x40).slice(13, 21)).toBe(seconds);
  });

  test('is cleared by its reservation and its word only, and takes its time', async () => {
    const clock = createFakeClock();
    const { bmc, session } = createBench({ clock, selEraseMs: 300 });
    const own = session();
    expect([own.say(0x0a, 0x47, '0000 434c52 aa'), own.say(0x0a, 0x42)]).toEqual(['c5', '00 0100']);
    expect([own.say(0x0a, 0x47, '0100 434c53 aa'), own.say(0x0a, 0x47, '0100 434c52 bb'), bmc.log.entries.length]).toEqual(['cc', 'cc', 3]);
    expect([own.say(0x0a, 0x47, '0100 434c52 aa'), own.say(0x0a, 0x47, '0100 434c52 00')]).toEqual(['00 00', '00 00']);
    expect([own.say(0x0a, 0x43, '0000 0000 00 ff'), own.say(0x0a, 0x44, ENTRY), own.say(0x0a, 0x46, '0000 0100')]).toEqual(['81', '81', '81']);
    await clock.advance(300);
    expect([own.say(0x0a, 0x47, '0100 434c52 00'), own.say(0x0a, 0x43, '0000 0000 00 ff')]).toEqual(['00 01', 'cb']);
  });

  test('single entries can be deleted', () => {
    const { bmc, session } = createBench();
    const own = session();
    expect([own.say(0x0a, 0x46, '0000 0200'), own.say(0x0a, 0x46, '0000 0200')]).toEqual(['00 0200', 'cb']);
    expect(bmc.log.entries.map((entry) => entry[0])).toEqual([1, 3]);
  });

  test('says when it is full', () => {
    const { bmc, session } = createBench({ selCapacity: 4 });
    const own = session();
    expect([own.say(0x0a, 0x44, ENTRY), own.say(0x0a, 0x44, ENTRY), own.say(0x0a, 0x40).slice(-2)]).toEqual(['00 0400', 'c4', '8a']);
    expect([bmc.log.add(hex(ENTRY)), bmc.log.entries.length]).toEqual([undefined, 4]);
  });

  test('other BMCs with the same content keep theirs', () => {
    const [first, second] = [createBench(), createBench()];
    first.session().say(0x0a, 0x44, ENTRY);
    expect([first.bmc.log.entries.length, second.bmc.log.entries.length]).toEqual([4, 3]);
  });

  test('a console may report an event; the clock can be set', async () => {
    const clock = createFakeClock(new Date(0));
    const { bmc, session } = createBench({ clock, sel: [] });
    const own = session();
    expect([own.say(0x0a, 0x49, '00000070'), own.say(0x0a, 0x48), own.say(0x0a, 0x28)]).toEqual(['00', '00 00000070', '00 00000070']);
    await clock.advance(2000);
    expect([own.say(0x04, 0x02, '04 01 30 01 59 00 00'), own.say(0x0a, 0x48)]).toEqual(['00', '00 02000070']);
    expect(bmc.log.entries.map((entry) => Buffer.from(entry).toString('hex'))).toEqual(['01000202000070810004013001590000']);
    expect([own.say(0x0a, 0x5c), own.say(0x0a, 0x5d, '3c00'), own.say(0x0a, 0x5c)]).toEqual(['00 ff07', '00', '00 3c00']);
  });
});

describe('FRU devices', () => {
  const image = Uint8Array.from({ length: 40 }, (_, index) => index);

  test('by bytes', () => {
    const own = createBench({ fru: { 3: { image } } }).session();
    expect([own.say(0x0a, 0x10, [3]), own.say(0x0a, 0x10, [0])]).toEqual(['00 280000', 'cb']);
    expect(own.say(0x0a, 0x11, '03 0400 03')).toBe('00 03040506');
    expect(own.say(0x0a, 0x11, '03 2600 10')).toBe('00 022627');
    expect([own.say(0x0a, 0x11, '03 2800 10'), own.say(0x0a, 0x11, '03 0000 21'), own.say(0x0a, 0x11, '00 0000 10')]).toEqual(['c9', 'ca', 'cb']);
  });

  test('by words', () => {
    const own = createBench({ fru: { 0: { image, wordAccess: true } } }).session();
    expect([own.say(0x0a, 0x10, [0]), own.say(0x0a, 0x11, '00 0200 02'), own.say(0x0a, 0x11, '00 1300 08')]).toEqual(['00 280001', '00 0204050607', '00 012627']);
    expect([own.say(0x0a, 0x12, '00 0100 aabb'), own.say(0x0a, 0x11, '00 0000 03')]).toEqual(['00 01', '00 030001aabb0405']);
  });

  test('can be written within their size, unless they are protected', () => {
    const { bmc, session } = createBench({ fru: { 0: { image }, 1: { image, writeProtected: true } } });
    const own = session();
    expect([own.say(0x0a, 0x12, '00 2700 ff'), own.say(0x0a, 0x12, '00 2700 ffff'), own.say(0x0a, 0x12, '01 0000 ff')]).toEqual(['00 01', 'c9', '80']);
    expect([own.say(0x0a, 0x11, '00 2600 02'), image[39], bmc.fru.image(1)[0]]).toEqual(['00 0226ff', 39, 0]);
  });

  test('an image is made as the storage definition says', () => {
    // The board area of the captured device fru-00: bytes read by ipmitool from OpenIPMI's BMC.
    const made = Buffer.from(
      fruImage({
        board: {
          manufacturedAt: new Date('2015-06-23T10:51:00Z'), manufacturer: 'Ferric Works', productName: 'FW-Board X1', serialNumber: 'BSN0000123', partNumber: 'BPN-77-1', fileId: 'fru.v1',
        },
      }),
    );
    expect(made.subarray(0, 8).toString('hex')).toBe('01000001000000fe');
    const board = `0108192b4d9ccc${Buffer.from('Ferric Works').toString('hex')}cb${Buffer.from('FW-Board X1').toString('hex')}`;
    expect(made.subarray(8, 8 + board.length / 2).toString('hex')).toBe(board);
    expect([made.subarray(8, 8 + 64).reduce((sum, byte) => (sum + byte) & 0xff, 0), made.length, made.readUInt8(8 + 64)]).toEqual([0, 256, 0]);
  });
});
