import { isEmptyImplementation, type InterfaceName, type ProvisionEvent, type ProvisionState } from '@ferric/core';
import { faults } from '../fault.js';
import type { NodeUpdate, Transaction } from '../store/store.js';
import { shouldClean } from './cleaning-policy.js';
import type { ConductorContext } from './conductor-context.js';
import type { ProvisionRequest, Requester } from './node-service.js';
import { admitVerb, argumentChanges } from './provision-request.js';
import { actorOf } from './requester.js';
import type { StoredNode, Work, WorkKind } from './stored-node.js';
import { changeState, promiseWork } from './transitions.js';
import { requireValid } from './validation.js';

/** What an event sets in motion: work, further events at once, and what must be usable before. */
interface VerbPlan {
  readonly work?: WorkKind;
  readonly manual?: boolean;
  /** Events that follow in the same transaction. */
  readonly followedBy?: readonly ProvisionEvent[];
  /** Interfaces that must be usable; the operation's name in the refusal. */
  readonly requires?: { readonly interfaces: readonly InterfaceName[]; readonly operation: string };
  /** Interface without which the hardware cannot do it at all. */
  readonly needs?: InterfaceName;
  readonly changes?: NodeUpdate;
}

const DEPLOY_REQUIREMENTS = { interfaces: ['power', 'deploy'], operation: 'deploy or power info' } as const;

/** What each event means for a node; events that are not named only change the state. */
const VERB_PLANS: Readonly<Partial<Record<ProvisionEvent, (context: ConductorContext, node: StoredNode) => VerbPlan>>> = {
  manage: (_context, node) => (node.provisionState === 'enroll' ? { work: 'verify' } : {}),
  provide: (context, node) => (shouldClean(context, node) ? { work: 'clean' } : { followedBy: ['done'] }),
  clean: () => ({ work: 'clean', manual: true }),
  inspect: (context) => ({
    work: 'inspect',
    needs: 'inspect',
    changes: { inspectionStartedAt: context.clock.now(), inspectionFinishedAt: null },
  }),
  adopt: () => ({ work: 'adopt' }),
  deploy: () => ({ work: 'deploy', needs: 'deploy', requires: DEPLOY_REQUIREMENTS }),
  rebuild: () => ({ work: 'rebuild', needs: 'deploy', requires: DEPLOY_REQUIREMENTS }),
  delete: () => ({ work: 'undeploy', requires: { interfaces: ['power'], operation: 'power info' } }),
  rescue: () => ({ work: 'rescue', needs: 'rescue' }),
  unrescue: () => ({ work: 'unrescue', needs: 'rescue' }),
};

function abortedText(state: ProvisionState): string {
  return `By request, the operation in state "${state}" was aborted`;
}

/**
 * Accepts a provisioning verb: the state changes and the work is promised in one transaction, then the work starts.
 * @returns the UUID of the node.
 */
export async function setProvisionState(context: ConductorContext, node: StoredNode, request: ProvisionRequest, requester: Requester): Promise<string> {
  const verb = admitVerb(node, request, requester.version);
  const plan = VERB_PLANS[verb.event]?.(context, node) ?? {};
  if (changeState(node, [verb.event], context.clock.now(), '') !== undefined) await checkRequirements(context, node, plan);
  const work = await context.locks.change(node.uuid, (transaction, current) => accept(context, transaction, current, request, requester), requester.signal);
  if (work !== undefined) context.works.start(work, node.uuid);
  return node.uuid;
}

async function checkRequirements(context: ConductorContext, node: StoredNode, plan: VerbPlan): Promise<void> {
  if (plan.needs !== undefined && isEmptyImplementation(plan.needs, node.interfaces[plan.needs])) throw faults.unsupported(node.driver, plan.needs);
  if (plan.requires !== undefined) await requireValid(context, node, plan.requires.interfaces, plan.requires.operation);
}

/** Checks again under the lock: the node may have changed since it was read. */
async function accept(
  context: ConductorContext,
  transaction: Transaction,
  node: StoredNode,
  request: ProvisionRequest,
  requester: Requester,
): Promise<Work | undefined> {
  const verb = admitVerb(node, request, requester.version);
  if (verb.event === 'provide' && node.retired) throw faults.retired(request.target, node.uuid);
  const plan = VERB_PLANS[verb.event]?.(context, node) ?? {};
  const at = context.clock.now();
  const actor = actorOf(requester);
  const aborted = verb.event === 'abort' ? abortedText(node.provisionState) : undefined;
  const change = changeState(node, [verb.event, ...(plan.followedBy ?? [])], at, actor, aborted === undefined ? {} : { reason: aborted });
  if (change === undefined) throw faults.invalidAction(request.target, node.uuid, node.provisionState);
  const promise = plan.work === undefined ? undefined : promiseWork(plan.work, { manual: plan.manual ?? false }, at, actor, context.hostname);
  await transaction.nodes.update(node.uuid, {
    ...change.changes,
    ...argumentChanges(node, request),
    ...plan.changes,
    ...(aborted === undefined ? {} : { lastError: aborted }),
    ...promise?.changes,
  });
  await transaction.events.append(change.event);
  return promise?.work;
}
