import { type Clock, delay, type Deadline, FerricError, type JsonObject, type Logger, MAXIMUM_TIMEOUT_MS, type PowerReading } from '@ferric/core';
import { type DxpClient, noSuchRelay, type RelayCallOptions } from './client/dxp-client.js';
import type { RelayState } from './client/dxp-messages.js';
import { endpointName } from './client/open-stream.js';
import type { NoteStep } from './client/steps.js';
import { type IbootDriverInfo, unitEndpoint } from './iboot-options.js';

/** One machine behind one relay of a unit. */
export interface IbootMachine {
  readonly info: IbootDriverInfo;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What errors tell of it. */
  readonly details: JsonObject;
  /** The client of its unit; made when first used. */
  client(): DxpClient;
}

/** A call that is under way. */
export interface MachineCall {
  readonly deadline: Deadline;
  readonly note: NoteStep;
}

/** Time for reading, retries included. Milliseconds. */
export const READ_TIMEOUT_MS = 30_000;

/** Where a machine's unit is, as errors and gates name it. */
export function unitName(info: IbootDriverInfo): string {
  return endpointName(unitEndpoint(info));
}

/** A moment more than a call has, so that it is the call that ends and can say for what. Milliseconds. */
const GRACE_MS = 1000;

/** What a command of the client gets of a call that is under way. */
export function forClient({ deadline, note }: MachineCall): RelayCallOptions {
  return { note, signal: deadline.signal, timeoutMs: Math.min(deadline.remainingMs() + GRACE_MS, MAXIMUM_TIMEOUT_MS) };
}

/** Steps before user name and password were sent. What fails later is not tried again: a wrong password may lock an account. */
const BEFORE_CREDENTIALS: ReadonlySet<unknown> = new Set([undefined, 'connect', 'hello']);

/** Reads the relays of the machine's unit. One that cannot be reached, or serves another client, is tried again as often as driver_info says. */
export async function readRelays(machine: IbootMachine, call: MachineCall, atLeast: number): Promise<readonly RelayState[]> {
  const { iboot_max_retry: maxRetry, iboot_retry_interval: intervalSeconds } = machine.info;
  const { deadline, note } = call;
  for (let retries = 0; ; retries += 1) {
    try {
      return await machine.client().readRelays({ atLeast, ...forClient(call) });
    } catch (error) {
      const mayHelp = FerricError.is(error) && error.retryable && BEFORE_CREDENTIALS.has(error.details['step']) && !deadline.signal.aborted;
      if (!mayHelp || retries >= maxRetry || deadline.remainingMs() <= intervalSeconds * 1000) throw error;
      machine.logger.debug({ ...machine.details, code: error.code, retries }, 'iBoot unit did not answer, it is asked again');
    }
    note('pause');
    await delay(intervalSeconds * 1000, { signal: deadline.signal, clock: machine.clock });
  }
}

/** The power of one machine, from the relays of its unit. @throws NOT_FOUND when the unit has no such relay */
export function toReading(machine: IbootMachine, relays: readonly RelayState[]): PowerReading {
  const { iboot_relay_id: relay } = machine.info;
  const state = relays[relay - 1];
  if (state === undefined) {
    const error = noSuchRelay(unitName(machine.info), relay, relays.length, { ...machine.details, step: 'read relays' });
    throw new FerricError(error.code, error.message, { details: error.details, hint: `Correct iboot_relay_id. ${error.hint ?? ''}` });
  }
  return { state: `power ${state}`, source: 'device', detail: `relay ${relay} of ${relays.length}`, at: machine.clock.now() };
}
