import { FerricError } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import { answers, BMC_ADDRESS, decodeResponseFrame, encodeRequestFrame, type ResponseFrame } from '../message/frame.js';
import type { BridgeHop, IpmiRequest, IpmiResponse } from '../message/request.js';

/** The answer of a controller that only passed the request on. */
export interface PassedOn {
  /** Index in `bridge` of the controller that it was passed on to. */
  readonly passedOnTo: number;
}

const SEND_MESSAGE = { netFn: 0x06, command: 0x34 } as const;
/** The answer comes back by itself, instead of lying in a queue. Source: IPMI 1.5, table 18-9. */
const TRACK_REQUEST = 0x40;

/**
 * The message to the BMC: the request, wrapped in one Send Message for each hop. All levels have the same rqSeq.
 * Source: IPMI 1.5, section 18.7; bytes compared with ipmitool 1.8.19, single and double.
 */
export function encodeBridgedFrame(request: IpmiRequest, sequence: number): Buffer {
  const hops = request.bridge ?? [];
  const target = hops.at(-1);
  if (target === undefined) return encodeRequestFrame({ ...request, sequence });
  let inner = encodeRequestFrame({ ...request, sequence, responderAddress: target.address, requesterAddress: BMC_ADDRESS });
  for (let level = hops.length - 1; level >= 0; level -= 1) {
    const data = Buffer.concat([Uint8Array.of((hops[level]?.channel ?? 0) | TRACK_REQUEST), inner]);
    const carrier = hops[level - 1];
    inner = encodeRequestFrame({
      ...SEND_MESSAGE, sequence, data, ...(carrier === undefined ? {} : { responderAddress: carrier.address, requesterAddress: BMC_ADDRESS }),
    });
  }
  return inner;
}

/**
 * What a message answers to a bridged request. The answer of the target comes inside that of Send Message, or as a message of its own
 * after an empty one, for which is returned how far the request has come. Undefined: it belongs to something else.
 * @throws the error of the hop that did not pass the request on
 */
export function readBridgedResponse(
  response: ResponseFrame, request: IpmiRequest, sequence: number, address: string, step: string,
): IpmiResponse | PassedOn | undefined {
  const hops = request.bridge ?? [];
  if (answers(response, { ...request, sequence }) && !isCarrier(response, request)) return response;
  if (!answers(response, { ...SEND_MESSAGE, sequence })) return undefined;
  if (response.completionCode !== 0) throw hopError(response, hops, address, step);
  if (response.data.length === 0) return { passedOnTo: nextHop(response, hops) };
  return readBridgedResponse(decodeResponseFrame(response.data), request, sequence, address, step);
}

/** The answer to a Send Message that was itself bridged looks like those of its carriers, except for who sends it. */
function isCarrier(response: ResponseFrame, request: IpmiRequest): boolean {
  return request.netFn === SEND_MESSAGE.netFn && request.command === SEND_MESSAGE.command && response.responderAddress === BMC_ADDRESS;
}

/** The error of the hop after the controller that reports the failure. */
function hopError(response: ResponseFrame, hops: readonly BridgeHop[], address: string, step: string): Error {
  const shown = describeHop(hops[nextHop(response, hops)]);
  return completionError(SEND_MESSAGE, response.completionCode, address, `${step}, Send Message to ${shown}`);
}

/** Index of the hop after the controller that answers: the BMC, or the first hop. */
function nextHop(response: ResponseFrame, hops: readonly BridgeHop[]): number {
  return response.responderAddress === hops[0]?.address && hops.length > 1 ? 1 : 0;
}

/** `0x2c on channel 0`. */
export function describeHop(hop: BridgeHop | undefined): string {
  return `0x${(hop?.address ?? 0).toString(16).padStart(2, '0')} on channel ${hop?.channel ?? 0}`;
}

/** The error for a controller behind the BMC that does not answer what was passed on to it. @param hop as {@link describeHop} tells it */
export function hopSilentError(address: string, step: string, hop: string, tries: number): FerricError {
  return new FerricError('TIMEOUT', `${step} at ${address}: the BMC passed it on, but ${hop} did not answer ${tries} packets`, {
    details: { address, step, hop },
    hint: 'The BMC is there; check channel and address of the controller behind it, and that it has power.',
  });
}
