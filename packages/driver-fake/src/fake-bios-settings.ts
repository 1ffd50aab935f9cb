import { invalidOptions, printValue, type BiosSetting, type JsonObject, type JsonValue, type OptionIssue } from '@ferric/core';

/** The firmware settings of a fake machine with their factory values: one of each type, one that cannot be changed. */
const FACTORY_SETTINGS: readonly BiosSetting[] = [
  {
    name: 'ProcVirtualization', value: 'Enabled', attributeType: 'Enumeration', allowableValues: ['Enabled', 'Disabled'], readOnly: false, resetRequired: true,
  },
  { name: 'BootRetrySeconds', value: 30, attributeType: 'Integer', lowerBound: 0, upperBound: 600, readOnly: false, resetRequired: false },
  { name: 'NetworkBoot', value: true, attributeType: 'Boolean', readOnly: false, resetRequired: true },
  { name: 'AssetTag', value: '', attributeType: 'String', minLength: 0, maxLength: 32, readOnly: false, resetRequired: false },
  // What a password is nobody can read back: it is checked and forgotten.
  { name: 'SetupPassword', value: null, attributeType: 'Password', minLength: 8, maxLength: 32, readOnly: false, resetRequired: true },
  { name: 'SystemModel', value: 'Fake Machine', attributeType: 'String', readOnly: true, resetRequired: false },
];

/** The settings as they are: those that were changed, and the others as they left the factory. */
export function presentSettings(changed: JsonObject): readonly BiosSetting[] {
  return FACTORY_SETTINGS.map((setting) => {
    const value = setting.attributeType === 'Password' ? undefined : changed[setting.name];
    return value === undefined ? setting : { ...setting, value };
  });
}

/** What is to be remembered of a change that {@link checkSettings} let pass. */
export function rememberedSettings(settings: JsonObject): JsonObject {
  const secret = new Set(FACTORY_SETTINGS.filter(({ attributeType }) => attributeType === 'Password').map(({ name }) => name));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !secret.has(name)));
}

/** @throws INVALID_OPTIONS naming each setting that is not there, cannot be changed or has a value that is not accepted. */
export function checkSettings(settings: JsonObject): void {
  const issues = Object.entries(settings).flatMap(([name, value]): readonly OptionIssue[] => {
    const setting = FACTORY_SETTINGS.find((each) => each.name === name);
    if (setting === undefined) return [{ field: name, problem: 'unknown', expected: `one of ${FACTORY_SETTINGS.map((each) => each.name).join(', ')}` }];
    if (setting.readOnly === true) return [{ field: name, problem: 'invalid', expected: 'left out: it cannot be changed' }];
    const rule = VALUE_RULES[setting.attributeType ?? 'String'];
    if (rule.accepts(setting, value)) return [];
    const received = setting.attributeType === 'Password' ? {} : { received: printValue(value) };
    return [{ field: name, problem: 'invalid', expected: rule.expected(setting), ...received }];
  });
  if (issues.length > 0) throw invalidOptions('Firmware settings of the fake machine', issues);
}

interface ValueRule {
  readonly accepts: (setting: BiosSetting, value: JsonValue) => boolean;
  readonly expected: (setting: BiosSetting) => string;
}

const TEXT_RULE: ValueRule = {
  accepts: ({ minLength = 0, maxLength = Number.POSITIVE_INFINITY }, value) => typeof value === 'string' && value.length >= minLength && value.length <= maxLength,
  expected: ({ minLength, maxLength }) => `a text of ${minLength} to ${maxLength} characters`,
};

const VALUE_RULES: Readonly<Record<NonNullable<BiosSetting['attributeType']>, ValueRule>> = {
  Enumeration: {
    accepts: ({ allowableValues = [] }, value) => (allowableValues as readonly JsonValue[]).includes(value),
    expected: ({ allowableValues = [] }) => `one of ${allowableValues.join(', ')}`,
  },
  Integer: {
    accepts: ({ lowerBound = 0, upperBound = 0 }, value) => typeof value === 'number' && Number.isInteger(value) && value >= lowerBound && value <= upperBound,
    expected: ({ lowerBound, upperBound }) => `a whole number of ${lowerBound} to ${upperBound}`,
  },
  Boolean: { accepts: (_setting, value) => typeof value === 'boolean', expected: () => 'true or false' },
  String: TEXT_RULE,
  Password: TEXT_RULE,
};
