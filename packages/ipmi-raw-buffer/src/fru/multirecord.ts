import { asBuffer, copyBytes, hasBit } from '../message/bytes.js';
import { sumsToZero } from './common-header.js';
import type { FruMultirecord } from './fru-types.js';

export const MULTIRECORD_HEADER_LENGTH = 5;

/** More records than any device has: each takes at least five bytes of at most 64 KiB, and a list should end long before. */
export const MAXIMUM_MULTIRECORDS = 256;

/** Source: FRU storage definition 1.0, table 16-2. */
const TYPES: Readonly<Record<number, string>> = {
  0x00: 'power supply information',
  0x01: 'DC output',
  0x02: 'DC load',
  0x03: 'management access',
  0x04: 'base compatibility',
  0x05: 'extended compatibility',
  0x09: 'extended DC output',
  0x0a: 'extended DC load',
};
const FIRST_VENDOR_TYPE = 0xc0;

function multirecordTypeName(recordType: number): string {
  return TYPES[recordType] ?? (recordType >= FIRST_VENDOR_TYPE ? 'vendor record' : `record type ${recordType}`);
}

export interface FruMultirecordList {
  readonly records: readonly FruMultirecord[];
  /** What ended the list early; null when nothing did. */
  readonly problem: string | null;
}

/**
 * The records of the multirecord area. A header whose checksum is wrong ends the list, since its length cannot be
 * believed; wrong data do not. Source: FRU storage definition 1.0, section 16.
 */
export function decodeMultirecords(image: Uint8Array, start: number): FruMultirecordList {
  const records: FruMultirecord[] = [];
  let offset = start;
  while (records.length < MAXIMUM_MULTIRECORDS) {
    const record = decodeMultirecord(image, offset);
    if (record === null) return { records, problem: 'a multirecord reaches beyond the end of the device' };
    records.push(record);
    if (!record.headerChecksumOk) return { records, problem: 'the checksum of a multirecord header is wrong' };
    if (record.isLast) return { records, problem: null };
    offset += MULTIRECORD_HEADER_LENGTH + record.data.length;
  }
  return { records, problem: `there are more than ${MAXIMUM_MULTIRECORDS} multirecords` };
}

function decodeMultirecord(image: Uint8Array, offset: number): FruMultirecord | null {
  const start = offset + MULTIRECORD_HEADER_LENGTH;
  if (start > image.length) return null;
  const header = asBuffer(image.subarray(offset, start));
  const end = start + header.readUInt8(2);
  if (end > image.length) return null;
  const recordType = header.readUInt8(0);
  const data = copyBytes(image, start, end);
  return {
    offset,
    recordType,
    typeName: multirecordTypeName(recordType),
    format: header.readUInt8(1) & 0x0f,
    isLast: hasBit(header.readUInt8(1), 0x80),
    headerChecksumOk: sumsToZero(header),
    dataChecksumOk: sumsToZero(Uint8Array.of(header.readUInt8(3), ...data)),
    manufacturerId: recordType >= FIRST_VENDOR_TYPE && data.length >= 3 ? asBuffer(data).readUIntLE(0, 3) : null,
    data,
  };
}
