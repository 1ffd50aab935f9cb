import { FerricError, type JsonValue, toFerricError } from '@ferric/core';
import { type WsmanRequest, mayChange, requestName } from './envelope/request.js';
import { LOOK_FIRST } from './faults/fault-table.js';

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
  /** True from the moment in which a request that may change the device is on its way, until an answer says that it was not carried out. */
  sent: boolean;
  readonly [detail: string]: JsonValue;
}

export function startProgress(address: string, { resource, operation }: WsmanRequest): CallProgress {
  return { address, resource, operation: operation.kind === 'Invoke' ? operation.method : operation.kind, step: 'turn', sent: false };
}

/** Codes of errors that stay as they are: of the caller, not of the device. */
const OWN = new Set(['ABORTED', 'INVALID_OPTIONS']);

/** An error of a call, with what the call was doing in its details: {@link CallProgress}. After a change that may have been made it is not retryable. */
export function explain(error: unknown, request: WsmanRequest, progress: CallProgress): FerricError {
  const known = toFerricError(error);
  if (OWN.has(known.code)) return known;
  // What the error itself knows of the request counts for more.
  const details = { ...progress, ...known.details };
  const uncertain = mayChange(request) && details.sent;
  const hint = uncertain && known.hint?.startsWith(LOOK_FIRST) !== true ? LOOK_FIRST : known.hint;
  const where = `${requestName(request)} at ${progress.address}`;
  return new FerricError(known.code, known.message.startsWith(where) ? known.message : `${where}: ${known.message}`, {
    ...(known.cause === undefined ? {} : { cause: known.cause }),
    details,
    retryable: uncertain ? false : known.retryable,
    ...(hint === undefined ? {} : { hint }),
  });
}
