import { STEP_INTERFACES, type JsonObject, type JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import { pythonScalar, pythonText } from '../http/python-text.js';

/** What one member of a step must be. */
interface StepMember {
  readonly accepts: (value: JsonValue) => boolean;
  readonly refusal: (value: JsonValue) => string;
  /** Lists of steps that cannot do without it. */
  readonly requiredIn: readonly StepList[];
}

export type StepList = 'clean_steps' | 'deploy_steps';

const INTERFACES_TEXT = pythonText([...STEP_INTERFACES]);
const BOTH: readonly StepList[] = ['clean_steps', 'deploy_steps'];
const DEPLOY: readonly StepList[] = ['deploy_steps'];

/** Source: Ironic, _CLEAN_STEPS_SCHEMA and DEPLOY_STEP_SCHEMA. */
const MEMBERS: Readonly<Record<string, StepMember>> = {
  interface: {
    accepts: (value) => (STEP_INTERFACES as readonly JsonValue[]).includes(value),
    refusal: (value) => `${pythonScalar(value)} is not one of ${INTERFACES_TEXT}`,
    requiredIn: BOTH,
  },
  step: {
    accepts: (value) => typeof value === 'string' && value !== '',
    refusal: (value) => (value === '' ? "'' is too short" : `${pythonScalar(value)} is not of type 'string'`),
    requiredIn: BOTH,
  },
  args: { accepts: isObject, refusal: (value) => `${pythonScalar(value)} is not of type 'object'`, requiredIn: DEPLOY },
  priority: {
    accepts: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= 0) || (typeof value === 'string' && /^\d{1,9}$/.test(value)),
    refusal: (value) => `${pythonScalar(value)} is not valid under any of the given schemas`,
    requiredIn: DEPLOY,
  },
};

const MEMBERS_OF: Readonly<Record<StepList, readonly string[]>> = {
  clean_steps: ['interface', 'step', 'args'],
  deploy_steps: ['interface', 'step', 'args', 'priority'],
};

/** @throws RequestFault 400 for the first step that is not in order. Whether the driver has such a step is seen later. */
export function checkSteps(name: StepList, steps: readonly JsonValue[]): readonly JsonObject[] {
  return steps.map((step) => checkStep(name, step));
}

function checkStep(name: StepList, step: JsonValue): JsonObject {
  if (!isObject(step)) throw invalid(name, `${pythonScalar(step)} is not of type 'object'`);
  const known = MEMBERS_OF[name];
  const unknown = Object.keys(step).find((member) => !known.includes(member));
  if (unknown !== undefined) throw invalid(name, `Additional properties are not allowed (${pythonScalar(unknown)} was unexpected)`);
  for (const member of known) {
    const value = step[member];
    const rule = MEMBERS[member];
    if (value === undefined && rule?.requiredIn.includes(name) === true) throw invalid(name, `'${member}' is a required property`);
    if (value !== undefined && rule?.accepts(value) === false) throw invalid(name, rule.refusal(value));
  }
  return step;
}

function invalid(name: StepList, problem: string): Error {
  return faults.invalid(`Invalid ${name}: ${problem}`);
}
