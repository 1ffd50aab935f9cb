import { completionError } from './completion-codes.js';
import type { IpmiRequest, RequestCarrier, RequestOptions } from './request.js';

/**
 * Sends a request that has to be carried out, and yields what follows the completion code.
 * @param step what is being done, for errors: `Get Device ID`
 * @throws what {@link RequestCarrier.raw} throws; for a completion code other than 0x00 what `explainCompletionCode` tells.
 */
export async function carryOut(bmc: RequestCarrier, step: string, request: IpmiRequest, options: RequestOptions = {}): Promise<Uint8Array> {
  const { completionCode, data } = await bmc.raw(request, { step, ...options });
  if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, step);
  return data;
}
