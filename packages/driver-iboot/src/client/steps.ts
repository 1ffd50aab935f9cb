import { type CallOptions, type Clock, type Deadline, FerricError, type JsonObject, withDeadline } from '@ferric/core';
import { type DxpStep, silence } from './dxp-errors.js';

/** Takes note of what a call waits for now. */
export type NoteStep = (step: DxpStep) => void;

export interface SteppedCall {
  /** `power on at 192.0.2.7:9100` */
  readonly what: string;
  readonly defaultTimeoutMs: number;
  readonly details: JsonObject;
  readonly clock: Clock;
}

/** {@link withDeadline}, but its TIMEOUT tells what the call was waiting for. The reason of a caller who gives up stays untouched. */
export async function withSteps<T>(
  options: CallOptions | undefined,
  call: SteppedCall,
  work: (deadline: Deadline, note: NoteStep) => Promise<T>,
): Promise<T> {
  let step: DxpStep = 'turn';
  try {
    return await withDeadline(options, call, (deadline) => work(deadline, (next) => void (step = next)));
  } catch (error) {
    throw options?.signal?.aborted !== true && isUnexplained(error) ? silence(error.message, step, error.details, error) : error;
  }
}

/** The TIMEOUT of a deadline, which knows how long it was but not what was waited for. */
function isUnexplained(error: unknown): error is FerricError {
  return FerricError.is(error) && error.code === 'TIMEOUT' && error.details['timeoutMs'] !== undefined && error.details['step'] === undefined;
}
