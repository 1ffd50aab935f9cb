import { CONFORMANCE_RULES } from '@ferric/core/conformance/check';
import { expect, test } from 'vitest';
import { CANCELLATION_MUTANTS } from './cancellation-mutants.js';
import { CONTRACT_MUTANTS } from './contract-mutants.js';
import { FAULT_MUTANTS } from './fault-mutants.js';
import { LIFETIME_MUTANTS } from './lifetime-mutants.js';
import { SECRET_MUTANTS } from './secret-mutants.js';
import { TRUTH_MUTANTS } from './truth-mutants.js';

const mutants = [...CONTRACT_MUTANTS, ...TRUTH_MUTANTS, ...CANCELLATION_MUTANTS, ...FAULT_MUTANTS, ...SECRET_MUTANTS, ...LIFETIME_MUTANTS];

test('every rule has a wrong driver that it finds: a rule that never fails protects nobody', () => {
  const found = new Set(mutants.map((mutant) => mutant.rule));
  expect(CONFORMANCE_RULES.map((rule) => rule.id).filter((id) => !found.has(id))).toEqual([]);
});

test('no mutant is there twice', () => {
  expect(new Set(mutants.map(({ name, rule }) => `${rule} ${name}`)).size).toBe(mutants.length);
});
