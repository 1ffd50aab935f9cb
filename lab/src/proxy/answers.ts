import type { Change } from './procedures.ts';
import { type CutMessage, HEADER_BYTES, TYPES } from './message-cutter.ts';

const STATUS_OK = 0;
const STATUS_ERROR = 1;
/** Source: libvirt 9.0.0, include/libvirt/virterror.h: VIR_ERR_OPERATION_FAILED, VIR_FROM_QEMU, VIR_ERR_ERROR. */
const OPERATION_FAILED = 9;
const FROM_QEMU = 10;
const LEVEL_ERROR = 2;
const FLAGS_BYTES = 4;

/** The answer "done" to a call that was not carried out. */
export function answerAsDone(call: CutMessage, { answer }: Change): Buffer {
  // domain_create_with_flags answers with the domain that it was given in front of the flags.
  const payload = answer === 'domain' ? call.bytes.subarray(HEADER_BYTES, call.bytes.length - FLAGS_BYTES) : Buffer.alloc(0);
  return reply(call, STATUS_OK, payload);
}

/** The answer "failed" to a call that was not carried out. Source: src/rpc/virnetprotocol.x, virNetMessageError. */
export function answerAsFailed(call: CutMessage): Buffer {
  const text = Buffer.from('operation failed: the proxy says so');
  const padded = Buffer.alloc(Math.ceil(text.length / 4) * 4);
  padded.set(text);
  const nothing = 0;
  return reply(call, STATUS_ERROR, Buffer.concat([
    words(OPERATION_FAILED, FROM_QEMU, 1, text.length), padded,
    // level, domain, three texts, two numbers, network
    words(LEVEL_ERROR, nothing, nothing, nothing, nothing, 0, 0, nothing),
  ]));
}

/** Bytes that no version of the protocol knows. */
export const GARBAGE: Buffer = Buffer.from('\u0016\u0003\u0001 HTTP/1.1 418 nobody speaks this\r\n\r\n', 'latin1');

function reply(call: CutMessage, status: number, payload: Buffer): Buffer {
  return Buffer.concat([words(HEADER_BYTES + payload.length, call.program, 1, call.procedure, TYPES.reply, call.serial, status), payload]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}
