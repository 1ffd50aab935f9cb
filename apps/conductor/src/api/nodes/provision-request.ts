import { PROVISION_VERBS, revealSealed, type JsonObject, type JsonValue, type Secret } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ProvisionRequest } from '../../nodes/node-service.js';
import type { ArgumentTable, ArgumentValues } from '../http/arguments.js';
import { list, secretDocument, secretText, text, truth } from '../http/argument-types.js';
import { checkSteps } from './steps.js';

/** Body of `PUT /v1/nodes/{node}/states/provision`. */
export const PROVISION_ARGUMENTS = {
  target: { type: text, description: `One of ${Object.keys(PROVISION_VERBS).join(', ')}.`, required: true },
  configdrive: { type: secretDocument, description: 'Config drive: gzip and base64, a URL, or an object to build one from.' },
  clean_steps: { type: list, description: 'Steps of manual cleaning, in their order.' },
  deploy_steps: { type: list, description: 'Deploy steps besides those of the driver.', since: 69 },
  rescue_password: { type: secretText, description: 'Password of the rescue system.' },
  disable_ramdisk: { type: truth, description: 'Clean without booting the deploy agent.', since: 70 },
} as const satisfies ArgumentTable;

type Arguments = ArgumentValues<typeof PROVISION_ARGUMENTS>;

/** Members of the body that nobody may see. */
export const PROVISION_SECRETS: readonly (keyof Arguments)[] = ['configdrive', 'rescue_password'];

/** Which argument belongs to which targets. */
interface TargetRule {
  readonly argument: keyof Arguments;
  /** Targets that take it, with the first minor version that lets them. */
  readonly targets: Readonly<Record<string, number>>;
  /** What is said when it comes with another target. */
  readonly refusal: (targets: readonly string[]) => string;
  /** What is said when one of the targets comes without it; absent: it may. */
  readonly missing?: string;
}

/** Source: Ironic, NodeStatesController.provision and the check_allow_* functions it calls. */
const TARGET_RULES: readonly TargetRule[] = [
  {
    argument: 'configdrive',
    targets: { active: 1, rebuild: 35, deploy: 73 },
    refusal: (targets) => `Adding a config drive is only supported when setting provision state to ${targets.join(', ')}`,
  },
  { argument: 'disable_ramdisk', targets: { clean: 70 }, refusal: () => 'disable_ramdisk is supported only with manual cleaning' },
  {
    argument: 'clean_steps',
    targets: { clean: 15 },
    refusal: () => '"clean_steps" is only valid when setting target provision state to clean',
    missing: '"clean_steps" is required when setting target provision state to clean',
  },
  {
    argument: 'deploy_steps',
    targets: { active: 69, rebuild: 69, deploy: 73 },
    refusal: () => '"deploy_steps" is only valid when setting target provision state to active or rebuild',
  },
  {
    argument: 'rescue_password',
    targets: { rescue: 38 },
    refusal: () => '"rescue_password" is only valid when setting target provision state to rescue',
    missing: 'A non-empty "rescue_password" is required when setting target provision state to rescue',
  },
];

/**
 * The request for the node service.
 * @throws RequestFault 406 for a target newer than the version, 400 for arguments that do not fit the target.
 */
export function toProvisionRequest(body: Arguments, version: number): ProvisionRequest {
  const { target } = body;
  if (Object.hasOwn(PROVISION_VERBS, target) && (PROVISION_VERBS[target]?.since ?? 0) > version) throw faults.notAcceptable();
  for (const rule of TARGET_RULES) checkRule(rule, body, version);
  const { configdrive, clean_steps: cleanSteps, deploy_steps: deploySteps, rescue_password: rescuePassword, disable_ramdisk: disableRamdisk } = body;
  if (configdrive !== undefined) checkConfigdrive(configdrive, version);
  return {
    target,
    ...(configdrive === undefined ? {} : { configdrive }),
    ...(cleanSteps === undefined ? {} : { cleanSteps: checkSteps('clean_steps', cleanSteps) }),
    ...(deploySteps === undefined ? {} : { deploySteps: checkSteps('deploy_steps', deploySteps) }),
    ...(rescuePassword === undefined ? {} : { rescuePassword }),
    ...(disableRamdisk === undefined ? {} : { disableRamdisk }),
  };
}

function checkRule({ argument, targets, refusal, missing }: TargetRule, body: Arguments, version: number): void {
  const given = !isEmpty(body[argument]);
  const admitting = Object.entries(targets).filter(([, since]) => version >= since).map(([target]) => target);
  const fits = admitting.includes(body.target);
  if (given && !fits) throw faults.invalid(refusal(admitting));
  if (!given && fits && missing !== undefined) throw faults.invalid(missing);
}

/** Nothing, an empty list, an empty object or a text of blanks. */
function isEmpty(value: Arguments[keyof Arguments]): boolean {
  const clear: JsonValue = value === undefined ? null : revealSealed(value);
  if (typeof clear === 'string') return clear.trim() === '';
  if (Array.isArray(clear)) return clear.length === 0;
  return clear === null || (typeof clear === 'object' && Object.keys(clear).length === 0);
}

/** First minor version that builds config drives from objects, and the one that knows their vendor data. */
const OBJECT_SINCE = 56;
const VENDOR_DATA_SINCE = 59;

/** Members of a config drive that is given as an object, each with its test and what it must be. */
const CONFIGDRIVE_MEMBERS: Readonly<Record<string, { readonly accepts: (value: JsonValue) => boolean; readonly expected: string }>> = {
  meta_data: { accepts: isJsonObject, expected: 'an object' },
  network_data: { accepts: isJsonObject, expected: 'an object' },
  user_data: { accepts: (value) => value === null || ['object', 'string'].includes(typeof value), expected: 'an object, a list or a text' },
  vendor_data: { accepts: isJsonObject, expected: 'an object' },
};

function isJsonObject(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts name members only: a config drive holds passwords. */
function checkConfigdrive(configdrive: Secret<JsonValue>, version: number): void {
  const clear = configdrive.reveal();
  if (typeof clear === 'string') return checkConfigdriveText(clear);
  if (version < OBJECT_SINCE) throw faults.invalid(`Providing a JSON object for configdrive is only supported starting with API version 1.${OBJECT_SINCE}`);
  for (const [name, value] of Object.entries(clear as JsonObject)) {
    const member = Object.hasOwn(CONFIGDRIVE_MEMBERS, name) ? CONFIGDRIVE_MEMBERS[name] : undefined;
    if (member === undefined) throw faults.invalid(`Invalid configdrive format: Additional properties are not allowed ('${name.slice(0, 80)}' was unexpected)`);
    if (!member.accepts(value)) throw faults.invalid(`Invalid configdrive format: ${name} must be ${member.expected}`);
    if (name === 'vendor_data' && version < VENDOR_DATA_SINCE) {
      throw faults.invalid(`Providing vendor_data in configdrive is only supported starting with API version 1.${VENDOR_DATA_SINCE}`);
    }
  }
}

function checkConfigdriveText(clear: string): void {
  if (clear.includes('://') || /^[A-Za-z0-9+/=\s]*$/.test(clear)) return;
  throw faults.invalid('Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string');
}
