import type { Logger } from '@ferric/core';
import type { Backend } from 'openworkflow/internal';

export interface JournalBackendSettings {
  readonly backend: Backend;
  readonly logger: Logger;
  /** Called when a run that is executed here belongs to somebody else now. */
  readonly onLeaseLost: (runId: string) => void;
}

type Claim = ReturnType<Backend['claimWorkflowRun']>;
type FindByKey = (this: unknown, ...parameters: readonly unknown[]) => unknown;

const BEGINNING = new Date(0);

/**
 * The library's backend with three differences. It claims in turn, and once there was nothing to claim, no further in that
 * round: the library asks for each free slot on its own, which is a transaction each. A key never expires: the library forgets
 * it after a day, and work that a conductor was stopped over a weekend in would then run twice at once. And it tells of lost
 * leases, which the library only prints.
 * Source: openworkflow 0.10.1, worker/worker.js (tick, startHeartbeat) and {sqlite,postgres}/backend.js (createWorkflowRun).
 */
export function createJournalBackend({ backend, logger, onLeaseLost }: JournalBackendSettings): Backend {
  const { getWorkflowRunByIdempotencyKey: findByKey } = backend as unknown as { readonly getWorkflowRunByIdempotencyKey: FindByKey };
  let round: Claim | undefined;

  const claimWorkflowRun: Backend['claimWorkflowRun'] = (parameters) => {
    const before = round;
    const claim = before === undefined ? backend.claimWorkflowRun(parameters) : before.then((run) => (run === null ? null : backend.claimWorkflowRun(parameters)));
    round = claim;
    const forget = (): void => {
      if (round === claim) round = undefined;
    };
    claim.then(forget, forget);
    return claim;
  };

  const extendWorkflowRunLease: Backend['extendWorkflowRunLease'] = async (parameters) => {
    try {
      return await backend.extendWorkflowRunLease(parameters);
    } catch (error) {
      const run = await backend.getWorkflowRun({ workflowRunId: parameters.workflowRunId });
      if (run?.status === 'running' && run.workerId === parameters.workerId) throw error;
      logger.warn({ run: parameters.workflowRunId, error }, 'The lease of running work was lost');
      onLeaseLost(parameters.workflowRunId);
      throw error;
    }
  };

  return Object.create(backend, {
    claimWorkflowRun: { value: claimWorkflowRun },
    extendWorkflowRunLease: { value: extendWorkflowRunLease },
    getWorkflowRunByIdempotencyKey: {
      // The last parameter is the oldest time of creation that counts.
      value(...parameters: readonly unknown[]) {
        return findByKey.call(this, ...parameters.slice(0, -1), BEGINNING);
      },
    },
  }) as Backend;
}
