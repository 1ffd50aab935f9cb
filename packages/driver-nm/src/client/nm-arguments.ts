import type { JsonObject } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import {
  capabilitiesFields, controlFields, type Naming, policyFields, policyKeyFields, resetFields, statisticsFields, suspendFields,
} from './nm-fields.js';
import { controlRules, policyRules, resetRules, type Rules, statisticsRules } from './nm-rules.js';
import type {
  NmCapabilitiesQuery, NmControl, NmPolicy, NmPolicyKey, NmPolicySuspend, NmStatisticsQuery, NmStatisticsReset,
} from './nm-types.js';

/** Checks what a method of Node Manager is given. */
export interface NmArguments<T> {
  /** Yields the request with its defaults filled in. Throws INVALID_OPTIONS with every field that is wrong, missing or not known. */
  parse(input: unknown): T;
  readonly jsonSchema: JsonObject;
}

/** The requests of the eleven methods. */
export interface NmRequests {
  readonly get_nm_version: Readonly<Record<string, never>>;
  readonly get_nm_capabilities: NmCapabilitiesQuery;
  readonly control_nm_policy: NmControl;
  readonly set_nm_policy: NmPolicy;
  readonly get_nm_policy: NmPolicyKey;
  readonly remove_nm_policy: NmPolicyKey;
  readonly set_nm_policy_suspend: NmPolicySuspend;
  readonly get_nm_policy_suspend: NmPolicyKey;
  readonly remove_nm_policy_suspend: NmPolicyKey;
  readonly get_nm_statistics: NmStatisticsQuery;
  readonly reset_nm_statistics: NmStatisticsReset;
}
/** Names of the methods as OpenStack ironic-staging-drivers gave them. */
export type NmMethodName = keyof NmRequests;

interface Description<T> {
  fields(naming: Naming): Readonly<Record<string, z.ZodType>>;
  readonly rules?: Rules<T>;
}

const policyKey: Description<NmPolicyKey> = { fields: () => policyKeyFields };

const DESCRIPTIONS: { readonly [Name in NmMethodName]: Description<NmRequests[Name]> } = {
  get_nm_version: { fields: () => ({}) },
  get_nm_capabilities: { fields: () => capabilitiesFields },
  control_nm_policy: { fields: () => controlFields, rules: controlRules },
  set_nm_policy: { fields: policyFields, rules: policyRules },
  get_nm_policy: policyKey,
  remove_nm_policy: policyKey,
  set_nm_policy_suspend: { fields: () => suspendFields },
  get_nm_policy_suspend: policyKey,
  remove_nm_policy_suspend: policyKey,
  get_nm_statistics: { fields: () => statisticsFields, rules: statisticsRules },
  reset_nm_statistics: { fields: () => resetFields, rules: resetRules },
};

/** In which form a method takes its request. */
export interface ArgumentsForm {
  /** Starts every error. */
  readonly subject: string;
  readonly naming: Naming;
  /** Whether fields that are not known are refused, as in JSON, or left out, as TypeScript lets a larger object through. */
  readonly strict: boolean;
}

/** What a method takes, with its fields called as the form says; what it yields is always called as in TypeScript. */
export function nmArguments<Name extends NmMethodName>(name: Name, { subject, naming, strict }: ArgumentsForm): NmArguments<NmRequests[Name]> {
  const { fields, rules }: Description<NmRequests[Name]> = DESCRIPTIONS[name];
  const named = Object.entries(fields(naming)).map(([field, type]) => ({ field, name: naming(field), type }));
  const fieldOf = new Map(named.map((each) => [each.name, each.field]));
  const toRequest = (found: Readonly<Record<string, unknown>>): NmRequests[Name] =>
    Object.fromEntries(Object.entries(found).map(([key, value]) => [fieldOf.get(key) ?? key, value])) as unknown as NmRequests[Name];
  const shape = Object.fromEntries(named.map((each) => [each.name, each.type]));
  const schema = (strict ? z.strictObject(shape) : z.object(shape)).superRefine((found, context) => {
    for (const { field, expected } of rules?.(toRequest(found)) ?? []) context.addIssue({ code: 'custom', path: [naming(field)], message: expected });
  });
  const checked = objectSchema(subject, schema);
  return { jsonSchema: checked.jsonSchema, parse: (input) => toRequest(checked.parse(input)) };
}
