import { AGENT_FORGOTTEN } from '@ferric/agent';
import { FerricError, STATE_AFTER_TARGET, type CallOptions, type Power, type PowerOutcome, type PowerTarget } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask } from '../nodes/node-task.js';
import { describeOutcome, memoryChanges, readingChanges } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { NodeUpdate } from '../store/store.js';
import { finishWork, keepChanges, ownNode, type Ending } from './finish.js';
import type { WorkHandler, WorkRun } from './journal.js';

/** What ends a deploy agent that runs. Its facts are forgotten before: an agent of the next boot must find none. Source: Ironic, utils.wipe_token_and_url. */
const ENDS_AGENT: ReadonlySet<PowerTarget> = new Set(['power off', 'rebooting', 'soft power off', 'soft rebooting']);

/** Changes the power of a node: input `target`, `timeoutMs`. */
export function powerWork(context: ConductorContext): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    const target = run.input['target'] as PowerTarget;
    let remembered = (_current: StoredNode): NodeUpdate => ({});
    try {
      await using opened = await openTask(context, node, run.signal);
      const { power } = opened.device;
      remembered = (current) => memoryChanges(current, opened.device);
      if (RESTARTS.has(target)) await beginOnce(run, target);
      if (ENDS_AGENT.has(target)) await keepChanges(context, run, AGENT_FORGOTTEN, opened.device);
      const outcome = await changePower(power, target, { signal: run.signal, timeoutMs: Number(run.input['timeoutMs']) });
      await finishWork(context, run, (current) => succeeded(current, target, outcome, remembered(current)));
    } catch (error) {
      if (run.signal.aborted) throw error;
      await finishWork(context, run, (current) => failed(current, target, error, remembered(current), context.clock.now()));
    }
  };
}

/** A reboot cannot be told from the state afterwards, so it is never sent twice. */
const RESTARTS: ReadonlySet<PowerTarget> = new Set(['rebooting', 'soft rebooting']);

/**
 * Notes that the command is about to go out.
 * @throws FerricError ABORTED when that was noted before: the conductor stopped in between, and nobody knows whether it went out.
 */
async function beginOnce(run: WorkRun, target: PowerTarget): Promise<void> {
  let first = false;
  await run.step(`${target} begins`, async () => {
    first = true;
    return null;
  });
  if (!first) {
    throw new FerricError('ABORTED', 'the conductor stopped while it was under way, and it is not repeated: the machine may have restarted already');
  }
}

/**
 * A machine that is off already is left alone; a state that is only assumed is no reason to do nothing. One that is on may be asleep: its driver
 * knows whether there is something to do, and how it is woken.
 */
async function changePower(power: Power, target: PowerTarget, options: CallOptions): Promise<PowerOutcome> {
  if (!RESTARTS.has(target) && target !== 'power on') {
    const reading = await power.read(options);
    if (reading.source === 'device' && reading.state === STATE_AFTER_TARGET[target]) {
      return { status: 'done', reading, detail: `The machine was already in state ${reading.state}.` };
    }
  }
  return power.set(target, options);
}

function succeeded(node: StoredNode, target: PowerTarget, outcome: PowerOutcome, memory: NodeUpdate): Ending {
  const internal = { ...node.driverInternalInfo, ...memory.driverInternalInfo };
  return {
    changes: {
      ...readingChanges(outcome.reading),
      targetPowerState: null,
      driverInternalInfo: { ...internal, last_power_state_change: outcome.reading.at.toISOString() },
    },
    events: [
      {
        nodeUuid: node.uuid,
        type: 'power-changed',
        severity: outcome.status === 'manual intervention required' ? 'WARNING' : 'INFO',
        message: `${target}: ${outcome.status}${outcome.detail === undefined ? '' : `. ${outcome.detail}`}`,
        details: { target, ...describeOutcome(outcome) },
        actor: node.work?.requestedBy ?? '',
      },
    ],
  };
}

/**
 * Nobody knows what became of the command: the next reading tells. Readings that failed before still count, or a node that is asked for often would
 * never be given up by power sync.
 */
function powerUnknown({ powerKnowledge: known }: StoredNode, at: Date): NodeUpdate {
  return { powerState: null, powerKnowledge: known === null || known.failures === 0 ? null : { ...known, detail: null, at } };
}

/** How drivers say in `received` that no reading came. */
const NOTHING_READ = 'nothing';

/** A command that may have come through, and no word since. One that never left changed nothing; `received` is what was read after it. */
function isSilence(error: unknown): boolean {
  if (!FerricError.is(error) || (error.code !== 'UNREACHABLE' && error.code !== 'TIMEOUT')) return false;
  const { sent, received = NOTHING_READ } = error.details;
  return sent !== false && received === NOTHING_READ;
}

function failed(node: StoredNode, target: PowerTarget, error: unknown, memory: NodeUpdate, at: Date): Ending {
  const reason = describeFailure(error);
  const lastError = `Failed to change power state to '${STATE_AFTER_TARGET[target]}' by '${target}': ${reason}`;
  return {
    changes: { ...memory, targetPowerState: null, lastError, ...(isSilence(error) ? powerUnknown(node, at) : {}) },
    events: [
      { nodeUuid: node.uuid, type: 'power-failed', severity: 'ERROR', message: lastError, details: { target }, actor: node.work?.requestedBy ?? '' },
    ],
  };
}
