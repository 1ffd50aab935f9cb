import type { CallOptions } from '@ferric/core';
import { decodeAnswer } from '../message/bytes.js';
import { carryOut } from '../message/carry-out.js';
import type { IpmiRequest, RequestCarrier, RequestOptions } from '../message/request.js';

/**
 * Sends a request that has to be carried out and reads its answer.
 * @throws as `carryOut` does; PROTOCOL_FAULT with the address in its details when the answer cannot be read.
 */
export async function carryOutAndDecode<T>(
  bmc: RequestCarrier,
  step: string,
  request: IpmiRequest,
  decode: (data: Uint8Array) => T,
  options: RequestOptions = {},
): Promise<T> {
  return decodeAnswer(bmc, decode, await carryOut(bmc, step, request, options));
}

/** What a caller may say about one request and what must not happen to it. */
export function once(options: CallOptions | undefined): RequestOptions {
  return { ...options, repeatable: false };
}
