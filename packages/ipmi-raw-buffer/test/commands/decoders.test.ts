import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as commands from '../../src/commands/index.js';
import { COMMAND_DECODERS } from '../fuzz-commands.js';

/** How many bytes an answer needs; the same answer one byte shorter has to be refused. */
const SHORTEST: Readonly<Record<string, number>> = {
  'device id': 11,
  'GUID': 16,
  'self test': 2,
  'chassis status': 3,
  'restore policies': 1,
  'restart cause': 1,
  'power-on time': 5,
  'boot parameter': 2,
  'boot flags': 2,
  'LAN parameter': 1,
  'IP address': 4,
  'IP address source': 1,
  'MAC address': 6,
  'VLAN': 2,
  'cipher suites': 0,
  'session info': 3,
  'channel info': 7,
  'channel access': 2,
  'user access': 4,
  'user name': 16,
  'payload activation': 8,
  'payload status': 3,
  'payload info': 4,
  'SOL authentication': 1,
  'SOL accumulation': 2,
  'SOL retry': 2,
  'SOL bit rate': 1,
  'SOL packet': 4,
};

test('every decoder is in the list', () => {
  const exported = Object.keys(commands).filter((name) => name.startsWith('decode'));
  expect(COMMAND_DECODERS.map(({ name }) => name)).toEqual(Object.keys(SHORTEST));
  // Those of this room, and the one of serial over LAN.
  expect(COMMAND_DECODERS).toHaveLength(exported.length + 1);
});

describe.each(COMMAND_DECODERS)('$name', ({ name, decode }) => {
  const shortest = SHORTEST[name] ?? 0;

  test('refuses what is too short at every length, and takes what is long enough', () => {
    for (let length = 0; length < 40; length += 1) {
      const answer = new Uint8Array(length).fill(0x41);
      if (length >= shortest) expect(decode(answer)).toBeDefined();
      else expect(() => decode(answer)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
    }
  });

  test('yields a value or PROTOCOL_FAULT for any bytes, and leaves them as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (answer) => {
        const before = Uint8Array.from(answer);
        const code = codeOf(() => decode(answer));
        expect(code === null || code === 'PROTOCOL_FAULT').toBe(true);
        expect(answer).toEqual(before);
      }),
    );
  });

  test('reads the same bytes alike wherever they stand in a datagram', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: shortest, maxLength: 40 }), fc.nat(9), (answer, offset) => {
        const datagram = new Uint8Array(offset + answer.length + 5).fill(0xee);
        datagram.set(answer, offset);
        expect(decode(datagram.subarray(offset, offset + answer.length))).toEqual(decode(answer));
      }),
    );
  });
});

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return FerricError.is(error) ? error.code : 'another error';
  }
}
