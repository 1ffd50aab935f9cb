import { decodeBcdPlus, decodeLatin1, decodeSixBit, decodeUtf16, dropControls, type TextEncoding } from './text.js';

/** The name that a record carries, as it was written there. */
export interface SdrName {
  /** Without control characters; blanks at the end are kept, since numbers are appended to the names of shared records. May be empty. */
  readonly name: string;
  readonly nameEncoding: TextEncoding;
}

const ENCODINGS: readonly { readonly encoding: TextEncoding; readonly decode: (bytes: Uint8Array) => string }[] = [
  { encoding: 'unicode', decode: decodeUtf16 },
  { encoding: 'bcd+', decode: decodeBcdPlus },
  { encoding: '6-bit', decode: decodeSixBit },
  { encoding: '8-bit', decode: decodeLatin1 },
];

/**
 * The type/length byte at `offset` of a whole record and the name behind it. The length is taken as bytes, as firmware and
 * tools do, and never beyond the end of the record; a record that ends before the byte has an empty name.
 * Source: IPMI 1.5, section 37.15.
 */
export function decodeSdrName(record: Uint8Array, offset: number): SdrName {
  const typeAndLength = record[offset] ?? 0xc0;
  const length = typeAndLength & 0x1f;
  const { encoding, decode } = ENCODINGS[typeAndLength >> 6] ?? { encoding: '8-bit', decode: decodeLatin1 };
  return { name: dropControls(decode(record.subarray(offset + 1, offset + 1 + length))), nameEncoding: encoding };
}
