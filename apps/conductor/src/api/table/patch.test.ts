import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { THING_TABLE } from '../../../test/support/sample-table.js';
import { patchBody } from './patch.js';

const reader = patchBody(THING_TABLE);
const read = (body: unknown, version = 82) => reader.read(reader.seal?.(body as never) as never, version);

describe('patchBody', () => {
  test('takes a patch apart', () => {
    expect(read([{ op: 'add', path: '/data/a/b', value: 1 }])).toEqual([
      { op: 'add', path: '/data/a/b', tokens: ['data', 'a', 'b'], value: 1, text: "{'op': 'add', 'path': '/data/a/b', 'value': 1}" },
    ]);
    expect(read(undefined)).toEqual([]);
  });

  test.each([
    ['no list', { op: 'add' }, "Schema error for patch: {...} is not of type 'array'"],
    ['a list of something else', [5], "Schema error for patch: 5 is not of type 'object'"],
    ['an unknown operation', [{ op: 'fly', path: '/data' }], "Schema error for patch: 'fly' is not one of ['add', 'replace', 'remove']"],
    ['an operation that moves', [{ op: 'move', path: '/data', from: '/label' }], "Schema error for patch: Additional properties are not allowed ('from' was unexpected)"],
    ['no operation', [{ path: '/data' }], "Schema error for patch: 'op' is a required property"],
    ['no path', [{ op: 'add', value: 1 }], "Schema error for patch: 'path' is a required property"],
    ['a path of another type', [{ op: 'add', path: 5 }], "Schema error for patch: 5 is not of type 'string'"],
    ['a path with a dot', [{ op: 'add', path: '/data/a.b', value: 1 }], "Schema error for patch: '/data/a.b' does not match '^(/[\\\\w-]+)+$'"],
    ['a path to everything', [{ op: 'remove', path: '' }], "Schema error for patch: '' does not match '^(/[\\\\w-]+)+$'"],
    ['an unknown field', [{ op: 'add', path: '/foo', value: 1 }], 'Cannot patch /foo. Only the following can be updated: data, flag, hidden, label'],
    ['a field that only the conductor sets', [{ op: 'replace', path: '/state', value: 1 }], 'Cannot patch /state. Only the following can be updated: data, flag, hidden, label'],
  ])('refuses %s', (_case, body, message) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, message }));
  });

  test('refuses fields of later versions, after those that nobody may patch', () => {
    expect(() => read([{ op: 'replace', path: '/flag', value: true }], 19)).toThrow(expect.objectContaining({ status: 406 }));
    expect(() => read([{ op: 'replace', path: '/flag', value: true }, { op: 'add', path: '/foo', value: 1 }], 19)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('lets a field be removed only in versions that can', () => {
    expect(() => read([{ op: 'remove', path: '/flag' }], 24)).toThrow(expect.objectContaining({ status: 406 }));
    expect(() => read([{ op: 'replace', path: '/flag', value: null }], 24)).toThrow(expect.objectContaining({ status: 406 }));
    expect(read([{ op: 'remove', path: '/flag' }], 25)).toHaveLength(1);
  });

  test('hides the values of fields that hold secrets, and of operations whose field cannot be told', () => {
    const sealed = reader.seal?.([
      { op: 'add', path: '/hidden/pin', value: 'hunter2' },
      { op: 'add', path: ['/hidden'], value: { deep: 'hunter2' } },
      { op: 'add', value: 'hunter2' },
    ]);
    expect(JSON.stringify(sealed)).not.toContain('hunter2');
    const [operation] = read([{ op: 'add', path: '/hidden/pin', value: 'hunter2' }]);
    expect(Secret.is(operation?.value)).toBe(true);
    expect(operation?.text).toBe("{'op': 'add', 'path': '/hidden/pin', 'value': '******'}");
  });

  test('hides in its text what names say to be secret in fields that are shown', () => {
    expect(read([{ op: 'add', path: '/data/my_password', value: 'hunter2' }])[0]?.text).toBe("{'op': 'add', 'path': '/data/my_password', 'value': '******'}");
    expect(read([{ op: 'add', path: '/data/x', value: { token: 'hunter2', n: 1 } }])[0]?.text).toBe(
      "{'op': 'add', 'path': '/data/x', 'value': {'token': '******', 'n': 1}}",
    );
  });
});
