import {
  silentLogger, withDeadline, type CallOptions, type Closing, type Deadline, type DeviceContext, type DeviceMemory, type JsonObject,
} from '@ferric/core';
import { actionDelayMs, playAction, type DeviceAction, type FakeScript } from './fake-script.js';

/** Time for one call when the caller names none, on top of the scripted delay: several exchanges and a state that settles. */
const CALL_TIMEOUT_MS = 10_000;

/** Runs one action of a device: with a deadline, as slow as scripted, failing if scripted, given up when the device closes. */
export type PerformAction = <Result>(
  action: DeviceAction,
  options: CallOptions | undefined,
  work: (deadline: Deadline) => Promise<Result>,
) => Promise<Result>;

export interface PerformSettings {
  readonly script: FakeScript;
  readonly context: DeviceContext;
  readonly memory: DeviceMemory;
  /** What a TIMEOUT tells of the machine, such as its address. */
  readonly details: JsonObject;
  /** Ends calls when the device or its driver is closed. */
  readonly guard: Closing['guard'];
}

export function createPerformAction({ script, context, memory, details, guard }: PerformSettings): PerformAction {
  const { clock, logger = silentLogger } = context;
  return (action, options, work) => {
    const defaultTimeoutMs = CALL_TIMEOUT_MS + actionDelayMs(script, action);
    const settings = { what: `'${action}' of the fake machine`, defaultTimeoutMs, details: { ...details, step: action }, clock };
    return guard(options, (guarded) =>
      withDeadline(guarded, settings, async (deadline) => {
        logger.debug({ action }, 'fake machine');
        await playAction(script, action, { signal: deadline.signal, clock, memory });
        return work(deadline);
      }),
    );
  };
}

/** The time that is left of a call, for one exchange inside it. */
export function timeLeft(deadline: Deadline): CallOptions {
  return { signal: deadline.signal, timeoutMs: Math.max(1, deadline.remainingMs()) };
}
