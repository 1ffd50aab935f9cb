import { FerricError, type Task } from '@ferric/core';
import { readAgentRecord } from '../agent-record.js';
import type { Agent, AgentCommand } from '../client/index.js';
import type { AgentConnection, AgentStrategySettings } from './settings.js';

/** How to reach the agent that runs on the machine now; undefined when none has reported since the last boot. */
export function agentConnection(task: Task): AgentConnection | undefined {
  const { url, token, verifyCa } = readAgentRecord(task.node);
  if (url === undefined || token === undefined) return undefined;
  return { url, token, clock: task.clock, ...(verifyCa === undefined ? {} : { verifyCa }) };
}

/**
 * Opens the agent that runs on the machine now. The caller disposes it.
 * @throws CONFLICT when none has reported since the last boot.
 */
export function openAgent(task: Task, settings: AgentStrategySettings): Agent {
  const connection = agentConnection(task);
  if (connection !== undefined) return settings.connect(connection);
  throw new FerricError('CONFLICT', `No deploy agent has reported for node ${task.node.uuid} since its machine was last booted`, {
    details: { node: task.node.uuid },
    hint: 'Look at the screen of the machine: it must boot the agent from the network, and the agent must reach this conductor.',
  });
}

/**
 * The same command when it did what it was told.
 * @throws REFUSED with the agent's own words when it failed.
 */
export function requireSuccess(command: AgentCommand, agent: Pick<Agent, 'url'>, what: string): AgentCommand {
  if (command.status === 'SUCCEEDED' || command.status === 'RUNNING') return command;
  throw commandFailure(command, agent, what);
}

/** The error for a command that ran and failed, in the agent's own words. */
export function commandFailure(command: AgentCommand, agent: Pick<Agent, 'url'>, what: string): FerricError {
  const words = command.error?.message ?? `it ended as ${command.status} without a word`;
  return new FerricError('REFUSED', `The deploy agent at ${agent.url} could not ${what}: ${words}`, {
    details: { address: agent.url, command: command.name, commandId: command.id, type: command.error?.type ?? null },
    hint: "The agent's own log on the machine tells more.",
  });
}
