import { FerricError, type JsonValue, toFerricError } from '@ferric/core';
import { type WsmanRequest, mayChange, requestName } from './envelope/request.js';

/** What a call is doing: `turn` in the queue of the device, `wake` its management engine, `connect`, `answer` to a request. */
export type WsmanStep = 'turn' | 'wake' | 'connect' | 'answer';

/** How far a call has come; also the details of its errors, so that a deadline which strikes tells of the moment in which it does. */
export interface CallProgress {
  /** `192.0.2.7:16992` */
  readonly address: string;
  /** Class name. */
  readonly resource: string;
  /** `Get`, `Enumerate`, or the name of a method. */
  readonly operation: string;
  step: WsmanStep;
  /** True while a request that may change the device is on its way, and no answer says what became of it. */
  sent: boolean;
  readonly [detail: string]: JsonValue;
}

export function startProgress(address: string, { resource, operation }: WsmanRequest): CallProgress {
  return { address, resource, operation: operation.kind === 'Invoke' ? operation.method : operation.kind, step: 'turn', sent: false };
}

/** Codes of errors that stay as they are: of the caller, not of the device. */
const OWN = new Set(['ABORTED', 'INVALID_OPTIONS']);

/** Codes of errors after which nobody knows whether a change was made. */
const UNANSWERED = new Set(['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT']);

const LOOK_FIRST = 'The device may have carried the request out: read the state before trying again.';

/** An error of a call, with what the call was doing in its details: {@link CallProgress}. */
export function explain(error: unknown, request: WsmanRequest, progress: CallProgress): FerricError {
  const known = toFerricError(error);
  if (OWN.has(known.code)) return known;
  const uncertain = mayChange(request) && progress.sent && UNANSWERED.has(known.code);
  const hint = uncertain ? LOOK_FIRST : known.hint;
  const where = `${requestName(request)} at ${progress.address}`;
  return new FerricError(known.code, known.message.startsWith(where) ? known.message : `${where}: ${known.message}`, {
    ...(known.cause === undefined ? {} : { cause: known.cause }),
    details: { ...progress, ...known.details },
    retryable: uncertain ? false : known.retryable,
    ...(hint === undefined ? {} : { hint }),
  });
}
