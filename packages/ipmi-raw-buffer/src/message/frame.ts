import { protocolFault } from './protocol-fault.js';

/** Address of the BMC on its own bus. Source: IPMI 1.5, section 3.2.1. */
export const BMC_ADDRESS = 0x20;
/** Software id of a remote console. Source: IPMI 1.5, table 5-4; any of 0x81, 0x83 ... 0x8d, all tools use the first. */
const CONSOLE_ADDRESS = 0x81;
/** rqSeq has six bits. Source: IPMI 1.5, section 12.4. */
export const SEQUENCE_NUMBERS = 64;

/** Bytes around the data of a request, and around completion code and data of a response. */
const FRAME_BYTES = 7;

/** A request as it is addressed. Source: IPMI 1.5, figure 12-3. */
export interface RequestFrame {
  /** Default the BMC. */
  readonly responderAddress?: number;
  /** Default the console. */
  readonly requesterAddress?: number;
  readonly netFn: number;
  readonly lun?: number;
  /** rqSeq, 0..63. */
  readonly sequence: number;
  readonly command: number;
  readonly data?: Uint8Array | undefined;
}

/** A response as it came. The addresses are not told: controllers fill them in either order. */
export interface ResponseFrame {
  /** Network function of the response, odd. */
  readonly netFn: number;
  /** rqSeq of the request that it answers. */
  readonly sequence: number;
  readonly command: number;
  /** Who answered, as far as it can be trusted. */
  readonly responderAddress: number;
  readonly completionCode: number;
  readonly data: Uint8Array;
}

/** The byte that makes the sum of `bytes[from..to)` and itself 0 modulo 256. Source: IPMI 1.5, section 12.4. */
function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index += 1) sum += bytes[index] ?? 0;
  return -sum & 0xff;
}

/** The bytes of a request from the responder's address to the last checksum. */
export function encodeRequestFrame(request: RequestFrame): Buffer {
  const { data } = request;
  const length = FRAME_BYTES + (data?.length ?? 0);
  const frame = Buffer.allocUnsafe(length);
  frame[0] = request.responderAddress ?? BMC_ADDRESS;
  frame[1] = (request.netFn << 2) | (request.lun ?? 0);
  frame[2] = checksum(frame, 0, 2);
  frame[3] = request.requesterAddress ?? CONSOLE_ADDRESS;
  frame[4] = request.sequence << 2;
  frame[5] = request.command;
  if (data !== undefined) frame.set(data, 6);
  frame[length - 1] = checksum(frame, 3, length - 1);
  return frame;
}

/**
 * Reads a response; the data is a view into the frame.
 * @param verify false where the frame is covered by an integrity check already: some BMCs send wrong checksums
 * @throws PROTOCOL_FAULT
 */
export function decodeResponseFrame(frame: Uint8Array, verify = true): ResponseFrame {
  const length = frame.length;
  if (length <= FRAME_BYTES) throw protocolFault('IPMI message', 'at least 8 bytes', frame);
  if (verify && (checksum(frame, 0, 3) !== 0 || checksum(frame, 3, length) !== 0)) throw protocolFault('IPMI message', 'right checksums', frame);
  const [, netFnAndLun = 0, , responderAddress = 0, sequenceAndLun = 0, command = 0, completionCode = 0] = frame;
  return {
    netFn: netFnAndLun >> 2,
    sequence: sequenceAndLun >> 2,
    command,
    responderAddress,
    completionCode,
    data: frame.subarray(FRAME_BYTES, length - 1),
  };
}

/** Whether a response answers a request: by rqSeq, network function and command only, as the addresses cannot be trusted. */
export function answers(response: ResponseFrame, request: Pick<RequestFrame, 'netFn' | 'sequence' | 'command'>): boolean {
  return response.sequence === request.sequence && response.command === request.command && response.netFn === request.netFn + 1;
}
