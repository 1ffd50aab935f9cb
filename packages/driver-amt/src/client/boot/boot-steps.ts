import { FerricError } from '@ferric/core';

/** One step towards a next boot. */
export interface BootStep {
  /** For people, and as `details.step` of errors. */
  readonly name: string;
  /** False: it only looks. */
  readonly changes: boolean;
  run(): Promise<void>;
}

export interface TakingSteps {
  readonly signal: AbortSignal;
  /** Called right before the first step that changes something. */
  readonly onChange?: (() => void) | undefined;
}

/**
 * Takes steps in their order and stops at the first that fails: a machine that is started after half of them boots from somewhere else.
 * @throws what the step threw, with its name in the message and as `details.step`
 */
export async function takeSteps(what: string, steps: readonly BootStep[], { signal, onChange }: TakingSteps): Promise<void> {
  const firstChange = steps.findIndex(({ changes }) => changes);
  for (const [index, { name, run }] of steps.entries()) {
    if (index === firstChange) onChange?.();
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
