import { expect, test } from 'vitest';
import { isUuid, isValidNodeName, RESERVED_NODE_NAMES } from './names.js';

const UUID = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';

test.each(['node-1', 'a', 'A.b_c~d', 'namespace~name', '123', 'x'.repeat(255), 'Detail', '1be26c0b03f24d2eae87c02d7f33c123'])('%s is a name', (name) => {
  expect(isValidNodeName(name)).toBe(true);
});

test.each(['', 'x'.repeat(256), 'a b', 'a/b', 'é', 'a\n', 'a:b', UUID, UUID.toUpperCase()])('%j is no name', (name) => {
  expect(isValidNodeName(name)).toBe(false);
});

test('words that follow /v1/nodes/ are no names', () => {
  expect([...RESERVED_NODE_NAMES].filter(isValidNodeName)).toEqual([]);
  for (const word of ['maintenance', 'management', 'states', 'vendor_passthru', 'validate', 'detail']) expect(RESERVED_NODE_NAMES).toContain(word);
});

test.each([[UUID, true], [UUID.toUpperCase(), true], [`${UUID}0`, false], [UUID.slice(1), false], [`{${UUID}}`, false], [`${UUID}\n`, false], ['', false]])('isUuid(%j)', (text, is) => {
  expect(isUuid(text)).toBe(is);
});
