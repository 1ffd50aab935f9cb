import { expect, test } from 'vitest';
import { ruleLink } from './rule.js';
import { CONFORMANCE_RULES } from './rules.js';

test('every rule has an id of its own that serves as an anchor, a title and a reason', () => {
  const ids = CONFORMANCE_RULES.map((rule) => rule.id);
  expect(ids.length).toBeGreaterThan(45);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  expect(CONFORMANCE_RULES.filter((rule) => rule.title.length < 15 || rule.why.length < 30 || !/[.?]$/.test(rule.why))).toEqual([]);
  expect(ruleLink('deadline')).toBe('docs/adding-a-driver.md#deadline');
});
