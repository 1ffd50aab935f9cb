import { delay, errorCode, FerricError, revealSealed, type JsonObject, type Task } from '@ferric/core';
import { agentConnection, openAgent, requireSuccess } from './connection.js';
import { lockdown, powerOff, runImage, sync } from '../client/index.js';
import type { AgentConnection, AgentStrategySettings } from './settings.js';
import { tryTo } from './task-helpers.js';

/** What the agent acknowledged, so that a crash does not make us ask a silent agent again. Kept in driver_internal_info. */
const AGENT_STOP = 'agent_stop';

/** How long one look at the agent's port may take. Milliseconds. */
const PROBE_TIMEOUT_MS = 5000;
/** One refused connection may be a fault of the network. */
const SILENT_PROBES = 2;

/** For an order to an agent that may be gone already. Milliseconds. */
const ORDER_TIMEOUT_MS = 30_000;

/** Orders after which an agent answers no more. */
type StopCommand = 'standby.power_off' | 'system.lockdown';

interface StopRecord {
  readonly url: string;
  readonly acknowledgedAt: string;
  readonly silentAt: string | undefined;
}

/**
 * Has the agent switch off a machine whose power nobody can read. The evidence that it is off: the agent acknowledged the order, then its port
 * stopped answering, then some time passed. Idempotent, also after a crash in the middle.
 * @throws what the agent's client throws, REFUSED when the agent declined, TIMEOUT when it goes on answering.
 */
export async function powerOffUnseen(task: Task, settings: AgentStrategySettings): Promise<void> {
  const stopped = await stopAgent(task, settings, 'standby.power_off');
  const evidence = `the deploy agent at ${stopped.url} acknowledged power_off at ${stopped.acknowledgedAt} and was silent from ${String(stopped.silentAt)} on`;
  task.device.power.assume?.('power off', evidence);
  task.progress(`The machine counts as off: ${evidence}`);
}

/** Has the agent write its disks and cut itself off from the network, for a machine that must not be switched off. */
export async function lockDown(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (readStop(task) === undefined) await syncDisks(task, settings);
  await stopAgent(task, settings, 'system.lockdown');
}

/** Has the agent write everything to the disks. A failure is told and nothing more: old agents cannot. */
export async function syncDisks(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (agentConnection(task) === undefined) return;
  await tryTo(task, 'Writing the disks through the deploy agent (standby.sync)', async () => {
    await using agent = openAgent(task, settings);
    await sync(agent, { signal: task.signal });
  });
}

/** Has the agent reset its machine. It may be gone already: then nothing happens but a word about it. */
export async function rebootInBand(task: Task, settings: AgentStrategySettings): Promise<void> {
  await tryTo(task, 'Restarting the machine through the agent that was last known on it (if it still runs, restart it by hand)', async () => {
    await using agent = openAgent(task, settings);
    requireSuccess(await runImage(agent, { signal: task.signal, timeoutMs: ORDER_TIMEOUT_MS }), agent, 'restart its machine');
    task.progress(`The deploy agent at ${agent.url} restarts its machine`);
  });
}

async function stopAgent(task: Task, settings: AgentStrategySettings, command: StopCommand): Promise<StopRecord> {
  const before = readStop(task);
  if (before?.silentAt !== undefined) return before;
  const acknowledged = before ?? (await orderStop(task, settings, command));
  await waitForSilence(task, settings, command);
  if (command === 'standby.power_off') await delay(settings.powerOffGraceMs, { signal: task.signal, clock: task.clock });
  return keepStop(task, { ...acknowledged, silentAt: task.clock.now().toISOString() });
}

async function orderStop(task: Task, settings: AgentStrategySettings, name: StopCommand): Promise<StopRecord> {
  await using agent = openAgent(task, settings);
  if (name === 'system.lockdown') await lockdown(agent, { signal: task.signal });
  else requireSuccess(await powerOff(agent, { signal: task.signal }), agent, 'switch its machine off');
  return await keepStop(task, { url: agent.url, acknowledgedAt: task.clock.now().toISOString(), silentAt: undefined });
}

async function waitForSilence(task: Task, settings: AgentStrategySettings, command: StopCommand): Promise<void> {
  const connection = agentConnection(task);
  if (connection === undefined) return;
  task.progress(`Waiting for the deploy agent at ${connection.url} to fall silent after ${command}`);
  const endsAt = task.clock.monotonicMs() + settings.silenceWaitMs;
  for (let silent = 0; ; ) {
    silent = (await answers(task, settings, connection)) ? 0 : silent + 1;
    if (silent === SILENT_PROBES) return;
    if (task.clock.monotonicMs() >= endsAt) throw stillAnswers(task, settings, connection, command);
    await delay(settings.silenceProbeMs, { signal: task.signal, clock: task.clock });
  }
}

/** Each look opens a connection of its own: one that is open already goes on being served after a lockdown. */
async function answers(task: Task, settings: AgentStrategySettings, connection: AgentConnection): Promise<boolean> {
  // One try: what is looked for is that nobody answers.
  await using agent = settings.connect({ ...connection, attempts: 1 });
  try {
    await agent.commands({ signal: task.signal, timeoutMs: PROBE_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (task.signal.aborted) throw error;
    return !['UNREACHABLE', 'TIMEOUT'].includes(errorCode(error));
  }
}

function stillAnswers(task: Task, settings: AgentStrategySettings, connection: AgentConnection, command: StopCommand): FerricError {
  const seconds = Math.round(settings.silenceWaitMs / 1000);
  return new FerricError('TIMEOUT', `The deploy agent at ${connection.url} still answers ${seconds} s after it acknowledged ${command}`, {
    details: { node: task.node.uuid, address: connection.url, step: command },
    hint: 'Look at the screen of the machine. When it hangs, switch it off by hand and deploy again.',
  });
}

/** Whether the agent was switched off before a crash, or can be now. */
export function canStopAgent(task: Task): boolean {
  return readStop(task) !== undefined || agentConnection(task) !== undefined;
}

function readStop(task: Task): StopRecord | undefined {
  const kept = revealSealed(task.node.driverInternalInfo[AGENT_STOP] ?? null) as JsonObject | null;
  const { url, acknowledged_at: acknowledgedAt, silent_at: silentAt } = kept ?? {};
  if (typeof url !== 'string' || typeof acknowledgedAt !== 'string') return undefined;
  return { url, acknowledgedAt, silentAt: typeof silentAt === 'string' ? silentAt : undefined };
}

async function keepStop(task: Task, stop: StopRecord): Promise<StopRecord> {
  await task.keep({
    driverInternalInfo: { [AGENT_STOP]: { url: stop.url, acknowledged_at: stop.acknowledgedAt, silent_at: stop.silentAt ?? null } },
  });
  return stop;
}
