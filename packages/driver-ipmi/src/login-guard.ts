import { FerricError, type Clock } from '@ferric/core';
import type { IpmiClient } from '@ferric/ipmi-raw-buffer';

/**
 * How long credentials that a BMC has refused are not tried again. Milliseconds: enough for all calls that were waiting at that moment, and
 * short enough for a person who sets the BMC right.
 */
export const HOLD_OFF_MS = 20_000;

/**
 * The same client, but credentials that the BMC has refused are not tried again for a while: calls that come at the same time must not try a
 * wrong password one after the other, since BMCs lock users. Until then every call fails as the first one did.
 */
export function guardLogins(client: IpmiClient, clock: Clock): IpmiClient {
  let refusal: FerricError | undefined;
  let holdUntil = 0;
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    if (refusal !== undefined && clock.monotonicMs() < holdUntil) throw notAgain(refusal);
    refusal = undefined;
    try {
      return await call();
    } catch (error) {
      if (FerricError.is(error) && isRefusal(error)) {
        refusal = error;
        holdUntil = clock.monotonicMs() + HOLD_OFF_MS;
      }
      throw error;
    }
  };
  return {
    get address() {
      return client.address;
    },
    get counters() {
      return client.counters;
    },
    raw: (request, options) => guarded(() => client.raw(request, options)),
    session: (options) => guarded(() => client.session(options)),
    openPayload: (payloadType, listener, options) => guarded(() => client.openPayload(payloadType, listener, options)),
    close: (options) => client.close(options),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** With IPMI 1.5 silence is how a BMC says that a password is wrong: a TIMEOUT of which the client says that trying again may do harm. */
function isRefusal({ code, retryable }: FerricError): boolean {
  return code === 'AUTH_FAILED' || (code === 'TIMEOUT' && !retryable);
}

function notAgain(refusal: FerricError): FerricError {
  return new FerricError(refusal.code, `${refusal.message} (a moment ago, and not tried again yet)`, {
    cause: refusal,
    retryable: false,
    details: refusal.details,
    hint: refusal.hint ?? `Correct the credentials; the same ones are tried again after ${HOLD_OFF_MS / 1000} s.`,
  });
}
