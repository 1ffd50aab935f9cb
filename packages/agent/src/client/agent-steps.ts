import { FerricError, printValue, type JsonObject, type JsonValue } from '@ferric/core';
import type { AgentCommand } from './agent.js';
import { asObject } from './agent-json.js';

/** Kinds of steps that agents have. */
export const AGENT_STEP_KINDS = ['clean', 'deploy', 'service'] as const;
export type AgentStepKind = (typeof AGENT_STEP_KINDS)[number];

/** A step as an agent offers it. Source: ironic-python-agent, ironic_python_agent/hardware.py (get_clean_steps, get_deploy_steps). */
export interface AgentStep {
  readonly interface: string;
  readonly step: string;
  /** 0: only when somebody asks for it. */
  readonly priority: number;
  /** After the step the machine must boot its ramdisk again. */
  readonly rebootRequested: boolean;
  readonly abortable: boolean;
  /** What it can be told, by name. */
  readonly arguments: Readonly<Record<string, { readonly description: string; readonly required: boolean }>>;
  /** The class of the agent that offers it: `GenericHardwareManager`. */
  readonly manager: string;
}

/** The steps that an agent offers. */
export interface AgentSteps {
  readonly steps: readonly AgentStep[];
  /** Exactly what the agent said: it must come back unchanged with each step. */
  readonly hardwareManagerVersion: JsonObject;
}

/**
 * Reads the result of `get_clean_steps` and its siblings.
 * @throws PROTOCOL_FAULT naming what a step lacks.
 */
export function readAgentSteps(kind: AgentStepKind, result: JsonValue): AgentSteps {
  const document = asObject(result);
  const byManager = asObject(document?.[`${kind}_steps`]);
  if (byManager === undefined) throw fault(`no ${kind}_steps`, result);
  const hardwareManagerVersion = asObject(document?.['hardware_manager_version']);
  if (hardwareManagerVersion === undefined) throw fault('no hardware_manager_version', result);
  return {
    steps: Object.entries(byManager).flatMap(([manager, steps]) => {
      if (!Array.isArray(steps)) throw fault(`no list of steps of ${manager}`, steps);
      return steps.map((step: JsonValue) => readStep(manager, step));
    }),
    hardwareManagerVersion,
  };
}

/** Which step a finished `execute_…_step` was, as its result repeats it; undefined when it does not say. */
export function executedStep(command: AgentCommand): { readonly interface: string; readonly step: string } | undefined {
  const result = asObject(command.result) ?? {};
  const repeated = AGENT_STEP_KINDS.map((kind) => asObject(result[`${kind}_step`])).find((step) => step !== undefined);
  const [interfaceName, step] = [repeated?.['interface'], repeated?.['step']];
  return typeof interfaceName === 'string' && typeof step === 'string' ? { interface: interfaceName, step } : undefined;
}

function readStep(manager: string, value: JsonValue): AgentStep {
  const step = asObject(value);
  if (step === undefined) throw fault(`a step of ${manager} that is no object`, value);
  const { priority } = step;
  if (typeof priority !== 'number') throw fault(`a step of ${manager} without priority`, value);
  return {
    interface: requiredText(manager, step, 'interface'),
    step: requiredText(manager, step, 'step'),
    priority,
    rebootRequested: step['reboot_requested'] === true,
    abortable: step['abortable'] === true,
    arguments: readArguments(step['argsinfo']),
    manager,
  };
}

function requiredText(manager: string, step: JsonObject, key: 'interface' | 'step'): string {
  const value = step[key];
  if (typeof value === 'string' && value !== '') return value;
  throw fault(`a step of ${manager} without ${key}`, step);
}

function readArguments(value: JsonValue | undefined): AgentStep['arguments'] {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).map(([name, facts]) => {
      const { description, required } = asObject(facts) ?? {};
      return [name, { description: typeof description === 'string' ? description : '', required: required === true }];
    }),
  );
}

function fault(what: string, value: JsonValue): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The agent told ${what}: ${printValue(value)}`, {
    hint: 'A hardware manager in the ramdisk may be faulty.',
  });
}
