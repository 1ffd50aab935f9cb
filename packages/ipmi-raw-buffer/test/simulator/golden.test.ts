import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { legacyCode } from '../../src/simulator/session/session.js';
import { readMessage, writeAnswer } from '../../src/simulator/wire/message.js';
import { readPacket } from '../../src/simulator/wire/packet.js';
import { deriveKeys, openPacket, sealPacket } from '../../src/simulator/wire/protection.js';
import { suiteOf } from '../../src/simulator/wire/suites.js';
import { hex } from './hand-console.js';

interface GoldenSession {
  readonly cipher_suite: 3 | 17;
  readonly sik: string;
  readonly k1: string;
  readonly k2: string;
  readonly packets: readonly (readonly [from: 'con' | 'bmc', label: string, raw: string, plain?: string])[];
}

const SESSIONS = JSON.parse(readFileSync(new URL('../fixtures/golden-sessions.json', import.meta.url), 'utf8')) as readonly GoldenSession[];

function plus(raw: string): Parameters<typeof openPacket>[2] {
  const read = readPacket(hex(raw));
  if (read?.kind !== 'plus') throw new Error(raw);
  return read.packet;
}

describe.each(SESSIONS)('the recorded session with suite $cipher_suite', (session) => {
  const suite = suiteOf(session.cipher_suite);
  const keys = deriveKeys(suite, hex(session.sik));
  const protectedPackets = session.packets.flatMap(([from, , raw, plain]) => (plain === undefined ? [] : [{ from, raw, plain }]));

  test('has these keys', () => {
    expect([keys.integrityKey.toString('hex'), keys.encryptionKey.toString('hex')]).toEqual([session.k1, session.k2.slice(0, 32)]);
  });

  test('is opened as it was meant, whoever sent it', () => {
    expect(protectedPackets.length).toBeGreaterThan(8);
    for (const { raw, plain } of protectedPackets) expect(Buffer.from(openPacket(suite, keys, plus(raw))).toString('hex')).toBe(plain);
  });

  test('packets sealed again have the same form and open the same', () => {
    for (const { raw, plain } of protectedPackets) {
      const { payloadType, sessionId, sequence } = plus(raw);
      const sealed = sealPacket(suite, keys, { payloadType, sessionId, sequence, payload: hex(plain) });
      // All but the random initial value, what it encrypts and the check over it.
      const without = (bytes: string): string => bytes.slice(0, 32) + bytes.slice(32 + 2 * plus(raw).payload.length, -2 * suite.packetCheckLength);
      expect(without(sealed.toString('hex'))).toBe(without(raw));
      expect(Buffer.from(openPacket(suite, keys, plus(sealed.toString('hex')))).toString('hex')).toBe(plain);
    }
  });

  test('answers have the bytes of the recorded ones', () => {
    const requests = protectedPackets.filter(({ from }) => from === 'con').map(({ plain }) => readMessage(hex(plain)));
    const answers = protectedPackets.filter(({ from }) => from === 'bmc').map(({ plain }) => hex(plain));
    for (const answer of answers) {
      const sequence = answer.readUInt8(4) >> 2;
      const asked = requests.find((request) => request?.sequence === sequence && request.command === answer.readUInt8(5));
      if (asked === undefined) throw new Error(answer.toString('hex'));
      const written = writeAnswer(asked, { completionCode: answer.readUInt8(6), data: answer.subarray(7, -1) });
      // The recorded BMC swaps the units of the answer as ours does; addresses of requests differ in nothing.
      expect(written.toString('hex')).toBe(answer.toString('hex'));
    }
  });
});

test('the code of a packet of 1.5 is that of the recorded one', () => {
  // ipmitool against ipmi_sim, user admin, password secret: Activate Session and Set Session Privilege Level.
  const password = Buffer.concat([Buffer.from('secret')], 16);
  const activate = hex('2018c8810c3a020409c0027908acb581f04ed9095ece5b854de3af8872');
  expect(legacyCode({ sessionId: 5, authType: 2, password }, 0, activate).toString('hex')).toBe('cd6a848d7f7069daec54e8af302009ad');
  const privilege = hex('2018c881103b0430');
  expect(legacyCode({ sessionId: 0x1082, authType: 2, password }, 0x23a8a188, privilege).toString('hex')).toBe('d98a444656129fc98abf8964f3d4f9c5');
});
