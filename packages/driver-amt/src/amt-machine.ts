import {
  FerricError, holdingProcess, MAXIMUM_TIMEOUT_MS, withDeadline,
  type CallOptions, type Clock, type Closing, type Deadline, type DeviceMemory, type JsonObject, type Logger,
} from '@ferric/core';
import type { AmtClient } from './client/amt-client.js';
import { inNodeWords } from './amt-errors.js';
import type { AmtDriverInfo } from './amt-options.js';
import type { Lease } from './client-pool.js';

/** One call of a device under way. */
export interface AmtCall {
  readonly client: AmtClient;
  /** What a call of the client gets: it ends a moment before this one. */
  readonly options: CallOptions;
}

/** What one call of a device is. */
export interface CallFacts {
  /** For errors: `read power`. */
  readonly what: string;
  /** Time for it when the caller names none. Milliseconds. */
  readonly timeoutMs: number;
}

/** One machine behind a device: everything that its capabilities share. */
export interface AmtMachine {
  readonly info: AmtDriverInfo;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: DeviceMemory;
  /** `192.0.2.10:16992`. */
  readonly address: string;
  /**
   * Runs one call of the device: with a deadline, and given up when the device is closed. Errors name the address and the fields of driver_info.
   * @throws the abort reason; TIMEOUT; INVALID_OPTIONS for a bad `timeoutMs`; ABORTED when the device is closed; else what `work` throws.
   */
  perform<T>(facts: CallFacts, options: CallOptions | undefined, work: (call: AmtCall) => Promise<T>): Promise<T>;
  /** Runs one call that needs the memory alone, and settles at once. Throws as {@link AmtMachine.perform} does. */
  recall<T>(what: string, options: CallOptions | undefined, work: () => T): Promise<T>;
}

export interface MachineParts extends Pick<AmtMachine, 'info' | 'clock' | 'logger' | 'memory' | 'address'> {
  readonly lease: () => Lease;
  readonly guard: Closing['guard'];
  /** Whether the device or the driver was closed. */
  readonly isClosed: () => boolean;
}

/** The client's call ends sooner by this, or by a tenth of what is left: it knows what it waited for. Milliseconds. */
const HEAD_START_MS = 1000;

/** Nothing but memory is needed. Milliseconds. */
const RECALL_MS = 1000;

export function createMachine(parts: MachineParts): AmtMachine {
  const { info, clock, logger, memory, address } = parts;
  const details: JsonObject = { address };

  const perform: AmtMachine['perform'] = ({ what, timeoutMs }, options, work) => {
    const limit = { what: `'${what}' of ${address}`, defaultTimeoutMs: timeoutMs, details, clock };
    const run = (call: CallOptions): ReturnType<typeof work> =>
      withDeadline(call, limit, async (deadline) => {
        try {
          return await work({ client: parts.lease().client(), options: clientOptions(deadline) });
        } catch (error) {
          if (deadline.signal.aborted || !FerricError.is(error)) throw error;
          throw inNodeWords(error, info, address);
        }
      });
    return holdingProcess(() => parts.guard(options, run));
  };

  return {
    info, clock, logger, memory, address, perform,
    recall(what, options, work) {
      const { signal, timeoutMs = RECALL_MS } = options ?? {};
      // Where nothing is waited for, nothing can be given up: but for these, the result is there at once.
      const isPlain = !parts.isClosed() && signal?.aborted !== true && timeoutMs >= 1 && timeoutMs <= MAXIMUM_TIMEOUT_MS;
      return isPlain ? promised(work) : perform({ what, timeoutMs: RECALL_MS }, options, async () => work());
    },
  };
}

function clientOptions({ signal, remainingMs }: Deadline): CallOptions {
  return {
    signal,
    // Read anew by each of several calls, which share the time.
    get timeoutMs() {
      const leftMs = remainingMs();
      return Math.max(1, leftMs - Math.min(HEAD_START_MS, leftMs / 10));
    },
  };
}

/** What the work returns at once, as a promise that rejects where it throws. */
async function promised<T>(work: () => T): Promise<T> {
  return work();
}
