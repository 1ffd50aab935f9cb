import { FerricError, type JsonValue } from '@ferric/core';

/** Which call, and with whom: in the details of every error. */
export interface CallFacts {
  /** As {@link LibvirtUri.address}. */
  readonly address: string;
  /** Name of the procedure. */
  readonly procedure: string;
}

const MAY_HAVE_ACTED = 'The daemon may have acted on it: read the state before trying again.';

/** What a call, or a stream, rejects with when its connection ends before it: the code of that end. */
export function lostCall(failure: FerricError, facts: CallFacts, sent: boolean): FerricError {
  return new FerricError(failure.code, `${facts.procedure} got no answer: ${failure.message}`, {
    cause: failure,
    details: { ...failure.details, ...facts },
    hint: [...(failure.hint === undefined ? [] : [failure.hint]), sent ? MAY_HAVE_ACTED : 'It was not sent.'].join(' '),
    retryable: failure.retryable,
  });
}

export function callTimeout(facts: CallFacts, timeoutMs: number, sent: boolean): FerricError {
  const what = sent ? 'was not answered' : 'could not be sent, since earlier calls were not answered,';
  return new FerricError('TIMEOUT', `${facts.procedure} ${what} by ${facts.address} within ${Math.round(timeoutMs)} ms`, {
    details: { ...facts, timeoutMs },
    hint: sent ? MAY_HAVE_ACTED : 'It was not sent. The daemon is busy or stuck; try again later.',
  });
}

export function queueFull(facts: CallFacts, queueLimit: number): FerricError {
  return new FerricError('BUSY', `${facts.procedure} was not sent: ${queueLimit} calls wait for ${facts.address} already`, {
    details: { ...facts, queueLimit },
    hint: 'Wait for earlier calls, or read many domains with one call.',
  });
}

/** How a connection ended. */
export function connectionLost(address: string, reason: string, cause?: unknown): FerricError {
  return new FerricError('UNREACHABLE', `The connection to ${address} was lost: ${reason}`, { details: { address }, ...(cause === undefined ? {} : { cause }) });
}

export function connectionClosed(address: string): FerricError {
  return new FerricError('ABORTED', `The connection to ${address} was closed`, { details: { address } });
}

/** The end of a connection on which something came that the protocol does not allow. */
export function protocolFault(address: string, problem: string, details: Readonly<Record<string, JsonValue>> = {}): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The libvirt daemon at ${address} broke the protocol: ${problem}`, {
    details: { address, ...details },
    hint: 'Check that a libvirt daemon listens there, and that its version is supported.',
  });
}

/** The same error with more facts; anything else than a FerricError comes back as it is. */
export function withDetails(error: unknown, details: Readonly<Record<string, JsonValue>>): unknown {
  if (!FerricError.is(error)) return error;
  return new FerricError(error.code, error.message, {
    cause: error,
    details: { ...error.details, ...details },
    retryable: error.retryable,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** What a message that cannot be read leads to, whatever the codec threw. */
export function decodingFault(error: unknown, details: Readonly<Record<string, JsonValue>>): FerricError {
  if (FerricError.is(error)) return withDetails(error, details) as FerricError;
  const problem = error instanceof Error ? error.message : 'unknown problem';
  return new FerricError('PROTOCOL_FAULT', `The libvirt daemon sent a message that cannot be read: ${problem}`, { cause: error, details });
}
