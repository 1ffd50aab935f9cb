import { WORKING_STATES, type ProvisionState } from '@ferric/core';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { isConductorAlive } from '../nodes/conductor-life.js';
import type { StoredNode, Work, WorkKind } from '../nodes/stored-node.js';
import { promiseWork, WORK_ENDED } from '../nodes/transitions.js';
import { WAIT_STATES, WORK_AFTER_WAIT } from '../nodes/waiting-states.js';
import type { Store } from '../store/store.js';
import type { WorkflowEngine } from './engine.js';
import { finishWork } from './finish.js';
import { provisionEnding } from './provision-ending.js';
import { diagnoseWait } from './wait-diagnosis.js';
import { waitTimeoutMs } from './waiting.js';

/** Nodes that are looked at in one go. */
const PAGE = 200;

/** Work that a node in a working state needs when its own record of it was lost. */
const WORK_OF_STATE: Readonly<Partial<Record<ProvisionState, WorkKind>>> = {
  verifying: 'verify',
  cleaning: 'clean',
  inspecting: 'inspect',
  adopting: 'adopt',
  deploying: 'deploy',
  deleting: 'undeploy',
  rescuing: 'rescue',
  unrescuing: 'unrescue',
};

/** Work that changes no provision state when it fails. */
const STATELESS_WORK: ReadonlySet<WorkKind> = new Set(['power', 'abort']);

/** Compares what was promised with what runs, and mends the difference. Safe to run at any time, on any conductor. */
export interface Reconciler {
  /** One pass over all nodes. */
  run(): Promise<void>;
}

export function createReconciler(context: ConductorContext, engine: WorkflowEngine): Reconciler {
  const passes = [
    (): Promise<void> => eachNode(context.store, { hasWork: true }, (node) => resumeWork(context, engine, node)),
    (): Promise<void> => eachNode(context.store, { hasWork: false, reserved: true }, (node) => freeLock(context, node)),
    ...[...WORKING_STATES].map(
      (state) => (): Promise<void> => eachNode(context.store, { hasWork: false, provisionState: state }, (node) => restoreWork(context, engine, node)),
    ),
    ...[...WAIT_STATES].map(
      (state) => (): Promise<void> => eachNode(context.store, { hasWork: false, provisionState: state }, (node) => endWait(context, engine, node)),
    ),
  ];
  return {
    async run() {
      for (const pass of passes) await pass();
    },
  };
}

async function eachNode(
  store: Store,
  filters: Parameters<Store['nodes']['list']>[0],
  visit: (node: StoredNode) => Promise<void>,
): Promise<void> {
  let marker: string | undefined;
  for (;;) {
    const page = await store.nodes.list(filters, { sortKey: 'id', sortDirection: 'asc', limit: PAGE, ...(marker === undefined ? {} : { marker }) }, ['uuid']);
    if (page === undefined || page.length === 0) return;
    for (const { uuid } of page) {
      const node = await store.nodes.get(uuid);
      if (node !== undefined) await visit(node);
    }
    marker = page.at(-1)?.uuid;
    if (page.length < PAGE) return;
  }
}

/** Starts promised work; when its run ended without ending the work, the node fails with a reason instead of waiting for ever. */
async function resumeWork(context: ConductorContext, engine: WorkflowEngine, node: StoredNode): Promise<void> {
  if (node.work === null) return;
  const { kind, key, input } = node.work;
  if ((await engine.start({ nodeUuid: node.uuid, key, kind, input })) === 'live') return;
  const reason = `The ${kind} of node ${node.uuid} ended without a result; see the log of the conductor`;
  await finishWork(context, { nodeUuid: node.uuid, key }, (current) =>
    STATELESS_WORK.has(kind)
      ? {
          changes: { targetPowerState: null, lastError: reason },
          events: [{ nodeUuid: node.uuid, type: 'work-failed', severity: 'ERROR', message: reason, details: { kind }, actor: context.hostname }],
        }
      : provisionEnding(context, current, ['fail'], {}, reason),
  );
}

/** A lock without work belongs to a call that is under way here, or to a conductor that died during one. */
async function freeLock(context: ConductorContext, node: StoredNode): Promise<void> {
  if (node.reservation === null || context.locks.held.has(node.uuid)) return;
  if (node.reservation !== context.hostname && (await isAlive(context, node.reservation))) return;
  const freed = await context.store.write(async (transaction) => {
    const current = await transaction.nodes.getForUpdate(node.uuid);
    if (current === undefined || current.work !== null || current.reservation !== node.reservation || context.locks.held.has(node.uuid)) return false;
    await transaction.nodes.update(node.uuid, WORK_ENDED);
    return true;
  });
  if (freed) context.logger.warn({ node: node.uuid, conductor: node.reservation }, 'Freed the lock of a conductor that is gone');
}

async function isAlive(context: ConductorContext, hostname: string): Promise<boolean> {
  const conductor = (await context.store.conductors.list()).find((each) => each.hostname === hostname);
  return conductor !== undefined && isConductorAlive(conductor, context.clock.now());
}

/** A working state without work: the record came from elsewhere, such as a restored backup. */
async function restoreWork(context: ConductorContext, engine: WorkflowEngine, node: StoredNode): Promise<void> {
  const kind = WORK_OF_STATE[node.provisionState];
  if (kind === undefined) return;
  const work = await context.store.write(async (transaction): Promise<Work | undefined> => {
    const current = await transaction.nodes.getForUpdate(node.uuid);
    if (current === undefined || current.work !== null || current.reservation !== null || current.provisionState !== node.provisionState) return undefined;
    const manual = current.targetProvisionState === 'manageable' && current.provisionState === 'cleaning';
    const promise = promiseWork(kind, { manual }, context.clock.now(), context.hostname, context.hostname);
    await transaction.nodes.update(node.uuid, promise.changes);
    return promise.work;
  });
  if (work !== undefined) await engine.start({ nodeUuid: node.uuid, key: work.key, kind: work.kind, input: work.input });
}

/** No machine is waited for without end. The work that waited is promised again, to fail as it fails else. */
async function endWait(context: ConductorContext, engine: WorkflowEngine, node: StoredNode): Promise<void> {
  const kind = WORK_AFTER_WAIT[node.provisionState];
  if (kind === undefined || !isOver(context, node, kind)) return;
  const giveUp = `Timeout reached while waiting for callback for node ${node.uuid}. ${await diagnoseWait(context, node)}`;
  const work = await context.store.write(async (transaction): Promise<Work | undefined> => {
    const current = await transaction.nodes.getForUpdate(node.uuid);
    if (current === undefined || current.reservation !== null || current.provisionState !== node.provisionState || !isOver(context, current, kind)) return undefined;
    const manual = current.targetProvisionState === 'manageable';
    const promise = promiseWork(kind, { giveUp, manual }, context.clock.now(), context.hostname, context.hostname);
    await transaction.nodes.update(node.uuid, promise.changes);
    return promise.work;
  });
  if (work !== undefined) await engine.start({ nodeUuid: node.uuid, key: work.key, kind: work.kind, input: work.input });
}

function isOver(context: ConductorContext, node: StoredNode, kind: WorkKind): boolean {
  const waitsSince = node.provisionUpdatedAt;
  if (waitsSince === null || node.maintenance) return false;
  return context.clock.now().getTime() - waitsSince.getTime() >= waitTimeoutMs(context.settings, kind);
}
