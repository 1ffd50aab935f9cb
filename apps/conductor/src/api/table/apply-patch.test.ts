import { revealSealed, Secret, type JsonValue, type Sealed } from '@ferric/core';
import { assert, property, constantFrom, array, record, jsonValue, option } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { THING_TABLE } from '../../../test/support/sample-table.js';
import { RequestFault } from '../../fault.js';
import { applyPatch } from './apply-patch.js';
import { patchBody } from './patch.js';

const reader = patchBody(THING_TABLE);

function apply(patch: JsonValue, present: { readonly [name: string]: JsonValue } = {}): Readonly<Record<string, unknown>> {
  const document: { readonly [name: string]: JsonValue } = { label: 'one', data: { note: 'a', list: [1, 2] }, hidden: {}, flag: true, ...present };
  const operations = reader.read(reader.seal?.(patch), 82);
  return Object.fromEntries(applyPatch(THING_TABLE, operations, 82, (name) => document[name] ?? null));
}

describe('applyPatch', () => {
  test.each([
    ['adds a key', [{ op: 'add', path: '/data/k', value: { b: [1] } }], { data: { note: 'a', list: [1, 2], k: { b: [1] } } }],
    ['replaces a key', [{ op: 'replace', path: '/data/note', value: 'b' }], { data: { note: 'b', list: [1, 2] } }],
    ['removes a key', [{ op: 'remove', path: '/data/note' }], { data: { list: [1, 2] } }],
    ['appends to a list', [{ op: 'add', path: '/data/list/-', value: 3 }], { data: { note: 'a', list: [1, 2, 3] } }],
    ['inserts into a list', [{ op: 'add', path: '/data/list/0', value: 0 }], { data: { note: 'a', list: [0, 1, 2] } }],
    ['applies operations one after the other', [{ op: 'add', path: '/data/a', value: {} }, { op: 'add', path: '/data/a/b', value: 1 }], { data: { note: 'a', list: [1, 2], a: { b: 1 } } }],
    ['removes a field, which gives it its empty value', [{ op: 'remove', path: '/flag' }], { flag: false }],
    ['takes null for a field as its empty value', [{ op: 'replace', path: '/data', value: null }], { data: {} }],
    ['brings values into their form', [{ op: 'replace', path: '/flag', value: 'off' }], { flag: false }],
    ['touches only the fields it names', [], {}],
  ])('%s', (_case, patch, result) => {
    expect(apply(patch as JsonValue)).toEqual(result);
  });

  test.each([
    ['removing what is not there', { op: 'remove', path: '/data/none' }, "can't remove a non-existent object 'none'"],
    ['replacing what is not there', { op: 'replace', path: '/data/none', value: 1 }, "can't replace a non-existent object 'none'"],
    ['adding below what is not there', { op: 'add', path: '/data/none/x', value: 1 }, "member 'none' not found"],
    ['adding below a text', { op: 'add', path: '/data/note/x', value: 1 }, "member 'x' not found"],
    ['adding below a scalar field', { op: 'add', path: '/label/length', value: 1 }, "member 'length' not found"],
    ['inserting beyond a list', { op: 'add', path: '/data/list/3', value: 1 }, "can't insert outside of list"],
    ['replacing beyond a list', { op: 'replace', path: '/data/list/2', value: 1 }, "can't replace outside of list"],
    ['removing beyond a list', { op: 'remove', path: '/data/list/2' }, "can't remove a non-existent object '2'"],
    ['an index that is none', { op: 'add', path: '/data/list/x', value: 1 }, "'x' is not a valid sequence index"],
    ['no value', { op: 'add', path: '/data/x' }, "The operation does not contain a 'value' member"],
    ['a name behind the document', { op: 'add', path: '/data/constructor/x', value: 1 }, "'constructor' is not accepted as a name"],
    ['a name that every object inherits', { op: 'remove', path: '/data/toString' }, "can't remove a non-existent object 'toString'"],
    ['a path through what every object inherits', { op: 'add', path: '/data/hasOwnProperty/call', value: 1 }, "member 'hasOwnProperty' not found"],
    ['a path through what every list inherits', { op: 'add', path: '/data/list/push/x', value: 1 }, "member 'push' not found"],
  ])('refuses %s', (_case, operation, reason) => {
    const text = Object.entries(operation).map(([key, value]) => `'${key}': ${typeof value === 'string' ? `'${value}'` : String(value)}`).join(', ');
    expect(() => apply([operation])).toThrow(expect.objectContaining({ status: 400, message: `Couldn't apply patch '{${text}}'. Reason: ${reason}` }));
  });

  test.each([
    ['a required field that is removed', [{ op: 'remove', path: '/label' }], "Schema error for patch: 'label' is a required property"],
    ['a required field that becomes null', [{ op: 'replace', path: '/label', value: null }], "Schema error for patch: 'label' is a required property"],
    ['a value of a wrong type', [{ op: 'replace', path: '/label', value: 5 }], "Schema error for patch: 5 is not of type 'string', 'null'"],
    ['a document that becomes something else', [{ op: 'replace', path: '/data', value: 'x' }], "Schema error for patch: 'x' is not of type 'object', 'null'"],
  ])('refuses %s', (_case, patch, message) => {
    expect(() => apply(patch as JsonValue)).toThrow(expect.objectContaining({ status: 400, message }));
  });

  test('works on secrets, and tells nothing of them when it fails', () => {
    expect(revealSealed(apply([{ op: 'add', path: '/hidden/pin', value: 'hunter2' }], { hidden: { old: 'kept' } }) as Sealed)).toEqual({ hidden: { old: 'kept', pin: 'hunter2' } });
    expect(() => apply([{ op: 'add', path: '/hidden/a/b', value: 'hunter2' }])).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }));
  });

  test('does not change what it was given', () => {
    const data = { note: 'a' };
    apply([{ op: 'add', path: '/data/x', value: 1 }], { data });
    expect(data).toEqual({ note: 'a' });
  });

  test('whatever the path, either fits or is refused, and nothing behind the document changes', () => {
    const token = constantFrom('data', 'list', 'note', '0', '-', '__proto__', 'constructor', 'prototype', 'toString', 'push', 'length', 'hasOwnProperty', 'x');
    const operation = record({
      op: constantFrom('add', 'replace', 'remove'),
      path: array(token, { minLength: 1, maxLength: 4 }).map((tokens) => `/data/${tokens.join('/')}`),
      value: option(jsonValue({ maxDepth: 2 }), { nil: 'x' }),
    });
    const before = inherited();
    assert(
      property(array(operation, { maxLength: 4 }), (patch) => {
        try {
          apply(patch as JsonValue);
        } catch (error) {
          if (!(error instanceof RequestFault)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
    expect(inherited()).toEqual(before);
  });
});

/** Names of everything that a stray path could have changed. */
function inherited(): readonly string[] {
  return [Object.prototype, Array.prototype, String.prototype, Object, Array.prototype.push, Object.prototype.hasOwnProperty, Secret.prototype].flatMap((each) =>
    Object.getOwnPropertyNames(each),
  );
}
