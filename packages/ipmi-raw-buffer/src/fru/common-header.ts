import { asBuffer, requireBytes } from '../message/bytes.js';

/** Source: FRU storage definition 1.0, section 8. */
export const FRU_HEADER_LENGTH = 8;

/** Offsets in bytes; null: there is no such area. */
export interface FruCommonHeader {
  readonly format: 'ipmi' | 'blank' | 'unknown';
  readonly checksumOk: boolean;
  readonly internalUse: number | null;
  readonly chassis: number | null;
  readonly board: number | null;
  readonly product: number | null;
  readonly multirecord: number | null;
}

const UNIT = 8;
const FORMAT_VERSION = 1;

/** True when the bytes sum to zero. Source: FRU storage definition 1.0, section 8. */
export function sumsToZero(bytes: Uint8Array): boolean {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return (sum & 0xff) === 0;
}

/** The eight bytes that every FRU begins with. A wrong checksum is told, not refused. @throws FerricError PROTOCOL_FAULT for fewer bytes */
export function decodeFruCommonHeader(bytes: Uint8Array): FruCommonHeader {
  requireBytes('FRU common header', bytes, FRU_HEADER_LENGTH);
  const header = asBuffer(bytes.subarray(0, FRU_HEADER_LENGTH));
  const version = header.readUInt8(0);
  if ((version & 0x0f) !== FORMAT_VERSION) {
    const format = version === 0xff || version === 0x00 ? 'blank' : 'unknown';
    return { format, checksumOk: false, internalUse: null, chassis: null, board: null, product: null, multirecord: null };
  }
  const offset = (index: number): number | null => (header[index] === 0 ? null : header.readUInt8(index) * UNIT);
  return {
    format: 'ipmi',
    checksumOk: sumsToZero(header),
    internalUse: offset(1),
    chassis: offset(2),
    board: offset(3),
    product: offset(4),
    multirecord: offset(5),
  };
}
