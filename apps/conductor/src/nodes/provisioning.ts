import { isEmptyImplementation, type InterfaceName, type JsonObject, type ProvisionEvent, type ProvisionState } from '@ferric/core';
import { faults } from '../fault.js';
import type { NodeUpdate, Transaction } from '../store/store.js';
import { readTemplateSteps, refusalOfTemplates } from '../workflows/template-steps.js';
import { shouldClean } from './cleaning-policy.js';
import type { ConductorContext } from './conductor-context.js';
import { giveUpHeldWork } from './held-up.js';
import type { ProvisionRequest, Requester } from './node-service.js';
import { admitVerb, argumentChanges } from './provision-request.js';
import { actorOf } from './requester.js';
import type { StoredNode, Work, WorkKind } from './stored-node.js';
import { changeState, promiseWork } from './transitions.js';
import { requireValid } from './validation.js';
import { ABORT_AFTER_STEP } from './waiting-states.js';

/** What an event sets in motion: work, further events at once, and what must be usable before. */
interface VerbPlan {
  readonly work?: WorkKind;
  /** What the work is told. */
  readonly input?: JsonObject;
  /** Events that follow in the same transaction. */
  readonly followedBy?: readonly ProvisionEvent[];
  /** Interfaces that must be usable; the operation's name in the refusal. */
  readonly requires?: { readonly interfaces: readonly InterfaceName[]; readonly operation: string };
  /** Interface without which the hardware cannot do it at all. */
  readonly needs?: InterfaceName;
  /** The deploy templates that apply must fit the node. */
  readonly usesTemplates?: true;
  /** Why, for the history. */
  readonly reason?: string;
  readonly changes?: NodeUpdate;
}

const DEPLOY_REQUIREMENTS = { interfaces: ['power', 'deploy'], operation: 'deploy or power info' } as const;

/** Work that goes on when a node is held no more. */
const HELD_WORK: Readonly<Partial<Record<ProvisionState, WorkKind>>> = { 'deploy hold': 'deploy', 'clean hold': 'clean' };

/** What each event means for a node; events that are not named only change the state. */
const VERB_PLANS: Readonly<Partial<Record<ProvisionEvent, (context: ConductorContext, node: StoredNode, request: ProvisionRequest) => VerbPlan>>> = {
  manage: (_context, node) => (node.provisionState === 'enroll' ? { work: 'verify' } : {}),
  provide: (context, node) => (shouldClean(context, node) ? { work: 'clean' } : { followedBy: ['done'] }),
  clean: (_context, _node, request) => ({ work: 'clean', input: { manual: true, disableRamdisk: request.disableRamdisk ?? false } }),
  inspect: (context) => ({
    work: 'inspect',
    needs: 'inspect',
    requires: { interfaces: ['power', 'inspect'], operation: 'inspection or power info' },
    changes: { inspectionStartedAt: context.clock.now(), inspectionFinishedAt: null },
  }),
  adopt: () => ({ work: 'adopt' }),
  deploy: () => ({ work: 'deploy', needs: 'deploy', requires: DEPLOY_REQUIREMENTS, usesTemplates: true }),
  rebuild: () => ({ work: 'rebuild', needs: 'deploy', requires: DEPLOY_REQUIREMENTS, usesTemplates: true }),
  delete: () => ({ work: 'undeploy', requires: { interfaces: ['power'], operation: 'power info' } }),
  rescue: () => ({ work: 'rescue', needs: 'rescue' }),
  unrescue: () => ({ work: 'unrescue', needs: 'rescue' }),
  abort(_context, { provisionState }) {
    const reason = `By request, the operation in state "${provisionState}" was aborted`;
    return { work: 'abort', reason, changes: { lastError: reason } };
  },
  unhold: (_context, node) => {
    const work = HELD_WORK[node.provisionState];
    return work === undefined ? {} : { work, input: { resume: true, manual: node.targetProvisionState === 'manageable' } };
  },
};

/** A step of cleaning that may not be aborted is let finish; the cleaning ends after it. Source: Ironic, ConductorManager.do_provisioning_action. */
function mustFinishStep(node: StoredNode, event: ProvisionEvent): boolean {
  return event === 'abort' && node.provisionState === 'clean wait' && node.cleanStep['abortable'] === false;
}

async function abortAfterStep(transaction: Transaction, node: StoredNode, actor: string): Promise<void> {
  await transaction.nodes.update(node.uuid, { driverInternalInfo: { ...node.driverInternalInfo, [ABORT_AFTER_STEP]: true } });
  await transaction.events.append({
    nodeUuid: node.uuid, type: 'work-progressed', severity: 'INFO', details: {}, actor,
    message: 'The cleaning is aborted after the step under way, which may not be interrupted',
  });
}

/**
 * Accepts a provisioning verb: the state changes and the work is promised in one transaction, then the work starts.
 * @returns the UUID of the node.
 */
export async function setProvisionState(context: ConductorContext, node: StoredNode, request: ProvisionRequest, requester: Requester): Promise<string> {
  const verb = admitVerb(node, request, requester.version);
  if (verb.event === 'abort' && (await giveUpHeldWork(context, node.uuid, requester))) return node.uuid;
  const plan = VERB_PLANS[verb.event]?.(context, node, request) ?? {};
  if (changeState(node, [verb.event], context.clock.now(), '') !== undefined) await checkRequirements(context, node, plan);
  const work = await context.locks.change(node.uuid, (transaction, current) => accept(context, transaction, current, request, requester), requester.signal);
  if (work !== undefined) context.works.start(work, node.uuid);
  return node.uuid;
}

async function checkRequirements(context: ConductorContext, node: StoredNode, plan: VerbPlan): Promise<void> {
  if (plan.needs !== undefined && isEmptyImplementation(plan.needs, node.interfaces[plan.needs])) throw faults.unsupported(node.driver, plan.needs);
  if (plan.requires !== undefined) await requireValid(context, node, plan.requires.interfaces, plan.requires.operation);
  const refusal = plan.usesTemplates === true ? await refusalOfTemplates(context, node) : undefined;
  if (refusal !== undefined) throw faults.failedValidation(node.uuid, DEPLOY_REQUIREMENTS.operation, refusal.message);
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
  const plan = VERB_PLANS[verb.event]?.(context, node, request) ?? {};
  const at = context.clock.now();
  const actor = actorOf(requester);
  if (mustFinishStep(node, verb.event)) {
    await abortAfterStep(transaction, node, actor);
    return undefined;
  }
  const { reason } = plan;
  const change = changeState(node, [verb.event, ...(plan.followedBy ?? [])], at, actor, reason === undefined ? {} : { reason });
  if (change === undefined) throw faults.invalidAction(request.target, node.uuid, node.provisionState);
  const templateSteps = plan.usesTemplates === true ? await readTemplateSteps(transaction, node) : [];
  const promise = plan.work === undefined ? undefined : promiseWork(plan.work, plan.input ?? {}, at, actor, context.hostname);
  await transaction.nodes.update(node.uuid, {
    ...change.changes,
    ...argumentChanges(node, request, templateSteps),
    ...promise?.changes,
    ...plan.changes,
  });
  await transaction.events.append(change.event);
  return promise?.work;
}
