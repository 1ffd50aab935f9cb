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
  readonly repeatable?: boolean;
}

interface Patience {
  readonly tries: number;
  /** Doubled for each further try. */
  readonly firstWaitMs: number;
}

/** Completion codes that pass by themselves. 0x81 is `busy` in the commands of FRU and SEL, the only ones here that have it. */
const PASSING: Readonly<Record<number, Patience>> = {
  0x81: { tries: 8, firstWaitMs: 50 },
  0xc0: { tries: 3, firstWaitMs: 100 },
  0xc3: { tries: 2, firstWaitMs: 50 },
  0xd0: { tries: 5, firstWaitMs: 500 },
  0xd2: { tries: 3, firstWaitMs: 1000 },
};

/** The request, sent to the controller that the target names. */
function addressed(request: IpmiRequest, { bridge, lun }: ControllerTarget): IpmiRequest {
  return { ...request, ...(lun === undefined ? {} : { lun }), ...(bridge === undefined ? {} : { bridge }) };
}

/** Sends a request and yields the answer whatever its completion code; asks again, a few times, when the code is one that passes. */
export async function ask(bmc: RequestCarrier, step: string, request: IpmiRequest, options: AskOptions = {}): Promise<IpmiResponse> {
  const sent = addressed(request, options);
  const requestOptions: RequestOptions = {
    step,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    ...(options.repeatable === undefined ? {} : { repeatable: options.repeatable }),
  };
  for (let attempt = 1; ; attempt += 1) {
    const response = await bmc.raw(sent, requestOptions);
    const patience = PASSING[response.completionCode];
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
