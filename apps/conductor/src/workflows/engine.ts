import { FerricError, type JsonObject, type JsonValue, type Logger } from '@ferric/core';
import { OpenWorkflow } from 'openworkflow';
import type { Backend } from 'openworkflow/internal';
import type { WorkKind } from '../nodes/stored-node.js';
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

/** A step that failed because the conductor stops is tried again by the next start; every other failure is a result. */
const RESUME_POLICY = { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 1_000_000 } as const;

const SLOT_RELEASE_MS = 2;

type StepResult = { readonly value: JsonValue } | { readonly failure: string };

export function createWorkflowEngine(settings: EngineSettings): WorkflowEngine {
  const { handlers, logger } = settings;
  const backend = claimingInTurn(settings.backend);
  const client = new OpenWorkflow({ backend });
  const stopping = new AbortController();
  const active = new Set<Promise<void>>();
  const pump = createPump(() => worker.tick(), settings.pollIntervalMs, logger);

  const workflow = client.defineWorkflow<WorkOrder, null>(
    { name: 'node-work', retryPolicy: RESUME_POLICY },
    async ({ input: order, step }) => {
      const run: WorkRun = {
        nodeUuid: order.nodeUuid,
        key: order.key,
        input: order.input,
        signal: stopping.signal,
        async step(name, work) {
          const result = await step.run({ name, retryPolicy: RESUME_POLICY }, () => recordResult(work, stopping.signal));
          if ('failure' in result) throw new StepFailure(name, result.failure);
          return result.value as never;
        },
      };
      const finished = handlers[order.kind](run);
      active.add(finished);
      try {
        await finished;
      } finally {
        active.delete(finished);
        // The library frees the slot a moment after this function returned.
        setTimeout(() => pump.wake(), SLOT_RELEASE_MS).unref();
      }
      return null;
    },
  );
  const worker = client.newWorker({ concurrency: settings.concurrency });

  return {
    async start(order) {
      const run = await backend.createWorkflowRun({
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
      pump.wake();
      return run.finishedAt === null ? 'live' : 'ended';
    },
    run: () => pump.start(),
    async [Symbol.asyncDispose]() {
      stopping.abort(new FerricError('ABORTED', 'The conductor is stopping'));
      await pump.stop();
      await Promise.allSettled(active);
      await worker.stop();
      await backend.stop();
    },
  };
}

/** A failure becomes a result, so that it is journalled like one; only a stopping conductor lets it pass. */
async function recordResult(work: () => Promise<JsonValue>, stopping: AbortSignal): Promise<StepResult> {
  try {
    return { value: await work() };
  } catch (error) {
    if (stopping.aborted) throw error;
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The same backend, but with claims one after the other, and once there was nothing to claim, no further in that round: the
 * library asks for each free slot on its own, which is a transaction each.
 */
function claimingInTurn(backend: Backend): Backend {
  let round: Promise<Awaited<ReturnType<Backend['claimWorkflowRun']>>> | undefined;
  return Object.create(backend, {
    claimWorkflowRun: {
      value: (parameters: Parameters<Backend['claimWorkflowRun']>[0]) => {
        const before = round;
        const claim = before === undefined ? backend.claimWorkflowRun(parameters) : before.then((run) => (run === null ? null : backend.claimWorkflowRun(parameters)));
        round = claim;
        const forget = (): void => {
          if (round === claim) round = undefined;
        };
        claim.then(forget, forget);
        return claim;
      },
    },
  }) as Backend;
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
