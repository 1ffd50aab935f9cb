import { FerricError } from '@ferric/core';
import { protocolFault } from './protocol-fault.js';
import type { RequestCarrier } from './request.js';

/** The same memory as a Buffer, for its readers of integers. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A copy that the caller's later changes do not reach. */
export function copyBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** `0x2c`: at least two digits. */
export function hexadecimal(value: number, digits = 2): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

export function hexadecimalText(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

/** True when all of the bits of the mask are set. */
export function hasBit(value: number, mask: number): boolean {
  return (value & mask) === mask;
}

/** The number that a field of so many bits holds in two's complement. */
export function signed(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** @throws FerricError PROTOCOL_FAULT when there are fewer bytes; more are ignored. */
export function requireBytes(step: string, bytes: Uint8Array, minimum: number): Buffer {
  if (bytes.length < minimum) throw protocolFault(step, minimum === 1 ? 'at least 1 byte' : `at least ${minimum} bytes`, bytes);
  return asBuffer(bytes);
}

/** Decodes what a controller answered; an error then names the controller too. */
export function decodeAnswer<T>(bmc: Pick<RequestCarrier, 'address'>, decode: (data: Uint8Array) => T, data: Uint8Array): T {
  try {
    return decode(data);
  } catch (error) {
    if (!FerricError.is(error) || error.code !== 'PROTOCOL_FAULT') throw error;
    throw new FerricError('PROTOCOL_FAULT', `${bmc.address}: ${error.message}`, { cause: error, details: { address: bmc.address, ...error.details } });
  }
}
