import type { NodeChanges, ProvisionEvent } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import { faults } from '../fault.js';
import { shouldClean } from '../nodes/cleaning-policy.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { applyNodeChanges } from '../nodes/node-changes.js';
import { openTask, strategyOf, type OpenTask } from '../nodes/node-task.js';
import { memoryChanges, readingChanges } from '../nodes/power-knowledge.js';
import type { StoredNode, Work, WorkKind } from '../nodes/stored-node.js';
import { promiseWork } from '../nodes/transitions.js';
import { requireValid } from '../nodes/validation.js';
import type { NodeUpdate } from '../store/store.js';
import { finishWork, ownNode, tell } from './finish.js';
import type { WorkHandler, WorkRun } from './journal.js';
import { pickSteps, planSteps, requestedSteps, stepsOf } from './node-steps.js';
import { provisionEnding } from './provision-ending.js';
import { runSteps } from './run-steps.js';

/** How one kind of provisioning ends: the event, and what else changes. */
interface Verdict {
  readonly events: readonly ProvisionEvent[];
  readonly changes?: NodeUpdate | ((node: StoredNode) => NodeUpdate);
  /** Work that follows; the node stays reserved for it. */
  readonly next?: WorkKind;
}

/** The frame around provisioning work: opens the node, ends in the verdict or in `fail` with a reason. */
function provisionWork(
  context: ConductorContext,
  work: (opened: OpenTask, node: StoredNode, run: WorkRun) => Promise<Verdict>,
  failure: (node: StoredNode, reason: string) => { readonly reason: string; readonly changes?: NodeUpdate },
): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    let remembered = (_current: StoredNode): NodeUpdate => ({});
    try {
      await using opened = await openTask(context, node, run.signal, (message, details) =>
        context.background.run('progress', () => tell(context, run, { type: 'work-progressed', message, details })),
      );
      remembered = (current) => memoryChanges(current, opened.device);
      const verdict = await work(opened, node, run);
      // The work is done; a controller that does not answer now must not undo it. Power sync reads the state later.
      const reading = await opened.device.power.read({ signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs }).catch(() => undefined);
      let next: Work | undefined;
      await finishWork(context, run, (current) => {
        const memory = remembered(current);
        const changes = typeof verdict.changes === 'function' ? verdict.changes({ ...current, ...memory }) : verdict.changes;
        const promise = verdict.next === undefined ? undefined : promiseWork(verdict.next, {}, context.clock.now(), current.work?.requestedBy ?? context.hostname, context.hostname);
        next = promise?.work;
        const ending = provisionEnding(context, current, verdict.events, {
          ...(reading === undefined ? {} : readingChanges(reading)), ...memory, ...changes, ...promise?.changes,
        });
        return { ...ending, goesOn: promise !== undefined };
      });
      if (next !== undefined) context.works.start(next, node.uuid);
    } catch (error) {
      if (run.signal.aborted) throw error;
      const text = describeFailure(error);
      await finishWork(context, run, (current) => {
        const { reason, changes } = failure(current, text);
        return provisionEnding(context, current, ['fail'], { ...remembered(current), ...changes }, reason);
      });
    }
  };
}

/** Writes what a strategy wants changed while work goes on. */
async function keepChanges(context: ConductorContext, run: WorkRun, opened: OpenTask, changes: NodeChanges | undefined): Promise<void> {
  await finishWork(context, run, (node) => ({
    goesOn: true,
    changes: { ...applyNodeChanges(node, changes), ...memoryChanges(node, opened.device) },
    events: [],
  }));
}

/** deploying -> active. Rebuilding is the same on a node that was deployed before. */
export function deployWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (opened, node, run) => {
      const strategy = strategyOf(context, node, 'deploy');
      if (strategy === undefined) throw faults.unsupported(node.driver, 'deploy');
      const available = stepsOf('deploy', opened.device, strategy.steps, context.settings.deviceTimeoutMs);
      const planned = planSteps(node.uuid, 'deploy', available, requestedSteps(node.driverInternalInfo['user_deploy_steps']));
      await run.step('prepare', async () => {
        await keepChanges(context, run, opened, await strategy.prepare(opened.task));
        return null;
      });
      const end = await runSteps(context, run, opened, 'deploy', planned);
      return end === 'wait' ? { events: ['wait'] } : { events: ['done'], changes: (current) => ({ deployStep: {}, lastError: null, driverInternalInfo: without(current, 'user_deploy_steps') }) };
    },
    (node, reason) => ({ reason: `Failed to deploy node ${node.uuid}: ${reason}` }),
  );
}

/** deleting -> cleaning, which is work of its own with its own failures; or through it at once when no cleaning is due. */
export function undeployWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (opened, node, run) => {
      const strategy = strategyOf(context, node, 'deploy');
      if (strategy === undefined) throw faults.unsupported(node.driver, 'deploy');
      await requireValid(context, node, ['power'], 'power');
      await run.step('tear down', async () => {
        const cleaned = await strategy.cleanUp(opened.task);
        const result = await strategy.tearDown(opened.task);
        await keepChanges(context, run, opened, { ...cleaned, ...result.changes });
        return null;
      });
      const changes = (current: StoredNode): NodeUpdate => ({ ...FORGOTTEN_INSTANCE, driverInternalInfo: without(current, 'user_deploy_steps') });
      return shouldClean(context, node) ? { events: ['clean'], next: 'clean', changes } : { events: ['clean', afterCleaning(node, false)], changes };
    },
    (node, reason) => ({ reason: `Failed to tear down node ${node.uuid}: ${reason}` }),
  );
}

/** What a node forgets when its instance goes. Source: Ironic, ConductorManager._do_node_tear_down. */
const FORGOTTEN_INSTANCE: NodeUpdate = {
  instanceInfo: {},
  instanceUuid: null,
  allocationUuid: null,
  deployStep: {},
  cleanStep: {},
  lastError: null,
};

/** A retired machine does not become available again. Source: Ironic, admin guide, "Node retirement". */
function afterCleaning(node: StoredNode, manual: boolean): ProvisionEvent {
  return manual || node.retired ? 'manage' : 'done';
}

/** cleaning -> available after automated, -> manageable after manual cleaning. */
export function cleanWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (opened, node, run) => {
      await requireValid(context, node, ['power', 'network'], 'power and network');
      const end = await clean(context, opened, node, run);
      if (end === 'wait') return { events: ['wait'] };
      return {
        events: [afterCleaning(node, run.input['manual'] === true)],
        changes: (current) => ({ cleanStep: {}, driverInternalInfo: without(current, 'clean_steps') }),
      };
    },
    (node, reason) => ({
      reason: reason.startsWith('Cannot clean') ? reason : `Failed to clean node ${node.uuid}: ${reason}`,
      changes: reason.startsWith('Cannot clean') ? { cleanStep: {} } : { cleanStep: {}, maintenance: true, maintenanceReason: reason, fault: 'clean failure' },
    }),
  );
}

async function clean(context: ConductorContext, opened: OpenTask, node: StoredNode, run: WorkRun): Promise<'done' | 'wait'> {
  const strategy = strategyOf(context, node, 'deploy');
  const available = stepsOf('clean', opened.device, strategy?.steps ?? [], context.settings.deviceTimeoutMs);
  const requested = node.driverInternalInfo['clean_steps'];
  const planned =
    run.input['manual'] === true
      ? pickSteps(node.uuid, 'clean', available, requestedSteps(requested))
      : planSteps(node.uuid, 'clean', available, []);
  await run.step('prepare cleaning', async () => {
    const result = await strategy?.prepareCleaning(opened.task);
    await keepChanges(context, run, opened, result?.changes);
    return null;
  });
  const end = await runSteps(context, run, opened, 'clean', planned);
  if (end === 'done') {
    await run.step('tear down cleaning', async () => {
      await keepChanges(context, run, opened, await strategy?.tearDownCleaning(opened.task));
      return null;
    });
  }
  return end;
}

/** adopting -> active: takes over a machine that already runs its system. Its power is not touched. */
export function adoptWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (_opened, node) => {
      await requireValid(context, node, ['power', 'deploy'], 'deploy or power info');
      return { events: ['done'], changes: { lastError: null } };
    },
    (node, reason) => ({ reason: `Error while attempting to adopt node ${node.uuid}: ${reason}` }),
  );
}

/** inspecting -> manageable, or inspect wait. */
export function inspectWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (opened, node, run) => {
      const strategy = strategyOf(context, node, 'inspect');
      if (strategy === undefined) throw faults.unsupported(node.driver, 'inspect');
      const next = await run.step('inspect', async () => {
        const result = await strategy.inspect(opened.task);
        await keepChanges(context, run, opened, result.changes);
        return result.next;
      });
      return next === 'wait' ? { events: ['wait'] } : { events: ['done'], changes: { inspectionStartedAt: null, inspectionFinishedAt: context.clock.now(), lastError: null } };
    },
    (node, reason) => ({ reason: `Failed to inspect node ${node.uuid}: ${reason}` }),
  );
}

/** rescuing -> rescue, or unrescuing -> active. The rescue password is forgotten either way. */
export function rescueWork(context: ConductorContext, direction: 'rescue' | 'unrescue'): WorkHandler {
  return provisionWork(
    context,
    async (opened, node, run) => {
      const strategy = strategyOf(context, node, 'rescue');
      if (strategy === undefined) throw faults.unsupported(node.driver, 'rescue');
      const next = await run.step(direction, async () => {
        const result = direction === 'rescue' ? await strategy.rescue(opened.task) : await strategy.unrescue(opened.task);
        await keepChanges(context, run, opened, result.changes);
        return result.next;
      });
      return next === 'wait' ? { events: ['wait'] } : { events: ['done'], changes: (current) => ({ instanceInfo: withoutRescuePassword(current), lastError: null }) };
    },
    (node, reason) => ({ reason: `Failed to ${direction} node ${node.uuid}: ${reason}`, changes: { instanceInfo: withoutRescuePassword(node) } }),
  );
}

function withoutRescuePassword(node: StoredNode): StoredNode['instanceInfo'] {
  const { rescue_password: _password, hashed_rescue_password: _hashed, ...rest } = node.instanceInfo;
  return rest;
}

function without(node: StoredNode, key: string): StoredNode['driverInternalInfo'] {
  return Object.fromEntries(Object.entries(node.driverInternalInfo).filter(([each]) => each !== key));
}

