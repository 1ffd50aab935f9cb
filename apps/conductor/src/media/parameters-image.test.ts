import { Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { parametersText } from './parameters-image.js';

test('one name=value a line, without an end of the last line', () => {
  expect(parametersText({ 'ipa-api-url': 'http://h:1/?a=b', boot_method: 'vmedia', 'ipa-agent-token': new Secret('t-1'), empty: '' })).toBe(
    'ipa-api-url=http://h:1/?a=b\nboot_method=vmedia\nipa-agent-token=t-1\nempty=',
  );
});

test.each<[string, Record<string, string | Secret>]>([
  ['blanks', { a: 'b c' }], ['a line end', { a: 'b\nc=d' }], ['anything but ASCII', { a: 'ü' }], ['a name with "="', { 'a=b': 'c' }], ['a name with a blank', { 'a b': 'c' }],
  ['too much', { a: 'x'.repeat(70_000) }],
])('refuses %s, which the agent would read otherwise', (_case, parameters) => {
  expect(() => parametersText(parameters)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
});

test('does not show a secret that it refuses', () => {
  expect(() => parametersText({ a: new Secret('planted secret') })).toThrow(/^(?!.*planted)/);
});
