import type { Backend } from 'openworkflow/internal';

/** What writes into a journal. */
const WRITES = [
  'createWorkflowRun', 'claimWorkflowRun', 'extendWorkflowRunLease', 'sleepWorkflowRun', 'completeWorkflowRun', 'failWorkflowRun',
  'rescheduleWorkflowRunAfterFailedStepAttempt', 'cancelWorkflowRun', 'createStepAttempt', 'completeStepAttempt', 'failStepAttempt',
] as const satisfies readonly (keyof Backend)[];

type Write = (this: unknown, parameters: never) => Promise<unknown>;

/**
 * A journal whose writes take turns: one for each turn of the event loop. The embedded journal writes synchronously, disk included, and what
 * waits for it goes on without letting anything else run; a hundred runs at once would keep the conductor from answering for many writes.
 */
export function takeTurns(backend: Backend): Backend {
  let last: Promise<unknown> = Promise.resolve();
  // On whatever they are called: what is built on top may replace the methods that they use.
  const inTurn = (write: Write): Write =>
    async function (parameters) {
      last = last.then(nextTurn);
      await last;
      return write.call(this, parameters);
    };
  return Object.create(backend, Object.fromEntries(WRITES.map((name) => [name, { value: inTurn(backend[name] as Write) }]))) as Backend;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
