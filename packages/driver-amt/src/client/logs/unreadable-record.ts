import { errorCode, FerricError } from '@ferric/core';

/** A record of a log of which the bytes are not as documented. */
export interface UnreadableRecord {
  readonly at: null;
  /** What is known of it, and why that is all. */
  readonly message: string;
  /** The whole record. */
  readonly raw: Uint8Array;
}

/** Makes a decoder keep what it cannot read: one such record must not hide all others. */
export function orUnreadable<T>(decode: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T | UnreadableRecord {
  return (bytes) => {
    try {
      return decode(bytes);
    } catch (error) {
      if (!FerricError.is(error) || errorCode(error) !== 'PROTOCOL_FAULT') throw error;
      return { at: null, message: error.message, raw: bytes };
    }
  };
}
