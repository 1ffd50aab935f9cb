import { Secret, STEP_INTERFACES, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import { pythonScalar, pythonText } from '../http/python-text.js';
import { schemaFault, type InputPlace, type ValueKind } from '../table/input.js';

const MEMBERS = ['interface', 'step', 'args', 'priority'] as const;
const INTERFACES_TEXT = pythonText([...STEP_INTERFACES]);

/** What each member of a step must be; the refusal otherwise. Source: Ironic, ironic/api/controllers/v1/deploy_template.py (STEP_SCHEMA). */
const REFUSALS: Readonly<Record<(typeof MEMBERS)[number], (value: JsonValue) => string | undefined>> = {
  interface: (value) => ((STEP_INTERFACES as readonly JsonValue[]).includes(value) ? undefined : `${pythonScalar(value)} is not one of ${INTERFACES_TEXT}`),
  step(value) {
    if (typeof value !== 'string') return `${pythonScalar(value)} is not of type 'string'`;
    return value === '' ? "'' is too short" : undefined;
  },
  // Its values stay out of the text: they may be secrets.
  args: (value) => (isObject(value) ? undefined : "args is not of type 'object'"),
  priority: (value) => (isPriority(value) ? undefined : `${pythonScalar(value)} is not valid under any of the given schemas`),
};

/** The deploy steps of a template: at least one. */
export const templateSteps: ValueKind = {
  schema: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      properties: {
        interface: { enum: [...STEP_INTERFACES] },
        step: { type: 'string', minLength: 1 },
        args: { type: 'object' },
        priority: { type: ['integer', 'string'], minimum: 0 },
      },
      required: [...MEMBERS],
      additionalProperties: false,
    },
  },
  check(_name, value, place) {
    // Only its shape is looked at here; what it holds stays behind the secret that carries it.
    const steps = Secret.is(value) ? value.reveal() : value;
    if (!Array.isArray(steps)) throw schemaFault(place.subject, "steps is not of type 'array'");
    if (steps.length === 0) throw schemaFault(place.subject, '[] is too short');
    const checked = steps.map((step: Sealed) => checkStep(step as JsonValue, place));
    refuseDuplicates(checked);
    return new Secret<JsonValue>(checked);
  },
};

function checkStep(step: JsonValue, place: InputPlace): JsonObject {
  if (!isObject(step)) throw schemaFault(place.subject, "a step is not of type 'object'");
  const unknown = Object.keys(step).find((member) => !(MEMBERS as readonly string[]).includes(member));
  if (unknown !== undefined) throw schemaFault(place.subject, `Additional properties are not allowed (${pythonScalar(unknown)} was unexpected)`);
  for (const member of MEMBERS) {
    const value = step[member];
    if (value === undefined) throw schemaFault(place.subject, `'${member}' is a required property`);
    const refusal = REFUSALS[member](value);
    if (refusal !== undefined) throw schemaFault(place.subject, refusal);
  }
  return { ...step, priority: Number(step['priority']) };
}

function isPriority(value: JsonValue): boolean {
  if (typeof value === 'string') return /^\d{1,9}$/.test(value);
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e9;
}

/** Source: Ironic, ironic/api/controllers/v1/deploy_template.py (duplicate_steps). */
function refuseDuplicates(steps: readonly JsonObject[]): void {
  const names = steps.map((step) => `interface: ${String(step['interface'])}, step: ${String(step['step'])}`);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) < index));
  if (repeated.size === 0) return;
  throw faults.deployTemplateInvalid(
    `Duplicate deploy steps. A deploy template cannot have multiple deploy steps with the same interface and step. Duplicates: ${[...repeated].join('; ')}`,
  );
}
