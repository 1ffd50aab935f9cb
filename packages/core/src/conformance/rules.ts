import type { Rule } from './rule.js';
import { CANCELLATION_RULES } from './rules/cancellation.js';
import { CONTRACT_RULES } from './rules/contract.js';
import { DRIVER_INFO_RULES } from './rules/driver-info.js';
import { FAULT_RULES } from './rules/faults.js';
import { LIFETIME_RULES } from './rules/lifetime.js';
import { SECRET_RULES } from './rules/secrets.js';
import { TRUTH_RULES } from './rules/truth.js';

/** Every rule, by theme, in the order in which a new driver comes to pass them. */
export const CONFORMANCE_RULES: readonly Rule[] = [
  ...CONTRACT_RULES,
  ...DRIVER_INFO_RULES,
  ...TRUTH_RULES,
  ...CANCELLATION_RULES,
  ...FAULT_RULES,
  ...SECRET_RULES,
  ...LIFETIME_RULES,
];
