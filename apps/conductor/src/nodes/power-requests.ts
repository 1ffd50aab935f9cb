import { POWER_TARGETS, STATE_AFTER_TARGET, type PowerTarget } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import type { Requester } from './node-service.js';
import { openTask } from './node-task.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';
import { promiseWork } from './transitions.js';
import { requireValid } from './validation.js';

/** First microversion (N of 1.N) with soft power actions and a timeout. */
const SOFT_POWER_SINCE = 27;
const SOFT_TARGETS: ReadonlySet<PowerTarget> = new Set(['soft power off', 'soft rebooting']);

/** States in which the power belongs to cleaning. */
const CLEANING: ReadonlySet<string> = new Set(['cleaning', 'clean wait']);

/**
 * Accepts a change of power.
 * Source: Ironic, NodeStatesController.power and ConductorManager.change_node_power_state.
 * @returns the UUID of the node.
 */
export async function setPowerState(
  context: ConductorContext,
  node: StoredNode,
  request: { readonly target: string; readonly timeoutSeconds?: number },
  requester: Requester,
): Promise<string> {
  const target = POWER_TARGETS.find((each) => each === request.target);
  if (target === undefined) throw faults.invalidAction(request.target, node.uuid, node.powerState);
  if (requester.version < SOFT_POWER_SINCE && (SOFT_TARGETS.has(target) || request.timeoutSeconds !== undefined)) throw faults.notAcceptable();
  checkNotCleaning(node, request.target);
  await requireValid(context, node, ['power'], 'power');
  await checkSupported(context, node, target);

  const timeoutMs = request.timeoutSeconds === undefined ? defaultTimeoutMs(context, target) : request.timeoutSeconds * 1000;
  const actor = actorOf(requester);
  const work = await context.locks.change(
    node.uuid,
    async (transaction, present) => {
      // Cleaning may have begun to wait for its machine since the node was looked up: it holds no lock then.
      checkNotCleaning(present, request.target);
      const promise = promiseWork('power', { target, timeoutMs }, context.clock.now(), actor, context.hostname);
      await transaction.nodes.update(node.uuid, { ...promise.changes, targetPowerState: STATE_AFTER_TARGET[target] });
      await transaction.events.append({
        nodeUuid: node.uuid,
        type: 'power-requested',
        severity: 'INFO',
        message: `${target} requested, to be reached within ${timeoutMs / 1000} s`,
        details: { target, timeoutMs },
        actor,
      });
      return promise.work;
    },
    requester.signal,
  );
  context.works.start(work, node.uuid);
  return node.uuid;
}

function checkNotCleaning(node: StoredNode, target: string): void {
  if (CLEANING.has(node.provisionState)) throw faults.invalidAction(target, node.uuid, node.provisionState);
}

async function checkSupported(context: ConductorContext, node: StoredNode, target: PowerTarget): Promise<void> {
  await using opened = await openTask(context, node, AbortSignal.timeout(context.settings.deviceTimeoutMs));
  if (!opened.device.power.targets.has(target)) throw faults.unsupported(node.driver, target);
}

function defaultTimeoutMs(context: ConductorContext, target: PowerTarget): number {
  return SOFT_TARGETS.has(target) ? context.settings.softPowerOffTimeoutMs : context.settings.powerChangeTimeoutMs;
}
