import { type CallOptions, type Clock, delay } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import type { BridgeHop, IpmiRequest, IpmiResponse, RequestCarrier, RequestOptions } from '../message/request.js';

/** Which controller is meant, and which of its logical units. */
export interface ControllerTarget {
  /** Controllers behind the BMC to pass through. Default none: the BMC itself. */
  readonly bridge?: readonly BridgeHop[];
  /** 0..3, default 0. */
  readonly lun?: number;
}

/** The options of a single command to a controller. */
export interface CommandOptions extends CallOptions, ControllerTarget {}

/** How requests of a longer reading are sent. */
export interface AskOptions extends ControllerTarget {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** False: it must not be carried out twice, see {@link RequestOptions}. Default true. */
  readonly repeatable?: boolean;
}

interface Patience {
  readonly tries: number;
  /** Doubled for each further try. */
  readonly firstWaitMs: number;
}

type Patiences = Readonly<Record<number, Patience>>;

/**
 * Completion codes that pass by themselves, and say that nothing was carried out. 0x81 is `busy` in the commands of FRU and SEL, the only ones
 * here that have it. Source: IPMI 1.5, table 5-2.
 */
const NOT_CARRIED_OUT: Patiences = {
  0x81: { tries: 8, firstWaitMs: 50 },
  0xd0: { tries: 5, firstWaitMs: 500 },
};

/** For a request that may be carried out twice: after 0xc3, a timeout, it may have been. For 0xc0 and 0xd2 the client waits. */
const REPEATABLE: Patiences = { ...NOT_CARRIED_OUT, 0xc3: { tries: 2, firstWaitMs: 50 } };

/** For a request that must not be carried out twice: such a one the client sends once, whatever the answer. */
const ONCE: Patiences = {
  ...NOT_CARRIED_OUT,
  0xc0: { tries: 3, firstWaitMs: 100 },
  0xd2: { tries: 3, firstWaitMs: 1000 },
};

/** The request, sent to the controller that the target names. */
function addressed(request: IpmiRequest, { bridge, lun }: ControllerTarget): IpmiRequest {
  return { ...request, ...(lun === undefined ? {} : { lun }), ...(bridge === undefined ? {} : { bridge }) };
}

/**
 * Sends a request and yields the answer whatever its completion code; asks again, a few times, when the code is one that passes, and with
 * `repeatable: false` only when the code says that nothing was carried out.
 */
export async function ask(bmc: RequestCarrier, step: string, request: IpmiRequest, options: AskOptions = {}): Promise<IpmiResponse> {
  const sent = addressed(request, options);
  const requestOptions: RequestOptions = {
    step,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    ...(options.repeatable === undefined ? {} : { repeatable: options.repeatable }),
  };
  const passing = options.repeatable === false ? ONCE : REPEATABLE;
  for (let attempt = 1; ; attempt += 1) {
    const response = await bmc.raw(sent, requestOptions);
    const patience = passing[response.completionCode];
    if (patience === undefined || attempt >= patience.tries) return response;
    await delay(patience.firstWaitMs * 2 ** (attempt - 1), options);
  }
}

/**
 * Sends a request that has to be carried out, and yields what follows the completion code.
 * @throws what the carrier throws; for a completion code other than 0x00 what `explainCompletionCode` tells
 */
export async function askFor(bmc: RequestCarrier, step: string, request: IpmiRequest, options: AskOptions = {}): Promise<Uint8Array> {
  const { completionCode, data } = await ask(bmc, step, request, options);
  if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, step);
  return data;
}
