import { type CallOptions, FerricError } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { IpmiRequest, RequestCarrier, RequestOptions } from '../message/request.js';

/** So many bytes of a bad answer are shown. */
const SHOWN_BYTES = 32;

/** Bytes as an error shows them: `01 00 40`, cut after 32 bytes. */
function printBytes(data: Uint8Array): string {
  const shown = Array.from(data.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return data.length > SHOWN_BYTES ? `${shown} ... (${data.length} bytes)` : shown;
}

/** The error for an answer that does not say what its command promises. */
export function badAnswer(step: string, expected: string, data: Uint8Array): FerricError {
  const received = printBytes(data);
  return new FerricError('PROTOCOL_FAULT', `The answer to ${step} must be ${expected}, got ${received === '' ? 'nothing' : received}`, {
    details: { step, expected, received },
  });
}

/**
 * An answer as a Buffer over the same bytes; surplus bytes are left to the reader of the answer to ignore.
 * @param minimum bytes after the completion code that there have to be
 * @throws PROTOCOL_FAULT when there are fewer
 */
export function answerBytes(step: string, data: Uint8Array, minimum: number): Buffer {
  if (data.length < minimum) throw badAnswer(step, minimum === 1 ? 'at least 1 byte' : `at least ${minimum} bytes`, data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The bytes themselves, so that they outlive the datagram in which they came. */
export function copyBytes(data: Uint8Array, start = 0, end: number = data.length): Uint8Array {
  return Uint8Array.from(data.subarray(start, end));
}

/**
 * Sends a request that has to be carried out and reads its answer.
 * @throws as `carryOut` does; PROTOCOL_FAULT with the address in its details when the answer cannot be read.
 */
export async function ask<T>(
  bmc: RequestCarrier,
  step: string,
  request: IpmiRequest,
  decode: (data: Uint8Array) => T,
  options: RequestOptions = {},
): Promise<T> {
  const data = await carryOut(bmc, step, request, options);
  try {
    return decode(data);
  } catch (error) {
    throw withAddress(error, bmc.address);
  }
}

function withAddress(error: unknown, address: string): unknown {
  if (!FerricError.is(error) || error.code !== 'PROTOCOL_FAULT') return error;
  return new FerricError('PROTOCOL_FAULT', `${error.message}, from ${address}`, { details: { ...error.details, address }, cause: error });
}

/** What a caller may say about one request and what must not happen to it. */
export function once(options: CallOptions | undefined): RequestOptions {
  return { ...options, repeatable: false };
}
