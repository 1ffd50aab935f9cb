import type { NmControl, NmPolicy, NmStatisticsQuery, NmStatisticsReset } from './nm-types.js';
import { NM_RESETTABLE_STATISTICS, NM_STATISTICS, type NmTrigger } from './nm-words.js';

/** Something wrong with one field that only the others show. `expected` fits behind "must be". */
export interface RuleIssue<Field extends string> {
  readonly field: Field;
  readonly expected: string;
}

/** What the fields of a request demand of each other; pure. */
export type Rules<T> = (value: T) => readonly RuleIssue<keyof T & string>[];

/** A rule that holds or names the field that breaks it. */
function unless<Field extends string>(holds: boolean, field: Field, expected: string): readonly RuleIssue<Field>[] {
  return holds ? [] : [{ field, expected }];
}

export const controlRules: Rules<NmControl> = ({ scope, domainId, policyId }) => [
  ...unless(scope !== 'domain' || domainId !== undefined, 'domainId', 'a domain with the scope "domain"'),
  ...unless(scope !== 'policy' || policyId !== undefined, 'policyId', 'the number of a policy with the scope "policy"'),
];

/** Triggers that need a limit of their own. */
const LIMITED_TRIGGERS: ReadonlySet<NmTrigger> = new Set(['temperature', 'power', 'reset']);

export const policyRules: Rules<NmPolicy> = ({ policyTrigger, targetLimit, triggerLimit }) => [
  ...(policyTrigger === 'boot'
    ? unless(typeof targetLimit === 'object', 'targetLimit', 'an object with boot mode and disabled cores with the trigger "boot"')
    : unless(typeof targetLimit === 'number', 'targetLimit', `a number with the trigger "${policyTrigger}"`)),
  ...unless(
    !LIMITED_TRIGGERS.has(policyTrigger) || triggerLimit !== undefined,
    'triggerLimit',
    `a whole number from 0 to 65535 with the trigger "${policyTrigger}"`,
  ),
];

const RESETTABLE: ReadonlySet<string> = new Set(NM_RESETTABLE_STATISTICS);

/** The statistics of Node Manager itself belong to no domain; all others belong to one, and those of a policy to that as well. */
function ownerRules(value: NmStatisticsQuery | NmStatisticsReset): readonly RuleIssue<'domainId' | 'policyId'>[] {
  const ownDomain = value.parameterName !== undefined && RESETTABLE.has(value.parameterName);
  return [
    ...unless(ownDomain || value.domainId !== undefined, 'domainId', 'a domain'),
    ...unless(value.scope !== 'policy' || value.policyId !== undefined, 'policyId', 'the number of a policy with the scope "policy"'),
  ];
}

export const statisticsRules: Rules<NmStatisticsQuery> = (value) => {
  const known = Object.keys(NM_STATISTICS[value.scope]);
  return [
    ...ownerRules(value),
    ...unless(known.includes(value.parameterName), 'parameterName', `one of ${known.join(', ')} with the scope "${value.scope}"`),
  ];
};

export const resetRules: Rules<NmStatisticsReset> = (value) => [
  ...ownerRules(value),
  ...unless(value.parameterName === undefined || value.scope === 'global', 'parameterName', 'left out with the scope "policy"'),
];
