import { FerricError, type JsonObject, type NodeChanges, type NodeView, type Task } from '@ferric/core';
import { asObject } from '../client/agent-json.js';
import type { AgentCommand, AgentStepKind } from '../client/index.js';
import { logicalDisks, narrowRaidTarget, raidFound } from '../rules/raid-configuration.js';
import type { StepName } from './step-verdict.js';

/** Arguments of raid.create_configuration that are for the conductor: the agent takes none, it reads the node. Source: Ironic, ironic/drivers/modules/agent.py (AgentRAID). */
const CONDUCTOR_ARGUMENTS: ReadonlySet<string> = new Set(['create_root_volume', 'create_nonroot_volumes', 'delete_existing']);

/** A step of disk arrays as it goes to the agent. */
export interface RaidOrder {
  /** The node with the arrays that this step shall create. */
  readonly node: NodeView;
  readonly args: JsonObject;
}

/**
 * How a step of the agent is given that creates what the node is to have; undefined for any other step.
 * @throws INVALID_OPTIONS when there is nothing to create; UNSUPPORTED when it shall delete first, which the agent does by a step of its own.
 */
export function raidOrder(task: Pick<Task, 'node'>, step: StepName, args: JsonObject): RaidOrder | undefined {
  if (step.interface !== 'raid' || step.name !== 'create_configuration') return undefined;
  const { node } = task;
  if (args['delete_existing'] === true) {
    throw new FerricError('UNSUPPORTED', 'raid.create_configuration of the deploy agent does not delete what is there', {
      details: { field: 'delete_existing' },
      hint: 'Put the step raid.delete_configuration before it.',
    });
  }
  const wanted = { root: args['create_root_volume'] !== false, nonRoot: args['create_nonroot_volumes'] !== false };
  return {
    node: { ...node, targetRaidConfig: narrowRaidTarget(node.targetRaidConfig, wanted, node.uuid) },
    args: Object.fromEntries(Object.entries(args).filter(([name]) => !CONDUCTOR_ARGUMENTS.has(name))),
  };
}

/** What a finished step of disk arrays means for the record; undefined for any other step, and when the agent does not tell. */
export function raidChanges(task: Pick<Task, 'node' | 'clock'>, kind: AgentStepKind, step: StepName, command: AgentCommand | undefined): NodeChanges | undefined {
  if (step.interface !== 'raid' || command === undefined) return undefined;
  if (step.name === 'delete_configuration') return { raidConfig: {} };
  const made = asObject(asObject(command.result)?.[`${kind}_result`]);
  return made === undefined || logicalDisks(made).length === 0 ? undefined : raidFound(task.node, made, task.clock.now());
}
