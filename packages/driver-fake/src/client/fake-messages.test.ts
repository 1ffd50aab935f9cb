import { FerricError, POWER_TARGETS } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAnswer, encodeRequest, FAKE_REFUSALS, type FakeResults } from './fake-messages.js';

const COMMANDS: readonly (keyof FakeResults)[] = ['read power', 'change power', 'read boot device', 'change boot device'];

function codeOf(work: () => unknown): string {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (error) {
    return FerricError.is(error) ? error.code : `not a FerricError: ${String(error)}`;
  }
}

describe('requests', () => {
  test('are one line of JSON each', () => {
    expect(encodeRequest({ command: 'read power' }, 'abc')).toBe('{"command":"read power","password":"abc"}');
    expect(encodeRequest({ command: 'change power', target: 'soft power off' }, undefined)).toBe('{"command":"change power","target":"soft power off"}');
    expect(encodeRequest({ command: 'change boot device', device: 'pxe', persistent: true }, 'x')).toBe(
      '{"command":"change boot device","device":"pxe","persistent":true,"password":"x"}',
    );
  });

  test('stay one line whatever the password holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...POWER_TARGETS), (password, target) => {
        const line = encodeRequest({ command: 'change power', target }, password);
        expect(line).not.toContain('\n');
        expect(JSON.parse(line)).toEqual({ command: 'change power', target, password });
      }),
    );
  });
});

describe('answers', () => {
  test('carry the result of their command', () => {
    expect(decodeAnswer('read power', '{"result":"power on"}')).toEqual({ result: 'power on' });
    expect(decodeAnswer('change power', '{"result":"accepted"}')).toEqual({ result: 'accepted' });
    expect(decodeAnswer('read boot device', '{"result":{"device":"pxe","persistent":false}}')).toEqual({ result: { device: 'pxe', persistent: false } });
  });

  test.each(FAKE_REFUSALS)('carry the refusal "%s" for every command', (refusal) => {
    for (const command of COMMANDS) expect(decodeAnswer(command, JSON.stringify({ refusal }))).toEqual({ refusal });
  });

  test.each([
    ['read power', '{"result":"asleep"}'],
    ['change power', '{"result":"power on"}'],
    ['read boot device', '{"result":{"device":"toaster","persistent":false}}'],
    ['read power', '{"refusal":"not today"}'],
    ['read power', 'null'],
    ['read power', ''],
  ] as const)('to %s that read %s are a protocol fault', (command, line) => {
    expect(codeOf(() => decodeAnswer(command, line))).toBe('PROTOCOL_FAULT');
  });

  test('that end early are a protocol fault at every offset', () => {
    const whole = '{"result":{"device":"pxe","persistent":false}}';
    for (let length = 0; length < whole.length; length += 1) {
      expect(codeOf(() => decodeAnswer('read boot device', whole.slice(0, length))), `cut at ${length}`).toBe('PROTOCOL_FAULT');
    }
  });

  test('of any text are an answer or a protocol fault, never another error', () => {
    const accepted = /^(PROTOCOL_FAULT$|no error, but \{"(result|refusal)":)/;
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS), fc.oneof(fc.string(), fc.json()), (command, line) => {
        expect(codeOf(() => decodeAnswer(command, line))).toMatch(accepted);
      }),
    );
  });
});
