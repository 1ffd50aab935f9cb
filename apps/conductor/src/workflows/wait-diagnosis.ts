import type { ProvisionEvent } from '@ferric/core';
import type { NodeEvent } from '../events/node-event.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { STEP_PROGRESS } from './step-plan.js';

/** Entries of a node's history that are looked through for what became of its machine. */
const LOOKED_AT = 200;

interface Milestone {
  readonly type: NodeEvent['type'] | 'start';
  /** Whether the record still shows it: a machine that was started anew since has to come there again. Default: it does. */
  readonly holds?: (node: StoredNode) => boolean;
  readonly advice: (event: NodeEvent | undefined, node: StoredNode) => string;
}

/**
 * How far a machine comes on its way to the deploy agent, last first: an entry of the history that shows it got there, and what to look
 * at when it got no further.
 */
const MILESTONES: readonly Milestone[] = [
  {
    type: 'agent-reported',
    holds: (node) => node.driverInternalInfo['agent_last_heartbeat'] !== undefined,
    advice: (event, node) =>
      `The deploy agent was last heard of at ${String(node.driverInternalInfo['agent_last_heartbeat'] ?? event?.at.toISOString())}, while waiting for ${waitedFor(node)}: ` +
      'look at the console of the machine, and whether it can still reach this conductor.',
  },
  {
    type: 'agent-looked-up',
    holds: (node) => node.driverInternalInfo['agent_secret_token'] !== undefined,
    advice: (event) => `The deploy agent looked its node up at ${when(event)} and never reported: see whether its heartbeat is refused (timeline), and the console of the machine.`,
  },
  {
    type: 'boot-file-fetched',
    advice: (event) =>
      `The machine fetched its boot files, the last at ${when(event)}, but its deploy agent never called: look at its console, whether the ramdisk fits in its memory, ` +
      'and whether it reaches this conductor under the address of its boot script.',
  },
  {
    type: 'boot-script-served',
    advice: (event) => `The machine fetched its boot script at ${when(event)} but not the kernel it names: check deploy_kernel and deploy_ramdisk, and that the machine can reach their addresses.`,
  },
  {
    type: 'start',
    advice: () =>
      'The machine never asked for its boot script: check that it is on, boots from the network, is given the address of ipxe_config by DHCP, and that its MAC address is that of a port of this node.',
  },
];

function when(event: NodeEvent | undefined): string {
  return event?.at.toISOString() ?? 'an unknown time';
}

function waitedFor(node: StoredNode): string {
  const progress = node.driverInternalInfo[STEP_PROGRESS] as { readonly waiting_for?: unknown; readonly step?: unknown } | undefined;
  return `${String(progress?.waiting_for ?? 'it')}${progress?.step === undefined ? '' : ` (step ${String(progress.step)})`}`;
}

/** Why nobody reported, as far as the history tells: one sentence with what to do. */
export function diagnose(events: readonly NodeEvent[], node: StoredNode): string {
  for (const { type, holds, advice } of MILESTONES) {
    if (holds?.(node) === false) continue;
    const event = events.findLast((each) => each.type === type);
    if (event !== undefined || type === 'start') return advice(event, node);
  }
  return '';
}

/** {@link diagnose} with what happened since the machine was last told to boot. */
export async function diagnoseWait(context: ConductorContext, node: StoredNode): Promise<string> {
  const events = await context.store.events.latest(node.uuid, { limit: LOOKED_AT });
  const begun = events.findLastIndex((event) => event.type === 'provision-state-changed' && BEGINNINGS.has(String(event.details['event'])));
  return diagnose(events.slice(begun + 1), node);
}

/** Events with which work begins that may have to wait. */
const BEGINNINGS: ReadonlySet<string> = new Set<ProvisionEvent>(['deploy', 'rebuild', 'clean', 'provide', 'inspect', 'rescue']);
