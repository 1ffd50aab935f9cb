import { asBuffer } from '../message/bytes.js';
import { sumsToZero } from './common-header.js';
import { decodeFruFields, type FruField, type IsLatin1 } from './field.js';
import type { FruAreaFacts, FruBoardArea, FruChassisArea, FruProductArea } from './fru-types.js';

const UNIT = 8;
const MINUTE_MS = 60_000;
/** Source: FRU storage definition 1.0, section 11. */
const FIRST_MINUTE: number = Date.UTC(1996, 0, 1);
const ENGLISH: ReadonlySet<number> = new Set([0, 25]);
const ALWAYS_LATIN_1: IsLatin1 = () => true;

/** An area that is there, cut at its own length and at the end of the device. */
interface Area {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Buffer;
}

interface Decoded {
  readonly facts: Omit<FruAreaFacts, 'custom'>;
  readonly fields: readonly FruField[];
}

/** Null when not even the header of the area is there. */
function findArea(image: Uint8Array, offset: number, headerLength: number): Area | null {
  if (offset + headerLength > image.length) return null;
  const length = (image[offset + 1] ?? 0) * UNIT;
  if (length < headerLength + 1) return null;
  return { offset, length, bytes: asBuffer(image.subarray(offset, offset + length)) };
}

function decodeArea(area: Area, headerLength: number, isLatin1: IsLatin1): Decoded {
  const { offset, length, bytes } = area;
  const isWhole = bytes.length === length;
  // The last byte of the area is its checksum.
  const list = decodeFruFields(bytes.subarray(headerLength, isWhole ? length - 1 : bytes.length), isLatin1);
  const problem = (isWhole ? null : 'the area reaches beyond the end of the device') ?? fieldProblem(list);
  return { facts: { offset, length, checksumOk: isWhole && sumsToZero(bytes), hasEnd: list.hasEnd, problem }, fields: list.fields };
}

function fieldProblem(list: { readonly hasEnd: boolean; readonly isCut: boolean }): string | null {
  if (list.isCut) return 'a field reaches beyond the end of the area';
  return list.hasEnd ? null : 'the mark behind the last field is missing';
}

function textAt(fields: readonly FruField[], index: number): string | null {
  return fields[index]?.text ?? null;
}

/** English texts are Latin-1; in other languages only the fields that always are. */
function latin1By(languageCode: number, always: ReadonlySet<number>): IsLatin1 {
  return ENGLISH.has(languageCode) ? ALWAYS_LATIN_1 : (index) => always.has(index);
}

/** The chassis area at an offset; null when it does not fit into the device at all. Source: FRU storage definition 1.0, section 10. */
export function decodeChassisArea(image: Uint8Array, offset: number): FruChassisArea | null {
  const area = findArea(image, offset, 3);
  if (area === null) return null;
  const { facts, fields } = decodeArea(area, 3, ALWAYS_LATIN_1);
  const chassisType = area.bytes.readUInt8(2);
  return { ...facts, chassisType, partNumber: textAt(fields, 0), serialNumber: textAt(fields, 1), custom: fields.slice(2) };
}

/** Serial number and FRU file id. */
const BOARD_LATIN_1: ReadonlySet<number> = new Set([2, 4]);

/** The board area at an offset; null when it does not fit into the device at all. Source: FRU storage definition 1.0, section 11. */
export function decodeBoardArea(image: Uint8Array, offset: number): FruBoardArea | null {
  const area = findArea(image, offset, 6);
  if (area === null) return null;
  const languageCode = area.bytes.readUInt8(2);
  const { facts, fields } = decodeArea(area, 6, latin1By(languageCode, BOARD_LATIN_1));
  const minutes = area.bytes.readUIntLE(3, 3);
  return {
    ...facts,
    languageCode,
    manufacturedAt: minutes === 0 ? null : new Date(FIRST_MINUTE + minutes * MINUTE_MS),
    manufacturer: textAt(fields, 0),
    productName: textAt(fields, 1),
    serialNumber: textAt(fields, 2),
    partNumber: textAt(fields, 3),
    fruFileId: textAt(fields, 4),
    custom: fields.slice(5),
  };
}

/** Serial number. */
const PRODUCT_LATIN_1: ReadonlySet<number> = new Set([4]);

/** The product area at an offset; null when it does not fit into the device at all. Source: FRU storage definition 1.0, section 12. */
export function decodeProductArea(image: Uint8Array, offset: number): FruProductArea | null {
  const area = findArea(image, offset, 3);
  if (area === null) return null;
  const languageCode = area.bytes.readUInt8(2);
  const { facts, fields } = decodeArea(area, 3, latin1By(languageCode, PRODUCT_LATIN_1));
  return {
    ...facts,
    languageCode,
    manufacturer: textAt(fields, 0),
    productName: textAt(fields, 1),
    partNumber: textAt(fields, 2),
    version: textAt(fields, 3),
    serialNumber: textAt(fields, 4),
    assetTag: textAt(fields, 5),
    fruFileId: textAt(fields, 6),
    custom: fields.slice(7),
  };
}
