import { FerricError } from '@ferric/core';
import { decodeSdrRecord, type SdrRecord } from '@ferric/ipmi-raw-buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, notPassedOn, scriptedBmc } from '../../test/scripted-bmc.js';
import { findNodeManager, locationOf } from './find-node-manager.js';

const DISCOVERY = '0200 51 C0 0B 57 01 00 0D 01 2C 00 18 19 1A 1B';
const ELSEWHERE = '0200 51 C0 07 57 01 00 0D 01 88 62';
/** A locator of a controller whose name holds the bytes that a search for text would find. */
const LOOKALIKE = '0300 51 12 10 20 00 00 00 00 00 00 00 00 00 c5 57 01 00 0d 01';

const record = (hex: string): SdrRecord => decodeSdrRecord(bytesOf(hex));
const records = (...hex: readonly string[]) => async (): Promise<{ readonly records: readonly SdrRecord[] }> => ({ records: hex.map(record) });
const present = (): string => '00 570100 05 03 07 01 02';

describe('locationOf', () => {
  test('the record of a machine', () => {
    expect(locationOf(record(DISCOVERY))).toEqual({
      slaveAddress: 0x2c, channel: 0, lun: 0, sensors: { health: 0x18, exception: 0x19, operationalCapabilities: 0x1a, alertThreshold: 0x1b },
    });
  });

  test('channel and logical unit share a byte', () => {
    expect(locationOf(record(ELSEWHERE))).toEqual({ slaveAddress: 0x88, channel: 6, lun: 2 });
  });

  test.each([
    ['another manufacturer', '0200 51 C0 0B 58 01 00 0D 01 2C 00 18 19 1A 1B'],
    ['another record of Intel', '0200 51 C0 0B 57 01 00 0D 02 2C 00 18 19 1A 1B'],
    ['the bytes one further', '0200 51 C0 0C 57 01 00 00 0D 01 2C 00 18 19 1A 1B'],
    ['the bytes half a byte further', '0200 51 C0 0C 57 01 00 05 70 10 00 D0 12 C0 01 81'],
    ['a record that ends before the address', '0200 51 C0 05 57 01 00 0D 01'],
    ['a record that ends before the channel', '0200 51 C0 06 57 01 00 0D 01 2C'],
    ['a record of another type', LOOKALIKE],
  ])('%s tells none', (_name, hex) => {
    expect(locationOf(record(hex))).toBeUndefined();
  });

  test('whatever an OEM record holds is a location or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        const location = locationOf({ recordId: 1, sdrVersion: 0x51, recordType: 0xc0, bodyLength: 3 + data.length, kind: 'oem', manufacturerId: 343, data });
        expect(location === undefined).toBe(!(data[0] === 0x0d && data[1] === 0x01 && data.length >= 4));
      }),
    );
  });
});

describe('findNodeManager', () => {
  test('finds the record and makes sure that somebody is there', async () => {
    const bmc = scriptedBmc(present);
    expect(await findNodeManager(bmc, { records: records(LOOKALIKE, DISCOVERY) })).toMatchObject({ slaveAddress: 0x2c, channel: 0 });
    expect(bmc.asked).toEqual(['0:2c 2eca570100']);
  });

  test.each([
    ['nobody is', notPassedOn(0x83)],
    ['nobody is at the moment', notPassedOn(0xd3)],
    ['somebody else is', '00 430100 05 03 07 01 02'],
  ])('takes the next record when %s where the first one says', async (_name, reply) => {
    const bmc = scriptedBmc((request) => (request.startsWith('6:88') ? present() : reply));
    expect(await findNodeManager(bmc, { records: records(DISCOVERY, ELSEWHERE) })).toMatchObject({ slaveAddress: 0x88, channel: 6 });
  });

  test('a BMC without such a record has no Node Manager', async () => {
    const bmc = scriptedBmc(present);
    await expect(findNodeManager(bmc, { records: records(LOOKALIKE) })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('No Intel Node Manager behind the BMC at 192.0.2.10:623') as unknown,
      hint: expect.stringContaining('firmware') as unknown,
    });
    expect(bmc.asked).toEqual([]);
  });

  test('nor has one without any records', async () => {
    const failing = async (): Promise<never> => {
      throw new FerricError('UNSUPPORTED', 'no repository');
    };
    await expect(findNodeManager(scriptedBmc(present), { records: failing })).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('No Intel Node Manager') as unknown });
  });

  test.each([
    ['refuses to pass the request on', notPassedOn(0x83)],
    ['is no Node Manager', 'c1'],
  ])('one that %s is told of and does not answer', async (_name, reply) => {
    await expect(findNodeManager(scriptedBmc(() => reply), { records: records(DISCOVERY) })).rejects.toMatchObject({
      code: 'REFUSED', message: expect.stringContaining('which does not answer') as unknown, details: { address: '192.0.2.10:623' },
    });
  });

  test('an answer that makes no sense is just that', async () => {
    const bmc = scriptedBmc(() => '00 430100');
    await expect(findNodeManager(bmc, { records: records(DISCOVERY) })).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { received: '430100' } });
  });

  test('one that is busy may answer in a moment, and is not passed over', async () => {
    const bmc = scriptedBmc((request) => (request.startsWith('6:88') ? present() : 'c0'));
    const search = findNodeManager(bmc, { records: records(DISCOVERY, ELSEWHERE) });
    await expect(search).rejects.toMatchObject({ code: 'BUSY', retryable: true, details: { completionCode: '0xc0' } });
  });

  test.each([['first', 0xd3, 0x83], ['last', 0x83, 0xd3]])('a failure that may pass is what is told, be it the %s', async (_name, first, second) => {
    const bmc = scriptedBmc((request) => notPassedOn(request.startsWith('6:88') ? second : first));
    const search = findNodeManager(bmc, { records: records(DISCOVERY, ELSEWHERE) });
    await expect(search).rejects.toMatchObject({ retryable: true, details: { completionCode: '0xd3' } });
  });

  test('a BMC that does not answer is just that', async () => {
    const silent = new FerricError('TIMEOUT', 'silent');
    await expect(findNodeManager(scriptedBmc(() => silent), { records: records(DISCOVERY) })).rejects.toBe(silent);
    const failing = async (): Promise<never> => {
      throw silent;
    };
    await expect(findNodeManager(scriptedBmc(present), { records: failing })).rejects.toBe(silent);
  });
});
