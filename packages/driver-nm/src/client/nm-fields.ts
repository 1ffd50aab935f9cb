import { booleanField, integerField, z } from '@ferric/core/zod';
import {
  NM_ACTIONS, NM_BOOT_MODES, NM_CONTROL_SCOPES, NM_CPU_CORRECTIONS, NM_DAYS, NM_DOMAINS, NM_POLICY_DOMAINS, NM_POWER_DOMAINS,
  NM_RESETTABLE_STATISTICS, NM_STATISTICS, NM_STORAGES, NM_TRIGGERS,
} from './nm-words.js';

/**
 * Used when a policy names no correction time, as the example of ironic-staging-drivers' document does not; its answers show this
 * one. Milliseconds.
 */
export const DEFAULT_CORRECTION_TIME_MS = 10_000;

/** A policy has at most so many suspend periods. Source: FreeIPMI 1.6.10, ipmi-oem(8). */
export const MOST_SUSPEND_PERIODS = 5;

const BYTE = { min: 0, max: 0xff };
const WORD = { min: 0, max: 0xffff };
const LONG = { min: 0, max: 0xffff_ffff };

/** How the fields of a request are called: as in TypeScript, or as in the JSON of a client. */
export type Naming = (field: string) => string;

type Fields = Readonly<Record<string, z.ZodType>>;

/** One of the words of a table, or of a list. */
function word(words: object, description: string): z.ZodType {
  const list = (Array.isArray(words) ? words : Object.keys(words)) as readonly string[];
  return z.enum(list).meta({ description });
}

const policyDomain = word(NM_POLICY_DOMAINS, 'Domain of Node Manager');
const statisticsDomain = word(NM_DOMAINS, 'Domain of Node Manager; not needed for the parameters that can be reset alone');
const policyId = integerField(BYTE).meta({ description: 'Number of the policy' });
const optionalPolicyId = integerField(BYTE).optional().meta({ description: 'Number of the policy; needed with the scope "policy"' });
const statisticsScope = word(NM_STATISTICS, 'Whether statistics of a domain or of a policy are meant');
const powerDomain = word(NM_POWER_DOMAINS, 'Whether power is counted before (primary) or behind (secondary) the power supply');
const trigger = word(NM_TRIGGERS, 'What makes the policy act');

export const policyKeyFields: Fields = { domainId: policyDomain, policyId };

export const capabilitiesFields: Fields = { domainId: policyDomain, policyTrigger: trigger, powerDomain };

export const controlFields: Fields = {
  scope: word(NM_CONTROL_SCOPES, 'What is enabled or disabled: Node Manager as a whole, one domain, or one policy'),
  enable: booleanField().meta({ description: 'True enables, false disables' }),
  domainId: policyDomain.optional().meta({ description: 'Domain of Node Manager; needed with the scope "domain", "platform" if left out with the scope "policy"' }),
  policyId: optionalPolicyId,
};

export function policyFields(naming: Naming): Fields {
  return {
    ...policyKeyFields,
    enable: booleanField().meta({ description: 'Whether the policy acts at once' }),
    policyTrigger: trigger,
    action: word(NM_ACTIONS, 'What happens when the limit cannot be kept'),
    powerDomain,
    targetLimit: targetLimitField(naming),
    correctionTime: integerField(LONG).default(DEFAULT_CORRECTION_TIME_MS).meta({
      description: 'Time to come back to the limit before the action is taken, in milliseconds; not used with the trigger "boot"',
    }),
    triggerLimit: integerField(WORD).optional().meta({ description: 'What sets off the trigger; needed with the triggers "temperature", "power" and "reset"' }),
    reportingPeriod: integerField(WORD).meta({ description: 'Time over which power is averaged, in seconds' }),
    cpuPowerCorrection: z.enum(Object.keys(NM_CPU_CORRECTIONS)).default('auto').meta({ description: "How the processor's power is corrected" }),
    storage: z.enum(Object.keys(NM_STORAGES)).default('persistent').meta({ description: 'Whether the policy outlives a reset' }),
  };
}

/** A number, or for boot policies an object. A field of its own, so that a wrong value in the object is named by its place. */
function targetLimitField(naming: Naming): z.ZodType {
  const bootMode = naming('bootMode');
  const coresDisabled = naming('coresDisabled');
  const bootLimit = z.strictObject({
    [bootMode]: word(NM_BOOT_MODES, 'What the machine favours while it boots'),
    [coresDisabled]: integerField({ min: 0, max: 0x7f }).meta({ description: 'Cores that stay off' }),
  });
  const limit = integerField(WORD);
  return z
    .unknown()
    .transform((value, context) => {
      const isObject = typeof value === 'object' && value !== null;
      const result = (isObject ? bootLimit : limit).safeParse(value);
      if (result.success) {
        if (!isObject) return result.data;
        const found = result.data as Readonly<Record<string, unknown>>;
        return { bootMode: found[bootMode], coresDisabled: found[coresDisabled] };
      }
      for (const issue of result.error.issues) context.issues.push(issue as (typeof context.issues)[number]);
      return z.NEVER;
    })
    .meta({
      description: 'What is to be kept: watts, or with the trigger "boot" an object with boot mode and disabled cores',
      anyOf: [{ type: 'integer', minimum: WORD.min, maximum: WORD.max }, z.toJSONSchema(bootLimit, { io: 'input', unrepresentable: 'any' })],
    });
}

const noDayTwice = (days: readonly unknown[]): boolean => new Set(days).size === days.length;

export const suspendFields: Fields = {
  ...policyKeyFields,
  periods: z
    .array(
      z.strictObject({
        // A period cannot start at 24:00, though the schema of ironic-staging-drivers takes 240. Source: FreeIPMI 1.6.10.
        start: integerField({ min: 0, max: 239 }).meta({ description: 'Start, in units of 6 minutes since midnight' }),
        stop: integerField({ min: 0, max: 240 }).meta({ description: 'End, in units of 6 minutes since midnight' }),
        days: z
          .array(word(NM_DAYS, 'Day of the week'))
          .min(1)
          .refine(noDayTwice, 'a list without a day twice')
          .meta({ description: 'Days of the week' }),
      }),
    )
    .min(1)
    .max(MOST_SUSPEND_PERIODS)
    .meta({ description: 'When the policy rests. They replace those before' }),
};

export const statisticsFields: Fields = {
  scope: statisticsScope,
  parameterName: word([...new Set(Object.values(NM_STATISTICS).flatMap((names) => Object.keys(names)))], 'What is measured'),
  domainId: statisticsDomain.optional(),
  policyId: optionalPolicyId,
};

export const resetFields: Fields = {
  scope: statisticsScope,
  parameterName: word(NM_RESETTABLE_STATISTICS, 'The one statistic that is reset; all of the scope if left out').optional(),
  domainId: statisticsDomain.optional(),
  policyId: optionalPolicyId,
};
