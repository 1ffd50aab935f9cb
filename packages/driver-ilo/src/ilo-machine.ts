import {
  FerricError, holdingProcess, MAXIMUM_TIMEOUT_MS, withDeadline,
  type CallOptions, type Clock, type Closing, type Deadline, type DeviceContext, type JsonObject, type Logger,
} from '@ferric/core';
import type { IloClient } from './client/index.js';
import type { Lease } from './client-pool.js';
import { inNodeWords } from './ilo-errors.js';
import type { IloDriverInfo, IloDriverName } from './ilo-options.js';
import { type Sending, watchSending } from './only-once.js';
import { factsOf, type GenerationFacts } from './server-generations.js';

/** One call of a device under way. */
export interface IloCall {
  readonly client: IloClient;
  /** What a call of the client gets: it ends with this one. */
  readonly options: CallOptions;
  readonly lease: Lease;
  /**
   * Sends what must not be sent again, such as a restart: however the call ends from here on, its error says so (`details.once`, and not retryable), also
   * that of its deadline. Not where the sending itself fails with what is retryable: then nothing was done.
   */
  onlyOnce<T>(send: () => Promise<T>): Promise<T>;
}

/** What one call of a device is. */
export interface CallFacts {
  /** For errors: `read power`. */
  readonly what: string;
  /** Time for it when the caller names none. Milliseconds, default {@link CALL_MS}. */
  readonly timeoutMs?: number;
  /** True: credentials that were refused a moment ago are no reason not to begin. Default false. */
  readonly knowsOthers?: boolean | undefined;
}

/** Many exchanges, and the end of a self-test that refuses changes. Milliseconds. */
export const CALL_MS = 300_000;

/** One machine behind a device: everything that its capabilities share. */
export interface IloMachine {
  readonly info: IloDriverInfo;
  readonly driver: IloDriverName;
  readonly facts: GenerationFacts;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `192.0.2.10:443`. */
  readonly address: string;
  readonly keepDriverInfo: DeviceContext['keepDriverInfo'];
  /**
   * Runs one call of the device: with a deadline, and given up when the device is closed. Errors name the address and the fields of driver_info.
   * @throws the abort reason; TIMEOUT; INVALID_OPTIONS for a bad `timeoutMs`; ABORTED when the device is closed; else what `work` throws; after
   * {@link IloCall.onlyOnce} all but the abort reason with `details.once`.
   */
  perform<T>(facts: CallFacts, options: CallOptions | undefined, work: (call: IloCall) => Promise<T>): Promise<T>;
}

export interface MachineParts extends Pick<IloMachine, 'info' | 'driver' | 'clock' | 'logger' | 'address' | 'keepDriverInfo'> {
  readonly lease: () => Lease;
  readonly guard: Closing['guard'];
}

/** A moment more than a call has, so that it is the call that ends and can say for which machine. Milliseconds. */
const GRACE_MS = 1000;

export function createMachine(parts: MachineParts): IloMachine {
  const { info, driver, clock, logger, address, keepDriverInfo } = parts;
  const details: JsonObject = { address };
  const attempt = async <T>(deadline: Deadline, { knowsOthers = false }: CallFacts, sending: Sending, work: (call: IloCall) => Promise<T>): Promise<T> => {
    const lease = parts.lease();
    try {
      const client = knowsOthers && lease.refusal !== undefined ? lease.present : lease.client();
      const leftMs = Math.min(Math.max(1, Math.ceil(deadline.remainingMs())) + GRACE_MS, MAXIMUM_TIMEOUT_MS);
      return await work({ client, lease, options: { signal: deadline.signal, timeoutMs: leftMs }, onlyOnce: (send) => sending.onlyOnce(deadline.signal, send) });
    } catch (error) {
      if (deadline.signal.aborted || !FerricError.is(error)) throw error;
      lease.failed(error);
      throw inNodeWords(error, info, address);
    }
  };
  return {
    info, driver, clock, logger, address, keepDriverInfo,
    facts: factsOf(driver, info.ilo_generation),
    async perform(call, options, work) {
      const { what, timeoutMs = CALL_MS } = call;
      const sending = watchSending();
      try {
        return await holdingProcess(() => parts.guard(options, (guarded) =>
          withDeadline(guarded, { what: `'${what}' of ${address}`, defaultTimeoutMs: timeoutMs, details, clock }, (deadline) => attempt(deadline, call, sending, work)),
        ));
      } catch (error) {
        throw options?.signal?.aborted === true ? error : sending.judge(error);
      }
    },
  };
}
