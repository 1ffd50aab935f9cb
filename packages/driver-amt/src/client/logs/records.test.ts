import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAuditRecord } from './audit-record.js';
import { decodeEventRecord } from './event-record.js';

const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const AUTHENTICATION_FAILED = 'Y8iYZf8GbwVoEP8mYaoKAAAAAAAA';
const PCI_CONFIGURATION = 'IgYBZf8PbwJoAf8iAEAHAAAAAAAA';
const FIRMWARE_UPDATED = 'ABMAAAI/9M1uAgAQAAwAAAAoBZkADAAAACQFlA==';

/** An event of a sensor type at an offset, with the bytes of its data. */
const event = (sensorType: number, offset: number, ...data: number[]): Uint8Array =>
  Uint8Array.of(0x63, 0xc8, 0x98, 0x65, 0xff, sensorType, 0x6f, offset, 0x68, 0x10, 0xff, 0x26, 0x01, ...Array.from({ length: 8 }, (_item, index) => data[index] ?? 0));

describe('event log', () => {
  test('the recorded attack on a password, little-endian', () => {
    expect(decodeEventRecord(base64(AUTHENTICATION_FAILED))).toEqual({
      at: new Date(1704511587 * 1000),
      message: 'Authentication failed 10 times',
      severity: 'critical',
      sensor: 'security violation',
      entity: 'management engine',
      entityInstance: 0x61,
      deviceAddress: 0xff,
      sensorType: 6,
      sensorNumber: 0xff,
      eventType: 0x6f,
      eventOffset: 5,
      sourceType: 0x68,
      data: hex('aa0a000000000000'),
    });
    expect(decodeEventRecord(base64(AUTHENTICATION_FAILED)).at?.toISOString()).toBe('2024-01-06T03:26:27.000Z');
  });

  test('the recorded step of a boot', () => {
    expect(decodeEventRecord(base64(PCI_CONFIGURATION))).toEqual({
      at: new Date(1694565922 * 1000),
      message: 'System firmware: PCI resource configuration',
      severity: 'monitor',
      sensor: 'system firmware',
      entity: 'BIOS',
      entityInstance: 0,
      deviceAddress: 0xff,
      sensorType: 15,
      sensorNumber: 0xff,
      eventType: 0x6f,
      eventOffset: 2,
      sourceType: 0x68,
      data: hex('4007000000000000'),
    });
  });

  test.each([
    [event(0x05, 0), 'The case was opened'],
    [event(0x06, 5, 0xaa, 0x2c, 0x01), 'Authentication failed 300 times'],
    [event(0x0f, 0, 0x40, 1), 'System firmware error: no memory is installed'],
    [event(0x0f, 0, 0x40, 200), 'System firmware error: code 200'],
    [event(0x0f, 1, 0x40, 8), 'System firmware hung: option ROM initialization'],
    [event(0x0f, 2, 0x40, 19), 'System firmware: start of the operating system'],
    [event(0x0f, 7, 0x40, 19), 'Event 7 of system firmware, data 4013000000000000'],
    [event(0x12, 0, 0xaa, 1, 2, 3, 4, 5, 6, 8), 'A watched program is expired'],
    [event(0x12, 0, 0xaa, 0, 0, 0, 0, 0, 0, 3), 'A watched program is in state 3'],
    [event(0x1e, 0), 'No bootable media'],
    [event(0x1e, 2), 'The PXE server was not found'],
    [event(0x20, 0), 'The operating system hung or power was interrupted'],
    [event(0x23, 0, 0x40), 'The watchdog ran out during the power-on self-test'],
    [event(0x23, 0), 'The system failed to boot'],
    [event(0x25, 0), 'The system firmware started'],
    [event(0xc0, 0, 0xaa, 0x30, 0), 'A serial over LAN session began'],
    [event(0xc0, 0, 0xaa, 0x30, 3), 'A redirected drive was disconnected'],
    [event(0xc0, 0, 1, 2, 3), 'Event 0 of management engine, data 0102030000000000'],
    [event(0xc1, 0, 0xaa, 0x30), 'The user asked for a remote connection'],
    [event(0x01, 9, 1), 'Event 9 of temperature, data 0100000000000000'],
    [event(0x77, 3), 'Event 3 of sensor type 119, data 0000000000000000'],
  ])('%# says in one sentence', (record, message) => {
    expect(decodeEventRecord(record).message).toBe(message);
  });

  test.each([[2, 'information'], [4, 'ok'], [8, 'non-critical'], [16, 'critical'], [32, 'non-recoverable'], [3, 3]])('severity %d is %s', (byte, severity) => {
    const record = base64(PCI_CONFIGURATION);
    record[9] = byte;
    expect(decodeEventRecord(record).severity).toBe(severity);
  });

  test.each(['00000000', 'ffffffff'])('a time of %s is none', (time) => {
    expect(decodeEventRecord(Uint8Array.of(...hex(time), ...base64(PCI_CONFIGURATION).slice(4))).at).toBeNull();
  });

  test('a record of any other length is a fault', () => {
    const record = base64(AUTHENTICATION_FAILED);
    for (const length of [...Array.from({ length: 21 }, (_item, index) => index), 22, 42]) {
      const bytes = Uint8Array.of(...record, ...record).slice(0, length);
      expect(() => decodeEventRecord(bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT', details: { record: 'event log record', bytes: length } }));
    }
  });

  test('any 21 bytes are an event', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 21, maxLength: 21 }), (bytes) => {
        const { message, data } = decodeEventRecord(bytes);
        expect(message).not.toBe('');
        expect(data).toEqual(bytes.slice(13));
      }),
    );
  });
});

describe('audit log', () => {
  test('the recorded update, big-endian', () => {
    expect(decodeAuditRecord(base64(FIRMWARE_UPDATED))).toEqual({
      at: new Date(0x3ff4cd6e * 1000),
      message: 'firmware update: firmware updated, from 12.0.40.1433 to 12.0.36.1428',
      applicationId: 19,
      eventId: 0,
      application: 'firmware update',
      event: 'firmware updated',
      initiatorType: 'local',
      locationType: 'none',
      detail: 'from 12.0.40.1433 to 12.0.36.1428',
      extra: hex('000c000000280599000c000000240594'),
    });
    expect(decodeAuditRecord(base64(FIRMWARE_UPDATED)).at?.toISOString()).toBe('2004-01-02T01:46:22.000Z');
  });

  test('a user of digest at an IPv4 address', () => {
    const record = hex(`0011 0003 00 05 ${Buffer.from('admin').toString('hex')} 65f0a1b2 00 0a ${Buffer.from('192.0.2.99').toString('hex')} 00`);
    expect(decodeAuditRecord(record)).toEqual({
      at: new Date(0x65f0a1b2 * 1000),
      message: 'remote control: reset',
      applicationId: 17,
      eventId: 3,
      application: 'remote control',
      event: 'reset',
      initiatorType: 'digest user',
      initiator: 'admin',
      locationType: 'ipv4',
      address: '192.0.2.99',
      extra: new Uint8Array(),
    });
  });

  const SID = '01 05 000000000005 15000000 01020304 05060708 090a0b0c f4010000';

  test.each([
    ['a Kerberos user', `01 0000002a 1c ${SID}`, 'kerberos user', 'S-1-5-21-67305985-134678021-202050057-500'],
    ['a Kerberos user whose identifier is cut', '01 0000002a 03 010500', 'kerberos user', 'user 42 of a domain'],
    ['the machine itself', '02', 'local', undefined],
    ['the default port of KVM', '03', 'kvm default port', undefined],
    ['a user without a name', '00 00', 'digest user', ''],
  ])('the initiator is %s', (_who, bytes, initiatorType, initiator) => {
    const record = decodeAuditRecord(hex(`0010 0010 ${bytes} 00000000 02 00 00`));
    expect([record.initiatorType, record.initiator, record.at, record.event]).toEqual([initiatorType, initiator, null, 'power package changed']);
  });

  test.each([
    [16, 2, `00 05 ${Buffer.from('peter').toString('hex')}`, 'user peter'],
    [16, 4, '01 00000000', undefined],
    [16, 5, '01', 'at the firmware menu'],
    [16, 7, '01 02', 'network server, local mutual'],
    [16, 19, '04', 'by remote WS-Management'],
    [21, 0, '65f0a1b2', 'to 2024-03-12T18:40:50.000Z'],
    [30, 0, '00 ff', 'from none to all'],
    [30, 1, '01', 'wrong three times'],
    [30, 1, '09', '9'],
    [16, 7, '01', undefined],
    [20, 0, 'abcd', undefined],
  ])('the extra bytes of event %d.%d, %s, say %s', (application, eventId, extra, detail) => {
    const bytes = hex(extra);
    const record = decodeAuditRecord(Uint8Array.of(0, application, 0, eventId, 2, 0, 0, 0, 1, 2, 0, bytes.length, ...bytes));
    expect(record.detail).toBe(detail);
    expect(record.extra).toEqual(bytes);
  });

  test('what has no name has its number', () => {
    const record = decodeAuditRecord(hex('00ff 0007 02 00000001 05 00 00'));
    expect([record.message, record.application, record.event, record.locationType]).toEqual(['application 255: event 7', undefined, undefined, 5]);
    expect(decodeAuditRecord(hex('0011 0063 02 00000001 02 00 00')).message).toBe('remote control: event 99');
  });

  test.each([FIRMWARE_UPDATED, Buffer.from(hex(`0010 0010 01 0000002a 1c ${SID} 00000001 00 02 3a3a 01 ff`)).toString('base64')])(
    'a record that is cut anywhere is a fault',
    (text) => {
      const record = base64(text);
      for (let length = 0; length < record.length; length += 1) {
        expect(() => decodeAuditRecord(record.slice(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
      }
      expect(decodeAuditRecord(record).message).not.toBe('');
    },
  );

  test('an initiator of an unknown kind is a fault: what follows it cannot be found', () => {
    expect(() => decodeAuditRecord(hex('0010 0010 09 00000000 02 00 00'))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_FAULT', details: { record: 'audit log record', initiatorType: 9 } }),
    );
  });

  test('any bytes are a record or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 4 }), (bytes, application, initiator) => {
        try {
          expect(decodeAuditRecord(Uint8Array.of(0, application, 0, bytes[0] ?? 0, initiator, ...bytes)).message).not.toBe('');
        } catch (error) {
          expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
        }
      }),
      { numRuns: 500 },
    );
  });
});
