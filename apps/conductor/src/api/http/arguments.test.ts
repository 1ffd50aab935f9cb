import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { fieldList, integer, list, macAddress, oneOf, secretDocument, secretText, text, textList, truth, uuid, uuidOrName } from './argument-types.js';
import { readArguments } from './arguments.js';

const TABLE = {
  name: { type: text, description: '' },
  count: { type: integer, description: '', required: true },
  newer: { type: text, description: '', since: 50 },
  newest: { type: text, description: '', since: 60, namesVersion: true },
} as const;

describe('readArguments', () => {
  test('reads what the table has; null is the same as nothing', () => {
    expect(readArguments(TABLE, { count: '3', name: null }, 1)).toEqual({ count: 3 });
  });

  test.each([
    ['unknown arguments', { count: 1, bogus: 1, more: 2 }, 400, 'Unexpected arguments: bogus, more'],
    ['a name that objects inherit', { count: 1, constructor: 1 }, 400, 'Unexpected arguments: constructor'],
    ['a missing argument', {}, 400, 'Missing mandatory parameter: count'],
    ['an argument of a later version', { count: 1, newer: 'x' }, 406, 'Request not acceptable.'],
    ['one whose refusal names the version', { count: 1, newest: 'x' }, 406, 'Request not acceptable. The minimal required API version should be 1.60'],
  ])('refuses %s', (_case, given, status, message) => {
    expect(() => readArguments(TABLE, given, 49)).toThrow(expect.objectContaining({ status, message }));
  });
});

describe('argument types', () => {
  test.each([
    [truth, ' Yes ', true],
    [truth, 'F', false],
    [truth, true, true],
    [integer, ' -12 ', -12],
    [uuid, '8935BB8E-4228-4B3F-836A-5C88DECD22B0', '8935bb8e-4228-4b3f-836a-5c88decd22b0'],
    [uuidOrName, 'rack1~node.7', 'rack1~node.7'],
    [macAddress, '52-54-00-AA-BB-01', '52:54:00:aa:bb:01'],
    [textList, 'b, a,,b', ['b', 'a']],
    [fieldList, 'UUID,name,uuid', ['uuid', 'name']],
    [list, [1], [1]],
  ])('%# reads %j as %j', (type, given, value) => {
    expect(type.parse('x', given as never)).toEqual(value);
  });

  test.each([
    [truth, 'maybe', "Invalid x: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"],
    [truth, { toString: '' }, "Invalid x: Unrecognized value '{...}', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"],
    [integer, '1.5', 'Expected an integer for x: 1.5'],
    [integer, '', 'Expected an integer for x: '],
    [integer, true, 'Expected an integer for x: True'],
    [integer, '9007199254740993', 'Expected an integer for x: 9007199254740993'],
    [uuid, 'nope', 'Expected UUID for x: nope'],
    [uuidOrName, 'a b', 'Expected UUID or name for x: a b'],
    [macAddress, 'zz', 'Expected valid MAC address for x: zz'],
    [text, 5, 'Expected string for x: 5'],
    [list, {}, "Expected types <class 'list'> for x: {...}"],
    [oneOf(['a'], (given) => `not ${given}`), 'b', 'not b'],
    [secretText, 5, 'Expected string for x'],
    [secretDocument, [1], "Expected types <class 'NoneType'>, <class 'dict'>, <class 'str'> for x"],
  ])('%# refuses %j: %s', (type, given, message) => {
    expect(() => type.parse('x', given as never)).toThrow(expect.objectContaining({ status: 400, message }));
  });

  test('secret arguments are secrets from the start', () => {
    const secret = secretText.parse('x', 'hunter2');
    expect(Secret.is(secret)).toBe(true);
    expect(secret.reveal()).toBe('hunter2');
    expect(secretDocument.parse('x', new Secret({ user_data: 'u' })).reveal()).toEqual({ user_data: 'u' });
  });
});
