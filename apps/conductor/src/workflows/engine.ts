import { FerricError, type JsonObject, type JsonValue, type Logger } from '@ferric/core';
import { OpenWorkflow } from 'openworkflow';
import type { Backend } from 'openworkflow/internal';
import type { WorkKind } from '../nodes/stored-node.js';
import { createJournalBackend } from './journal-backend.js';
import { StepFailure, type WorkHandlers, type WorkRun } from './journal.js';

/** How far a run is, as far as the reconciler needs to know. */
export type RunStatus = 'live' | 'ended';

/** Starts and resumes work so that a crash loses none of it. The library behind it is known to this folder only. */
export interface WorkflowEngine extends AsyncDisposable {
  /** Starts the work, or finds it started: the key makes both the same. */
  start(order: WorkOrder): Promise<RunStatus>;
  /** Begins to run what was started, now and before. */
  run(): void;
}

/** Work as the engine needs to know it. A type alias: the library wants plain JSON. */
export type WorkOrder = { readonly nodeUuid: string; readonly key: string; readonly kind: WorkKind; readonly input: JsonObject };

export interface EngineSettings {
  readonly backend: Backend;
  readonly handlers: WorkHandlers;
  readonly logger: Logger;
  /** Pieces of work at the same time. */
  readonly concurrency: number;
  /** How often other conductors' orders and lapsed leases are looked for. Milliseconds. */
  readonly pollIntervalMs: number;
}

/** A step that broke off, because the conductor stops or the journal failed, is tried again; every other failure is a result. */
const RESUME_POLICY = { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 1_000_000 } as const;

const SLOT_RELEASE_MS = 2;

type StepResult = { readonly value: JsonValue } | { readonly failure: string };

export function createWorkflowEngine(settings: EngineSettings): WorkflowEngine {
  const { handlers, logger } = settings;
  const backend = createJournalBackend({ backend: settings.backend, logger, onLeaseLost: (runId) => executions.get(runId)?.breakOff(leaseLost()) });
  const client = new OpenWorkflow({ backend });
  const stopping = new AbortController();
  const executions = new Map<string, Execution>();
  const starting = new Set<Promise<unknown>>();
  const pump = createPump(() => worker.tick(), settings.pollIntervalMs, logger);

  const workflow = client.defineWorkflow<WorkOrder, null>(
    { name: 'node-work', retryPolicy: RESUME_POLICY },
    async ({ input: order, step, run: { id } }) => {
      for (let earlier = executions.get(id); earlier !== undefined; earlier = executions.get(id)) await end(earlier);
      const broken = new AbortController();
      const signal = AbortSignal.any([stopping.signal, broken.signal]);
      const run: WorkRun = {
        nodeUuid: order.nodeUuid,
        key: order.key,
        input: order.input,
        signal,
        async step(name, work) {
          const result = await step.run({ name, retryPolicy: RESUME_POLICY }, () => recordResult(work, signal)).catch((error: unknown) => {
            // The journal did not take it, so whatever is decided here now would contradict what the next attempt finds.
            broken.abort(error);
            throw error;
          });
          if ('failure' in result) throw new StepFailure(name, result.failure);
          return result.value as never;
        },
      };
      const execution: Execution = { finished: handlers[order.kind](run), breakOff: (reason) => broken.abort(reason) };
      executions.set(id, execution);
      try {
        await execution.finished;
      } catch (error) {
        if (!stopping.signal.aborted) logger.error({ node: order.nodeUuid, work: order.kind, error }, 'Work broke off; it is tried again');
        throw error;
      } finally {
        if (executions.get(id) === execution) executions.delete(id);
        // The library frees the slot a moment after this function returned.
        setTimeout(() => pump.wake(), SLOT_RELEASE_MS).unref();
      }
      return null;
    },
  );
  const worker = client.newWorker({ concurrency: settings.concurrency });

  return {
    async start(order) {
      stopping.signal.throwIfAborted();
      const creation = backend.createWorkflowRun({
        workflowName: workflow.workflow.spec.name,
        version: null,
        idempotencyKey: order.key,
        config: {},
        context: null,
        input: order as never,
        parentStepAttemptNamespaceId: null,
        parentStepAttemptId: null,
        availableAt: null,
        deadlineAt: null,
      });
      starting.add(creation);
      const run = await creation.finally(() => starting.delete(creation));
      pump.wake();
      return run.finishedAt === null ? 'live' : 'ended';
    },
    run: () => pump.start(),
    async [Symbol.asyncDispose]() {
      stopping.abort(new FerricError('ABORTED', 'The conductor is stopping'));
      // A journal that is closed under a transaction waits for its end for ever.
      await Promise.allSettled(starting);
      await pump.stop();
      await Promise.allSettled([...executions.values()].map((execution) => execution.finished));
      await worker.stop();
      await backend.stop();
    },
  };
}

/** One run of a workflow function in this process. */
interface Execution {
  readonly finished: Promise<void>;
  breakOff(reason: unknown): void;
}

/** After a sleep of this machine longer than the lease, a run may be claimed again that still goes on here. */
async function end(execution: Execution): Promise<void> {
  execution.breakOff(leaseLost());
  await execution.finished.catch(() => undefined);
}

function leaseLost(): FerricError {
  return new FerricError('ABORTED', 'The lease of this work was lost; whoever holds it now goes on with it');
}

/** A failure becomes a result, so that it is journalled like one; only work that is broken off lets it pass. */
async function recordResult(work: () => Promise<JsonValue>, brokenOff: AbortSignal): Promise<StepResult> {
  try {
    return { value: await work() };
  } catch (error) {
    if (brokenOff.aborted) throw error;
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

interface Pump {
  start(): void;
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Claims work when there is some: at once after a wake, else at each interval. The library's own loop polls only,
 * which would add up to a second to every request.
 */
function createPump(tick: () => Promise<number>, intervalMs: number, logger: Logger): Pump {
  let running: Promise<void> | undefined;
  let stopped = false;
  let woken = false;
  let signal = Promise.withResolvers<void>();

  const loop = async (): Promise<void> => {
    while (!stopped) {
      woken = false;
      const claimed = await tick().catch((error: unknown) => {
        logger.error({ error }, 'Claiming work failed; it is tried again');
        return 0;
      });
      if (claimed > 0 || woken) continue;
      signal = Promise.withResolvers<void>();
      const timer = setTimeout(signal.resolve, intervalMs);
      timer.unref();
      await signal.promise;
      clearTimeout(timer);
    }
  };

  return {
    start() {
      running ??= loop();
    },
    wake() {
      woken = true;
      signal.resolve();
    },
    async stop() {
      stopped = true;
      signal.resolve();
      await running;
    },
  };
}
