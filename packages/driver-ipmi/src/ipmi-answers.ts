import { FerricError, type CallOptions } from '@ferric/core';
import type { RequestCarrier } from '@ferric/ipmi-raw-buffer';
import type { IpmiCall } from './ipmi-machine.js';

/** The controller declined because it has no time or no session now, or too many wait for their turn: nothing was done. */
export function isBusy(error: unknown): error is FerricError {
  return FerricError.is(error) && error.code === 'BUSY';
}

/** The controller declined because of the state that it is in. */
export function isWrongState(error: unknown): error is FerricError {
  return FerricError.is(error) && error.code === 'CONFLICT' && error.details['completionCode'] !== undefined;
}

/** No answer came, so that the request may have been carried out or not. */
export function isLost(error: unknown): error is FerricError {
  return FerricError.is(error) && (error.code === 'TIMEOUT' || error.code === 'UNREACHABLE');
}

/** The controller understood, or did not know the command, and said no. */
export function isDeclined(error: unknown): error is FerricError {
  return FerricError.is(error) && error.details['completionCode'] !== undefined;
}

/** The same controller, but a request whose answer is lost is not sent again, also where the protocol would allow it. */
export function sendingOnce(bmc: RequestCarrier): RequestCarrier {
  return { address: bmc.address, raw: (request, options) => bmc.raw(request, { ...options, repeatable: false }) };
}

/** What is left of a call, for a part of it that takes no longer than `limitMs`. */
export function partOf({ deadline }: IpmiCall, limitMs: number = Number.POSITIVE_INFINITY): CallOptions {
  return { signal: deadline.signal, timeoutMs: Math.max(1, Math.min(limitMs, deadline.remainingMs())) };
}
