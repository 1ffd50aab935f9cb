import { FerricError } from '@ferric/core';

/** One step towards a next boot. */
export interface BootStep {
  /** For people, and as `details.step` of errors. */
  readonly name: string;
  run(): Promise<void>;
}

/**
 * Takes steps in their order and stops at the first that fails: a machine that is started after half of them boots from somewhere else.
 * @throws what the step threw, with its name in the message and as `details.step`
 */
export async function takeSteps(what: string, steps: readonly BootStep[], signal: AbortSignal): Promise<void> {
  for (const [index, { name, run }] of steps.entries()) {
    try {
      await run();
    } catch (error) {
      throw signal.aborted || !FerricError.is(error) ? error : atStep(error, `${what} failed at step ${index + 1} of ${steps.length}, '${name}'`, name);
    }
  }
}

function atStep(error: FerricError, what: string, step: string): FerricError {
  return new FerricError(error.code, `${what}: ${error.message}`, {
    cause: error,
    retryable: error.retryable,
    details: { ...error.details, step },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
