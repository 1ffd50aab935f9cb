import { asBuffer } from '../message/bytes.js';

/** How a type/length byte says that text is written. Source: IPMI 1.5, section 37.15; FRU storage definition 1.0, section 13. */
export type TextEncoding = 'unicode' | 'bcd+' | '6-bit' | '8-bit';

/** Digits of BCD+. The last three are reserved in FRU areas, and read the same. Source: IPMI 1.5, section 37.15. */
const BCD_PLUS_DIGITS = '0123456789 -.:,_';

/** Two digits in each byte, the high nibble first. */
export function decodeBcdPlus(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `${BCD_PLUS_DIGITS.charAt(byte >> 4)}${BCD_PLUS_DIGITS.charAt(byte & 0x0f)}`).join('');
}

/** Six bits for each character from the blank up, least significant first. Blanks at the end are padding and are left out. */
export function decodeSixBit(bytes: Uint8Array): string {
  const count = Math.floor((bytes.length * 8) / 6);
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const bit = index * 6;
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    text += String.fromCharCode(0x20 + ((pair >> (bit & 7)) & 0x3f));
  }
  return text.trimEnd();
}

export function decodeLatin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** UTF-16, least significant byte first; an odd byte at the end is left out. */
export function decodeUtf16(bytes: Uint8Array): string {
  return asBuffer(bytes.subarray(0, bytes.length & ~1)).toString('utf16le').toWellFormed();
}

/** Without the characters that no name or text of a device should hold: C0 and C1 controls and DEL. */
export function dropControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the controls are what is meant
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}
