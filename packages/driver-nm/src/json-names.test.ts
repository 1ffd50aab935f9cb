import { expect, test } from 'vitest';
import { snakeCase, toJson } from './json-names.js';

test('fields are called as in JSON, at every depth; values stay', () => {
  expect(snakeCase('createdByNm')).toBe('created_by_nm');
  expect(toJson({ policyId: 1, days: ['monDay'], targetLimit: { bootMode: 'power', coresDisabled: 0 }, periods: [{ aB: null }] })).toEqual({
    policy_id: 1, days: ['monDay'], target_limit: { boot_mode: 'power', cores_disabled: 0 }, periods: [{ a_b: null }],
  });
});
