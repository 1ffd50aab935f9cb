import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { THING_TABLE } from '../../../test/support/sample-table.js';
import { creationBody } from './input.js';

const reader = creationBody(THING_TABLE);
const read = (body: unknown, version = 82) => reader.read(reader.seal?.(body as never) as never, version);

describe('creationBody', () => {
  test('takes what the table lets clients set; null is the same as nothing', () => {
    const values = read({ label: 'x', flag: 'yes', data: null, uuid: '8935BB8E-4228-4B3F-836A-5C88DECD22B0' });
    expect(Object.fromEntries(values)).toEqual({ label: 'x', flag: true, uuid: '8935bb8e-4228-4b3f-836a-5c88decd22b0' });
  });

  test('hides documents with secrets before they are looked at', () => {
    const sealed = reader.seal?.({ label: 'x', hidden: { pin: '1234' } });
    expect(JSON.stringify(sealed)).not.toContain('1234');
    expect(Secret.is(read({ label: 'x', hidden: { pin: '1234' } }).get('hidden'))).toBe(true);
  });

  test.each([
    ['no object', [], 400, "Schema error for thing: [...] is not of type 'object'"],
    ['nothing', undefined, 400, "Schema error for thing: 'label' is a required property"],
    ['an unknown field', { label: 'x', bogus: 1 }, 400, "Schema error for thing: Additional properties are not allowed ('bogus' was unexpected)"],
    ['unknown fields', { label: 'x', a: 1, b: 2 }, 400, "Schema error for thing: Additional properties are not allowed ('a', 'b' were unexpected)"],
    ['a field that only the conductor sets', { label: 'x', state: 'y' }, 400, "Schema error for thing: Additional properties are not allowed ('state' was unexpected)"],
    ['a required field that is null', { label: null }, 400, "Schema error for thing: 'label' is a required property"],
    ['a wrong type', { label: 5 }, 400, "Schema error for thing: 5 is not of type 'string', 'null'"],
    ['a text that is too long', { label: 'x'.repeat(11) }, 400, "Schema error for thing: 'xxxxxxxxxxx' is too long"],
    ['a secret document of a wrong type', { label: 'x', hidden: 'hunter2' }, 400, "Schema error for thing: '******' is not of type 'object', 'null'"],
    ['a wrong truth value', { label: 'x', flag: 'maybe' }, 400, "Invalid flag: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"],
    ['a wrong UUID', { label: 'x', uuid: 'y' }, 400, 'Expected UUID for uuid: y'],
  ])('refuses %s', (_case, body, status, message) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status, message }));
  });

  test('refuses a field of a later version, unless it says nothing', () => {
    expect(() => read({ label: 'x', flag: true }, 19)).toThrow(expect.objectContaining({ status: 406, message: 'Request not acceptable.' }));
    expect(read({ label: 'x', flag: null }, 19).has('flag')).toBe(false);
  });
});
