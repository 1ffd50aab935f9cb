import {
  decodeFru, decodeFruAreaInfo, decodeFruCommonHeader, decodeFruFields,
} from '../src/fru/index.js';
import {
  decodeBcdPlus, decodeDeviceSdrInfo, decodeLatin1, decodeRawSdrRecord, decodeReadingFactors, decodeSdrHeader, decodeSdrName, decodeSdrRecord,
  decodeSdrRepositoryInfo, decodeSixBit, decodeUtf16, indexSensors, isSensorRecord, listSensors,
} from '../src/sdr/index.js';
import { decodeSelAnswer, decodeSelEntry, decodeSelInfo, describeSelEntry } from '../src/sel/index.js';
import {
  assertedStates, convertReading, decodeReadingFactorsReport, decodeSensorEventEnable, decodeSensorHysteresis, decodeSensorReading,
  decodeSensorThresholds, decodeSensorType, recordConversion, recordLimits, recordThresholds, unitText,
} from '../src/sensors/index.js';

/** A decoder: any bytes give a value or a FerricError. */
export interface FuzzedDecoder {
  readonly name: string;
  decode(bytes: Uint8Array): unknown;
}

/** Everything that is derived from a sensor record, for every raw reading that the first bytes name. */
function deriveFromRecord(bytes: Uint8Array): unknown {
  const record = decodeSdrRecord(bytes);
  if (!isSensorRecord(record)) return record;
  const sensors = listSensors([record]);
  if (record.kind !== 'full') return sensors;
  const conversion = recordConversion(record);
  const values = conversion === null ? [] : Array.from(bytes.subarray(0, 8), (raw) => convertReading(raw, conversion));
  return [sensors, values, recordLimits(record), recordThresholds(record), unitText(record.units), assertedStates(record, record.readingMask)];
}

/** The first 16 bytes are an entry, the rest the record of its sensor. */
function describeWithRecord(bytes: Uint8Array): unknown {
  const entry = decodeSelEntry(bytes);
  if (entry.kind !== 'system-event' || bytes.length < 32) return describeSelEntry(entry);
  const record = Uint8Array.from(bytes.subarray(16));
  record.set([0x51, 0x01], 2);
  record[4] = Math.min(record.length - 5, 0xff);
  record.set([entry.generator.ownerId, entry.generator.lun, entry.sensorNumber], 5);
  return describeSelEntry(entry, indexSensors([decodeSdrRecord(record)]));
}

/** The decoders of the rooms sdr, sensors, sel and fru. */
export const RECORD_DECODERS: readonly FuzzedDecoder[] = [
  { name: 'BCD+', decode: decodeBcdPlus },
  { name: '6-bit', decode: decodeSixBit },
  { name: 'Latin-1', decode: decodeLatin1 },
  { name: 'UTF-16', decode: decodeUtf16 },
  { name: 'SDR header', decode: decodeSdrHeader },
  { name: 'SDR name', decode: (bytes) => decodeSdrName(bytes, 0) },
  { name: 'SDR record', decode: decodeSdrRecord },
  { name: 'SDR record, raw', decode: decodeRawSdrRecord },
  { name: 'SDR record, what is derived', decode: deriveFromRecord },
  { name: 'SDR repository info', decode: decodeSdrRepositoryInfo },
  { name: 'device SDR info', decode: decodeDeviceSdrInfo },
  { name: 'reading factors', decode: decodeReadingFactors },
  { name: 'sensor reading', decode: decodeSensorReading },
  { name: 'sensor thresholds', decode: decodeSensorThresholds },
  { name: 'sensor hysteresis', decode: decodeSensorHysteresis },
  { name: 'sensor type', decode: decodeSensorType },
  { name: 'sensor event enable', decode: decodeSensorEventEnable },
  { name: 'sensor reading factors', decode: decodeReadingFactorsReport },
  { name: 'SEL info', decode: decodeSelInfo },
  { name: 'SEL answer', decode: decodeSelAnswer },
  { name: 'SEL entry', decode: decodeSelEntry },
  { name: 'SEL entry in words', decode: describeWithRecord },
  { name: 'FRU area info', decode: decodeFruAreaInfo },
  { name: 'FRU header', decode: decodeFruCommonHeader },
  { name: 'FRU fields', decode: (bytes) => decodeFruFields(bytes, (index) => index % 2 === 0) },
  { name: 'FRU device', decode: decodeFru },
];
