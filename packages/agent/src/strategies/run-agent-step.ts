import {
  revealSealed, FerricError, type JsonObject, type NodeView, type StepSequence, type StrategyResult, type Task,
} from '@ferric/core';
import { readAgentRecord } from '../agent-record.js';
import {
  executeCleanStep, executeDeployStep, getCleanSteps, getDeploySteps, type Agent, type AgentCommand, type CommandSubject, type StepCall,
} from '../client/index.js';
import { nodeForAgent, portForAgent } from '../rules/node-for-agent.js';
import { bootPurpose, bootTheAgent } from './agent-boot.js';
import { commandFailure, openAgent } from './connection.js';
import { cachedOffer, cacheOffer, OFFER_BEFORE_RESTART_FORGOTTEN, readOffer, type Offer } from './offered-steps.js';
import { raidChanges } from './raid-steps.js';
import type { AgentStrategySettings } from './settings.js';
import { findExecution, judgeStep, type SentStep, type StepInFlight } from './step-verdict.js';
import { AGENT_REPORTS, isPassing, waitFor } from './task-helpers.js';

/** A step that the agent executes. */
export interface AgentStepCall extends StepInFlight {
  /** What is waited for while the agent is at it. */
  readonly waitsFor: string;
  /** Whether the agent needs the config drive in the node that comes with the step. */
  readonly configDrive: boolean;
  /** The node as the agent shall see it for this step. Default: as it is. @throws INVALID_OPTIONS */
  node?(task: Task): NodeView;
  /** What has to be found out before the agent's commands are looked at. */
  prepare?(task: Task): Promise<void>;
  /** The step as the agent takes it, with its arguments. Called only when it is sent. */
  step(task: Task, offer: Offer): Promise<StepCall> | StepCall;
}

/** How often a step is given again because the agent's hardware managers changed under it. */
const MOST_RESTARTS = 3;

/**
 * The steps that the agent of this boot offers. It is asked once; its answer is kept.
 * @throws CONFLICT when no agent has reported, REFUSED and PROTOCOL_FAULT for its answer.
 */
export async function loadOffer(task: Task, settings: AgentStrategySettings, kind: StepSequence): Promise<Offer> {
  const cached = cachedOffer(kind, task.node);
  if (cached !== undefined) return cached;
  await using agent = openAgent(task, settings);
  return await fetchOffer(task, agent, kind);
}

async function fetchOffer(task: Task, agent: Agent, kind: StepSequence): Promise<Offer> {
  task.progress(`Asking the deploy agent at ${agent.url} for its ${kind} steps`);
  const offer = readOffer(kind, await PROTOCOL[kind].ask(agent, subject(task, task.node, false), { signal: task.signal }));
  await task.keep(cacheOffer(kind, offer));
  return offer;
}

/** The commands of each kind of steps. */
const PROTOCOL = {
  clean: {
    ask: getCleanSteps,
    execute: async (agent: Agent, order: Order, task: Task): Promise<AgentCommand> =>
      executeCleanStep(agent, { ...order.subject, step: order.step, cleanVersion: order.versions }, { signal: task.signal }),
  },
  deploy: {
    ask: getDeploySteps,
    execute: async (agent: Agent, order: Order, task: Task): Promise<AgentCommand> =>
      executeDeployStep(agent, { ...order.subject, step: order.step, deployVersion: order.versions }, { signal: task.signal }),
  },
} as const;

/** A step on its way to the agent. */
interface Order {
  readonly subject: CommandSubject;
  readonly step: StepCall;
  readonly versions: JsonObject;
}

/** Has the agent execute a step, unless it has the order already. */
export async function startStep(task: Task, settings: AgentStrategySettings, call: AgentStepCall): Promise<StrategyResult> {
  // Ended already, when the agent was looked at after a crash; what is left is the restart that it asked for.
  if (typeof task.node.driverInternalInfo['agent_step_reboot'] === 'string') return resumeStep(task, settings, call);
  const offer = await loadOffer(task, settings, call.kind);
  await call.prepare?.(task);
  await using agent = openAgent(task, settings);
  const commands = await agent.commands({ signal: task.signal });
  if (findExecution(commands, call, readSent(task)) !== undefined) {
    task.progress(`The deploy agent at ${agent.url} has the order for ${title(call)} already`);
    return await look(task, settings, agent, call, commands);
  }
  await send(task, agent, call, offer, commands, 0);
  return waitFor(call.waitsFor);
}

/**
 * Looks at a step in flight. A failure to reach the agent is no failure of the step: it is looked at again at the next report.
 * @throws REFUSED in the agent's own words when it failed.
 */
export async function resumeStep(task: Task, settings: AgentStrategySettings, call: AgentStepCall): Promise<StrategyResult> {
  const reboot = task.node.driverInternalInfo['agent_step_reboot'];
  if (reboot === 'requested') return rebootAfter(task, settings, call);
  if (readAgentRecord(task.node).url === undefined) return waitFor(AGENT_REPORTS);
  if (reboot === 'sent') return stepDone();

  await using agent = openAgent(task, settings);
  let commands: readonly AgentCommand[];
  try {
    commands = await agent.commands({ signal: task.signal });
  } catch (error) {
    if (!isPassing(task, error)) throw error;
    task.progress(`The deploy agent at ${agent.url} did not tell how far ${title(call)} is: ${error.message}; it is asked again when it reports`);
    return waitFor(call.waitsFor);
  }
  return await look(task, settings, agent, call, commands);
}

async function look(
  task: Task, settings: AgentStrategySettings, agent: Agent, call: AgentStepCall, commands: readonly AgentCommand[],
): Promise<StrategyResult> {
  const verdict = judgeStep(commands, call, readSent(task));
  switch (verdict.is) {
    case 'failed':
      throw commandFailure(verdict.command, agent, `execute ${title(call)}`);
    case 'done':
      return finished(task, settings, agent, call, findExecution(commands, call, readSent(task)) ?? commands.at(-1));
    case 'version mismatch':
      await sendAgain(task, agent, call, commands);
      break;
    case 'waiting':
      task.progress(`Waiting for ${call.waitsFor}: ${verdict.why}`);
  }
  return waitFor(call.waitsFor);
}

async function finished(
  task: Task, settings: AgentStrategySettings, agent: Agent, call: AgentStepCall, command: AgentCommand | undefined,
): Promise<StrategyResult> {
  task.progress(`The deploy agent at ${agent.url} finished ${title(call)}`);
  const found = raidChanges(task, call.kind, call, command);
  // Before a restart that the step may ask for: the answer is gone with the agent.
  if (found !== undefined) await task.keep(found);
  const offered = cachedOffer(call.kind, task.node)?.steps.find((step) => step.interface === call.interface && step.name === call.name);
  return offered?.rebootRequested === true ? rebootAfter(task, settings, call) : stepDone();
}

/** What is requested is kept before the power is touched, and that it was sent together with the end of the restart, so that no crash loses or doubles it. */
async function rebootAfter(task: Task, settings: AgentStrategySettings, call: AgentStepCall): Promise<StrategyResult> {
  task.progress(`${title(call)} asks for a restart of the machine`);
  const purpose = bootPurpose(task.node) === 'clean' ? 'clean' : call.kind;
  await bootTheAgent(task, settings, purpose, { again: call.kind });
  return waitFor(`${AGENT_REPORTS} after the restart that ${title(call)} asked for`);
}

function stepDone(): StrategyResult {
  return { next: 'done', changes: { driverInternalInfo: { agent_step_sent: null, agent_step_reboot: null, ...OFFER_BEFORE_RESTART_FORGOTTEN } } };
}

async function send(
  task: Task, agent: Agent, call: AgentStepCall, offer: Offer, commands: readonly AgentCommand[], restarts: number,
): Promise<void> {
  const step = await call.step(task, offer);
  const sent: SentStep = { interface: call.interface, name: call.name, after: commands.at(-1)?.id ?? null, restarts };
  await task.keep({ driverInternalInfo: { agent_step_sent: { ...sent } } });
  task.progress(`Sending ${title(call)} to the deploy agent at ${agent.url}`);
  const order: Order = { step, subject: subject(task, call.node?.(task) ?? task.node, call.configDrive), versions: offer.versions };
  const command = await executeOnce(task, agent, call, order, sent);
  if (command?.status === 'FAILED') throw commandFailure(command, agent, `begin ${title(call)}`);
  if (command?.status === 'VERSION_MISMATCH') await sendAgain(task, agent, call, [...commands, command]);
}

/** When the answer is lost the order may have come through: then the agent knows of it, and nothing failed. */
async function executeOnce(task: Task, agent: Agent, call: AgentStepCall, order: Order, sent: SentStep): Promise<AgentCommand | undefined> {
  try {
    return await PROTOCOL[call.kind].execute(agent, order, task);
  } catch (error) {
    if (!isPassing(task, error)) throw error;
    const commands = await agent.commands({ signal: task.signal });
    if (findExecution(commands, call, sent) !== undefined) return undefined;
    throw error;
  }
}

async function sendAgain(task: Task, agent: Agent, call: AgentStepCall, commands: readonly AgentCommand[]): Promise<void> {
  const restarts = (readSent(task)?.restarts ?? 0) + 1;
  if (restarts > MOST_RESTARTS) {
    throw new FerricError('REFUSED', `The hardware managers of the deploy agent at ${agent.url} changed ${restarts} times while ${title(call)} was begun`, {
      details: { address: agent.url, step: title(call) },
      hint: "Look at the agent's log: one of its hardware managers reports another version each time it is asked.",
    });
  }
  task.progress(`The hardware managers of the deploy agent at ${agent.url} have changed: asking for its steps again`);
  await send(task, agent, call, await fetchOffer(task, agent, call.kind), commands, restarts);
}

function subject(task: Task, node: NodeView, configDrive: boolean): CommandSubject {
  return { node: nodeForAgent(node, { configDrive }), ports: task.ports.map(portForAgent) };
}

function readSent(task: Task): SentStep | undefined {
  const kept = revealSealed(task.node.driverInternalInfo['agent_step_sent'] ?? null) as JsonObject | null;
  const { interface: owner, name, after, restarts } = kept ?? {};
  if (typeof owner !== 'string' || typeof name !== 'string') return undefined;
  return { interface: owner, name, after: typeof after === 'string' ? after : null, restarts: typeof restarts === 'number' ? restarts : 0 };
}

function title(call: Pick<AgentStepCall, 'kind' | 'interface' | 'name'>): string {
  return `${call.kind} step ${call.interface}.${call.name}`;
}
