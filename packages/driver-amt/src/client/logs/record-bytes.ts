import { FerricError } from '@ferric/core';

/** Reads the bytes of one record from its beginning. */
export interface RecordBytes {
  /** @param endian as the log has it: the event log is little-endian, the audit log big-endian */
  u16(endian: 'big' | 'little'): number;
  u32(endian: 'big' | 'little'): number;
  u8(): number;
  take(length: number): Uint8Array;
  /** A length in one byte, and so many bytes. */
  counted(): Uint8Array;
}

/**
 * @param what the record in words, for the error
 * @returns a reader whose calls throw PROTOCOL_FAULT when the record ends too early
 */
export function recordBytes(what: string, bytes: Uint8Array): RecordBytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const advance = (length: number): number => {
    const start = position;
    if (start + length > bytes.length) throw tooShort(what, bytes.length);
    position += length;
    return start;
  };
  const take = (length: number): Uint8Array => {
    const start = advance(length);
    return bytes.slice(start, start + length);
  };
  const u8 = (): number => view.getUint8(advance(1));
  return {
    u8,
    u16: (endian) => view.getUint16(advance(2), endian === 'little'),
    u32: (endian) => view.getUint32(advance(4), endian === 'little'),
    take,
    counted: () => take(u8()),
  };
}

function tooShort(what: string, length: number): FerricError {
  return new FerricError('PROTOCOL_FAULT', `${what} ends after ${length} bytes, in the middle of a field`, {
    details: { record: what, bytes: length },
  });
}

/** Seconds since 1970 as both logs have them; null for the values that stand for no time. */
export function recordTime(seconds: number): Date | null {
  return seconds === 0 || seconds === 0xffff_ffff ? null : new Date(seconds * 1000);
}
