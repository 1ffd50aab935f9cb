import type { JsonObject, JsonValue } from '@ferric/core';
import { asObject } from '../conductor-calls.js';
import { CommandFailure, type CommandFailureType } from './command-failure.js';
import type { AgentWorkplace, CommandDefinition, CommandParameters } from './command.js';
import { runStep } from './step-functions.js';
import { type AgentStepKind, MANAGER_CLASS, MANAGER_VERSIONS, STEP_LISTS } from './step-lists.js';

const ERROR_OF_KIND: Readonly<Record<AgentStepKind, CommandFailureType>> = { clean: 'CleaningError', deploy: 'DeploymentError', service: 'ServicingError' };

/** `get_deploy_steps` and `execute_deploy_step`, and the same for the other kinds. Source: ironic-python-agent, ironic_python_agent/extensions/deploy.py. */
export function stepCommands(kind: AgentStepKind): ReadonlyMap<string, CommandDefinition> {
  const extension = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}Extension`;
  return new Map<string, CommandDefinition>([
    [`get_${kind}_steps`, {
      kind: 'synchronous',
      functionName: `${extension}.get_${kind}_steps`,
      required: ['node', 'ports'],
      optional: [],
      run(workplace, { node }) {
        workplace.node = asObject(node);
        return { [`${kind}_steps`]: { [MANAGER_CLASS]: listSteps(workplace, kind) }, hardware_manager_version: MANAGER_VERSIONS };
      },
    }],
    [`execute_${kind}_step`, {
      kind: 'asynchronous',
      functionName: `${extension}.execute_${kind}_step`,
      required: ['step', 'node', 'ports'],
      optional: [`${kind}_version`],
      takesMore: true,
      run: (workplace, parameters) => executeStep(workplace, kind, parameters),
    }],
  ]);
}

function listSteps({ faults }: AgentWorkplace, kind: AgentStepKind): readonly JsonObject[] {
  return STEP_LISTS[kind].map((step) => (faults.has('reboot requested', String(step['step'])) ? { ...step, reboot_requested: true } : step));
}

async function executeStep(workplace: AgentWorkplace, kind: AgentStepKind, parameters: CommandParameters): Promise<JsonValue> {
  const { step: given, node, ports: _ports, [`${kind}_version`]: version = null, ...more } = parameters;
  workplace.node = asObject(node);
  const step = asObject(given);
  const name = step['step'];
  checkVersions(workplace, version, typeof name === 'string' ? name : '');
  if (typeof name !== 'string') throw new Error(`Malformed ${kind}_step, no "step" key: ${JSON.stringify(step)}`);
  const result = await runStepOfKind(workplace, kind, name, { ...more, ...asObject(step['args']) });
  workplace.log(`step ${name} is done`);
  return { [`${kind}_result`]: result, [`${kind}_step`]: step };
}

async function runStepOfKind(workplace: AgentWorkplace, kind: AgentStepKind, name: string, parameters: CommandParameters): Promise<JsonValue> {
  try {
    return await runStep(workplace, name, parameters);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CommandFailure(ERROR_OF_KIND[kind], `Unexpected exception performing ${kind} step ${name}. ${what}`, { cause: error });
  }
}

/** @throws CommandFailure VersionMismatch unless the versions are those of now, all of them; null is not looked at */
function checkVersions({ faults }: AgentWorkplace, version: JsonValue, step: string): void {
  const isSpoiled = faults.take('version mismatch', step) !== undefined;
  const current = isSpoiled ? { ...MANAGER_VERSIONS, ferric_other_manager: '1' } : MANAGER_VERSIONS;
  if (version === null && !isSpoiled) return;
  const used = asObject(version);
  const isSame = Object.keys(used).length === Object.keys(current).length && Object.entries(current).every(([name, each]) => used[name] === each);
  if (isSame) return;
  throw new CommandFailure('VersionMismatch', `Current versions: ${pythonText(current)}, versions used by ironic: ${pythonText(version)}`);
}

/** A value as Python prints it. */
function pythonText(value: JsonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value).map(([name, each]) => `'${name}': ${pythonText(each as JsonValue)}`).join(', ')}}`;
}
