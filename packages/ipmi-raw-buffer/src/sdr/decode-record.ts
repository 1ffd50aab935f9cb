import { protocolFault } from '../message/protocol-fault.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import {
  decodeDeviceRelativeAssociation, decodeEntityAssociation, decodeFruDeviceLocator, decodeGenericDeviceLocator, decodeMcDeviceLocator, decodeOemRecord,
} from './locator-records.js';
import type { RawSdrRecord, SdrHeader, SdrRecord } from './record-types.js';
import { decodeCompactSensor, decodeEventOnlySensor, decodeFullSensor } from './sensor-records.js';

/** Bytes before the body of a record. Source: IPMI 1.5, section 37. */
export const SDR_HEADER_LENGTH = 5;

/** The version of records that is decoded: that of IPMI 1.5, which 2.0 kept. Source: IPMI 1.5, table 37-1, byte 3. */
const KNOWN_VERSION = 0x51;

/** Source: IPMI 1.5, table 37 and the sections of the types. */
const DECODERS: Readonly<Record<number, (header: SdrHeader, record: Uint8Array) => SdrRecord>> = {
  0x01: decodeFullSensor,
  0x02: decodeCompactSensor,
  0x03: decodeEventOnlySensor,
  0x08: decodeEntityAssociation,
  0x09: decodeDeviceRelativeAssociation,
  0x10: decodeGenericDeviceLocator,
  0x11: decodeFruDeviceLocator,
  0x12: decodeMcDeviceLocator,
  0xc0: decodeOemRecord,
};

/** The first five bytes of a record. @throws FerricError PROTOCOL_FAULT */
export function decodeSdrHeader(bytes: Uint8Array): SdrHeader {
  const header = requireBytes('Sensor data record header', bytes, SDR_HEADER_LENGTH);
  return { recordId: header.readUInt16LE(0), sdrVersion: header.readUInt8(2), recordType: header.readUInt8(3), bodyLength: header.readUInt8(4) };
}

/** Whether records of this version are decoded; others are kept raw. */
export function isKnownSdrVersion(sdrVersion: number): boolean {
  return sdrVersion === KNOWN_VERSION;
}

/** The record as it came, undecoded. @throws FerricError PROTOCOL_FAULT when there is less than the header tells */
export function decodeRawSdrRecord(bytes: Uint8Array): RawSdrRecord {
  const header = decodeSdrHeader(bytes);
  const end = SDR_HEADER_LENGTH + header.bodyLength;
  if (bytes.length < end) throw protocolFault('Sensor data record', `${end} bytes as its header tells`, bytes);
  return { ...header, kind: 'other', data: copyBytes(bytes, SDR_HEADER_LENGTH, end) };
}

/**
 * A whole record, header and body. Bytes behind the length that the header tells are ignored; records of other types and
 * other versions are kept raw. Source: IPMI 1.5, section 37.
 * @throws FerricError PROTOCOL_FAULT when there is less than the header tells, or less than the type needs
 */
export function decodeSdrRecord(bytes: Uint8Array): SdrRecord {
  const raw = decodeRawSdrRecord(bytes);
  const decode = isKnownSdrVersion(raw.sdrVersion) ? DECODERS[raw.recordType] : undefined;
  if (decode === undefined) return raw;
  const { kind: _kind, data: _data, ...header } = raw;
  return decode(header, bytes.subarray(0, SDR_HEADER_LENGTH + header.bodyLength));
}
