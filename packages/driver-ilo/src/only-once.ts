import { FerricError } from '@ferric/core';

/** Knows whether a call has sent what must not be sent again. */
export interface Sending {
  /**
   * Runs what sends it. It counts as sent from the beginning, since a deadline may end it at any moment; not after a failure that is retryable, for what
   * leaves open whether something was done is not.
   * @param signal of the call: its reason says nothing of what was sent
   */
  onlyOnce<T>(signal: AbortSignal, send: () => Promise<T>): Promise<T>;
  /** The error of the call: once something was sent, with `details.once` and not retryable. */
  judge(error: unknown): unknown;
}

export function watchSending(): Sending {
  let wasSent = false;
  return {
    async onlyOnce(signal, send) {
      const before = wasSent;
      wasSent = true;
      try {
        return await send();
      } catch (error) {
        if (!signal.aborted && FerricError.is(error) && error.retryable) wasSent = before;
        throw error;
      }
    },
    judge: (error) => (wasSent && FerricError.is(error) ? notAgain(error) : error),
  };
}

function notAgain(error: FerricError): FerricError {
  const { code, message, details, hint } = error;
  return new FerricError(code, message, { cause: error, details: { ...details, once: true }, retryable: false, ...(hint === undefined ? {} : { hint }) });
}
