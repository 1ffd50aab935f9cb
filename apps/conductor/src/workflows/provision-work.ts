import { AGENT_WORK_OVER } from '@ferric/agent';
import type { JsonObject, NodeChanges, ProvisionEvent } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask, type OpenTask, type TaskOwner } from '../nodes/node-task.js';
import { memoryChanges, readingChanges } from '../nodes/power-knowledge.js';
import type { StoredNode, Work, WorkKind } from '../nodes/stored-node.js';
import { promiseWork } from '../nodes/transitions.js';
import type { NodeUpdate } from '../store/store.js';
import { outlastOutage } from './controller-outage.js';
import { finishWork, keepChanges, ownNode, tell, type Ending } from './finish.js';
import { StepFailure, type WorkHandler, type WorkRun } from './journal.js';
import { provisionEnding } from './provision-ending.js';
import { STEP_PROGRESS } from './step-plan.js';
import { reportedSince, waitingFacts, waitTimeoutMs } from './waiting.js';

/** What one kind of provisioning works with. */
export interface ProvisionRun {
  readonly context: ConductorContext;
  readonly run: WorkRun;
  readonly opened: OpenTask;
  /** The record when the work began, or began again after a crash. */
  readonly node: StoredNode;
}

/** How a piece of provisioning ends, for now or for good. */
export interface Verdict {
  /** What happens to the node; it may depend on the state it is in by then. */
  readonly events: readonly ProvisionEvent[] | ((node: StoredNode) => readonly ProvisionEvent[]);
  readonly changes?: NodeUpdate | ((node: StoredNode) => NodeUpdate);
  /** Work that follows at once; the node stays reserved for it. */
  readonly next?: WorkKind;
  /** The node waits for its machine, which goes on by itself: what for. */
  readonly waitsFor?: string;
}

/** What is done when the work fails. */
export interface FailurePlan {
  /** The last_error, and what else changes. */
  describe(node: StoredNode, reason: string): { readonly reason: string; readonly changes?: NodeUpdate };
  /** Leaves the machine in order. What goes wrong here is added to the reason. */
  cleanUp?(provision: ProvisionRun): Promise<void>;
}

/** The frame around provisioning work: opens the node, ends in the verdict, or in `fail` with a reason after cleaning up. */
export function provisionWork(context: ConductorContext, work: (provision: ProvisionRun) => Promise<Verdict>, failure: FailurePlan): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    try {
      await using opened = await openTask(context, node, run.signal, ownerOf(context, run));
      const provision = { context, run, opened, node };
      try {
        refuseIfGivenUp(run);
        await end(provision, await work(provision));
      } catch (error) {
        if (run.signal.aborted) throw error;
        const reason = [describeFailure(error), ...(await cleanUp(provision, failure))].join(' ');
        const reading = await readPower(provision);
        await fail(context, run, failure, reason, (current) => ({ ...reading, ...memoryChanges(current, opened.device) }));
      }
    } catch (error) {
      if (run.signal.aborted) throw error;
      await fail(context, run, failure, describeFailure(error), () => ({}));
    }
  };
}

/** What work lends to strategies: its place in the timeline, and the right to change the node. */
export function ownerOf(context: ConductorContext, run: WorkRun): TaskOwner {
  return {
    report: (message, details) => context.background.run('progress', () => tell(context, run, { type: 'work-progressed', message, details })),
    keep: (changes, device) => keepChanges(context, run, changes, device),
  };
}

/** Work that was promised only to end a wait that took too long. */
function refuseIfGivenUp({ input }: WorkRun): void {
  if (typeof input['giveUp'] === 'string') throw new StepFailure('wait', input['giveUp']);
}

async function end({ context, run, opened, node }: ProvisionRun, verdict: Verdict): Promise<void> {
  const reading = await readPower({ context, run, opened });
  let next: Work | undefined;
  await finishWork(context, run, (current) => {
    const memory = memoryChanges(current, opened.device);
    const remembered = { ...current, ...memory };
    const changes = { ...memory, ...(typeof verdict.changes === 'function' ? verdict.changes(remembered) : verdict.changes) };
    const promise = promiseNext(context, run, { ...remembered, ...changes }, verdict);
    next = promise?.work;
    const all = {
      ...reading, ...changes, ...(verdict.waitsFor === undefined ? {} : waiting(context, { ...remembered, ...changes }, verdict.waitsFor)),
      ...promise?.changes,
    };
    return { ...ending(context, current, verdict, all), goesOn: promise !== undefined };
  });
  if (next !== undefined) context.works.start(next, node.uuid);
}

/** The work is over; a controller that does not answer now must not change its end. Power sync reads the state later. */
async function readPower({ context, run, opened }: Pick<ProvisionRun, 'context' | 'run' | 'opened'>): Promise<NodeUpdate> {
  const reading = await opened.device.power.read({ signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs }).catch(() => undefined);
  return reading === undefined ? {} : readingChanges(reading);
}

function ending(context: ConductorContext, node: StoredNode, verdict: Verdict, changes: NodeUpdate): Ending {
  const events = typeof verdict.events === 'function' ? verdict.events(node) : verdict.events;
  return events.length === 0 ? { changes, events: [] } : provisionEnding(context, node, events, changes);
}

/** The work that follows; also when the machine reported while its node was still locked, for nobody would act on that report else. */
function promiseNext(context: ConductorContext, run: WorkRun, node: StoredNode, verdict: Verdict): ReturnType<typeof promiseWork> | undefined {
  const work = node.work;
  if (work === null) return undefined;
  const promise = (kind: WorkKind, input: Work['input']): ReturnType<typeof promiseWork> =>
    promiseWork(kind, input, context.clock.now(), work.requestedBy, context.hostname);
  if (verdict.next !== undefined) return promise(verdict.next, {});
  // An inspection goes on with what was found, which a heartbeat does not bring.
  if (verdict.waitsFor === undefined || work.kind === 'inspect' || !reportedSince(node, work.requestedAt)) return undefined;
  return promise(work.kind, { ...(run.input['manual'] === undefined ? {} : { manual: run.input['manual'] }), resume: true });
}

function waiting(context: ConductorContext, node: StoredNode, waitsFor: string): NodeUpdate {
  const progress = node.driverInternalInfo[STEP_PROGRESS];
  const facts = waitingFacts(waitsFor, context.clock.now(), waitTimeoutMs(context.settings, node.work?.kind ?? 'deploy'));
  return { driverInternalInfo: { ...node.driverInternalInfo, [STEP_PROGRESS]: { ...(progress as JsonObject | undefined), ...facts } } };
}

async function cleanUp(provision: ProvisionRun, failure: FailurePlan): Promise<readonly string[]> {
  if (failure.cleanUp === undefined) return [];
  try {
    await failure.cleanUp(provision);
    return [];
  } catch (error) {
    if (provision.run.signal.aborted) throw error;
    return [`Besides, the machine could not be left in order: ${describeFailure(error)}`];
  }
}

async function fail(context: ConductorContext, run: WorkRun, failure: FailurePlan, text: string, memory: (current: StoredNode) => NodeUpdate): Promise<void> {
  await finishWork(context, run, (current) => {
    const remembered = memory(current);
    const { reason, changes } = failure.describe({ ...current, ...remembered }, text);
    return provisionEnding(context, current, ['fail'], { ...remembered, ...changes }, reason);
  });
}

/** Runs a part of the work once, and keeps what the strategy wants changed. */
export async function runPart(
  provision: ProvisionRun,
  name: string,
  part: () => Promise<{ readonly next?: 'done' | 'wait'; readonly waitsFor?: string; readonly changes?: NodeChanges } | undefined>,
): Promise<{ readonly next: 'done' | 'wait'; readonly waitsFor: string }> {
  const { context, run, opened } = provision;
  return run.step(name, async () => {
    const result = await outlastOutage(provision, `'${name}'`, part);
    opened.refresh(await keepChanges(context, run, result?.changes, opened.device), result?.changes);
    return { next: result?.next ?? 'done', waitsFor: result?.waitsFor ?? 'the machine to report' };
  });
}

/**
 * Ends work that failed or was aborted, by its strategy. When that fails, such as at a controller that is away, the agent of this work is forgotten
 * all the same: other work must not wait for it.
 */
export async function leaveInOrder({ run, opened }: ProvisionRun, leave: () => Promise<NodeChanges | undefined> | undefined): Promise<void> {
  try {
    const changes = await leave();
    if (changes !== undefined) await opened.task.keep(changes);
  } catch (error) {
    if (!run.signal.aborted) await opened.task.keep(AGENT_WORK_OVER);
    throw error;
  }
}

/** driver_internal_info without these keys. */
export function withoutKeys(node: StoredNode, keys: readonly string[]): StoredNode['driverInternalInfo'] {
  return Object.fromEntries(Object.entries(node.driverInternalInfo).filter(([key]) => !keys.includes(key)));
}
