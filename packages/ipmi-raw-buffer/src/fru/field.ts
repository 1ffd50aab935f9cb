import { hexadecimalText } from '../message/bytes.js';
import { decodeBcdPlus, decodeLatin1, decodeSixBit, decodeUtf16, dropControls } from '../sdr/text.js';

/** What a field of an area holds. */
export interface FruField {
  readonly encoding: 'binary' | 'bcd+' | '6-bit' | 'latin-1' | 'utf-16';
  /** Without padding at the end; hexadecimal digits for a binary field. */
  readonly text: string;
}

/** The fields of an area, and how the list ended. */
export interface FruFieldList {
  readonly fields: readonly FruField[];
  /** False when the mark of the end is missing. */
  readonly hasEnd: boolean;
  /** True when a field reaches beyond the end of the area; it and what follows are left out. */
  readonly isCut: boolean;
}

const END_OF_FIELDS = 0xc1;

/** Whether text of type 3 is Latin-1: the language is English, or the field is always Latin-1. Source: FRU storage definition 1.0, section 13. */
export type IsLatin1 = (fieldIndex: number) => boolean;

/**
 * The type/length fields of an area, from the first to the mark of the end.
 * @param bytes the fields, without the checksum of the area
 */
export function decodeFruFields(bytes: Uint8Array, isLatin1: IsLatin1): FruFieldList {
  const fields: FruField[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const typeAndLength = bytes[offset] ?? END_OF_FIELDS;
    if (typeAndLength === END_OF_FIELDS) return { fields, hasEnd: true, isCut: false };
    const start = offset + 1;
    const end = start + (typeAndLength & 0x3f);
    if (end > bytes.length) return { fields, hasEnd: false, isCut: true };
    fields.push(decodeFruField(typeAndLength >> 6, bytes.subarray(start, end), isLatin1(fields.length)));
    offset = end;
  }
  return { fields, hasEnd: false, isCut: false };
}

function decodeFruField(type: number, bytes: Uint8Array, isLatin1: boolean): FruField {
  if (type === 0) return { encoding: 'binary', text: hexadecimalText(bytes) };
  if (type === 1) return { encoding: 'bcd+', text: decodeBcdPlus(bytes).trimEnd() };
  if (type === 2) return { encoding: '6-bit', text: decodeSixBit(bytes) };
  if (isLatin1) return { encoding: 'latin-1', text: dropControls(decodeLatin1(withoutPadding(bytes))).trimEnd() };
  return { encoding: 'utf-16', text: dropControls(decodeUtf16(bytes)).trimEnd() };
}

/** Without the bytes that some vendors fill a field up with: 0x00, blanks, 0xff and 0xfe. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  const isPadding = (byte: number | undefined): boolean => byte === 0x00 || byte === 0x20 || byte === 0xff || byte === 0xfe;
  let end = bytes.length;
  while (end > 0 && isPadding(bytes[end - 1])) end -= 1;
  return bytes.subarray(0, end);
}
