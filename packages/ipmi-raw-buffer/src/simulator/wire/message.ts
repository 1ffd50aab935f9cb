import type { ControllerReply, ControllerRequest } from '../controller.js';
import { byteAt, join, zeroSum } from './bytes.js';

/** A request with the addresses that its answer needs. */
export interface IncomingMessage extends ControllerRequest {
  /** Whom it is for: 0x20 for the BMC. */
  readonly responderAddress: number;
  /** Who asks, 0x81 for a remote console. */
  readonly requesterAddress: number;
  readonly requesterLun: number;
  /** 0..63. */
  readonly sequence: number;
}

/** Two checksums, two addresses, netFn, sequence and command. */
const SHORTEST_REQUEST = 7;

/** Reads a request with both checksums; undefined when it is none. Source: IPMI 1.5, section 12.4. */
export function readMessage(bytes: Uint8Array): IncomingMessage | undefined {
  if (bytes.length < SHORTEST_REQUEST) return undefined;
  if (zeroSum(bytes.subarray(0, 3)) !== 0 || zeroSum(bytes.subarray(3)) !== 0) return undefined;
  const netFn = byteAt(bytes, 1) >> 2;
  if (netFn % 2 !== 0) return undefined;
  return {
    responderAddress: byteAt(bytes, 0),
    netFn,
    lun: byteAt(bytes, 1) & 3,
    requesterAddress: byteAt(bytes, 3),
    sequence: byteAt(bytes, 4) >> 2,
    requesterLun: byteAt(bytes, 4) & 3,
    command: byteAt(bytes, 5),
    data: bytes.subarray(6, -1),
  };
}

/** Writes the answer to a request. Source: IPMI 1.5, section 12.4. */
export function writeAnswer(request: IncomingMessage, reply: ControllerReply): Buffer {
  const head = [request.requesterAddress, ((request.netFn + 1) << 2) | request.requesterLun];
  const body = join([request.responderAddress, (request.sequence << 2) | request.lun, request.command, reply.completionCode], reply.data);
  return join(head, [zeroSum(head)], body, [zeroSum(body)]);
}
