import { AGENT_KEYS } from '@ferric/agent';
import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { strategyOf } from '../nodes/node-task.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { NodeUpdate } from '../store/store.js';
import type { WorkHandler } from './journal.js';
import { provisionWork, runPart, withoutKeys, type ProvisionRun } from './provision-work.js';
import { STEP_PROGRESS } from './step-plan.js';
import { eventsOfWait, leaveWait } from './step-sequence.js';

/** rescuing -> rescue, by way of `rescue wait` until the machine reports; or unrescuing -> active. The rescue password is forgotten at the end. */
export function rescueWork(context: ConductorContext, direction: 'rescue' | 'unrescue'): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const { next, waitsFor } = await (direction === 'rescue' ? rescue(provision) : unrescue(provision));
      if (next === 'wait') return { events: (node) => eventsOfWait(node, 'wait'), waitsFor };
      return { events: ['done'], changes: (node) => ({ ...withoutRescuePassword(node), lastError: null }) };
    },
    {
      describe: (node, reason) => ({ reason: `Failed to ${direction} node ${node.uuid}: ${reason}`, changes: withoutRescuePassword(node) }),
      ...(direction === 'rescue' ? { cleanUp: cleanUpRescue } : {}),
    },
  );
}

type PartEnd = Awaited<ReturnType<typeof runPart>>;

async function rescue(provision: ProvisionRun): Promise<PartEnd> {
  const { context, node, opened, run } = provision;
  const strategy = strategyOf(context, node, 'rescue');
  if (strategy === undefined) throw faults.unsupported(node.driver, 'rescue');
  if (run.input['resume'] !== true) return runPart(provision, 'rescue', () => strategy.rescue(opened.task));
  const end = await runPart(provision, 'resume rescue', async () => strategy.resume?.(opened.task));
  if (end.next === 'done') await leaveWait(provision);
  return end;
}

async function unrescue(provision: ProvisionRun): Promise<PartEnd> {
  const { context, node, opened } = provision;
  const strategy = strategyOf(context, node, 'rescue');
  if (strategy === undefined) throw faults.unsupported(node.driver, 'rescue');
  return runPart(provision, 'unrescue', () => strategy.unrescue(opened.task));
}

/** Ends a rescue that failed or was aborted. */
export async function cleanUpRescue({ context, node, opened }: ProvisionRun): Promise<void> {
  const changes = await strategyOf(context, node, 'rescue')?.cleanUp(opened.task);
  if (changes !== undefined) await opened.task.keep(changes);
}

function withoutRescuePassword(node: StoredNode): NodeUpdate {
  const { rescue_password: _password, hashed_rescue_password: _hashed, ...instanceInfo } = node.instanceInfo;
  return { instanceInfo, driverInternalInfo: withoutKeys(node, [...AGENT_KEYS, STEP_PROGRESS]) };
}
