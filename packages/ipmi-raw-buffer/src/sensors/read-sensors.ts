import { type CallOptions, type Clock, FerricError, systemClock, withDeadline } from '@ferric/core';
import { explainCompletionCode } from '../message/completion-codes.js';
import type { BridgeHop, IpmiRequest, RequestCarrier } from '../message/request.js';
import { ask, type AskOptions } from '../sdr/ask.js';
import { hexadecimal } from '../message/bytes.js';
import { listSensors, type Sensor } from '../sdr/list-sensors.js';
import type { FullSensorRecord, SdrRecord } from '../sdr/record-types.js';
import { type Conversion, convertReading } from './conversion.js';
import { LINEAR } from './linearization.js';
import { convertThresholds, isInverse, isNonLinear, recordConversion, recordThresholds, type SensorThresholds } from './record-values.js';
import {
  decodeReadingFactorsReport, decodeSensorReading, decodeSensorThresholds, type RawSensorReading, type ReadableThresholds,
} from './sensor-commands.js';
import { type CachedSensor, createSensorCache, type SensorCache } from './sensor-cache.js';
import { BMC_ADDRESS, createFailureLedger, type FailureLedger, routeTo, type SensorRoute } from './sensor-route.js';
import { readValue, type SensorValue, type Unavailability, unreadValue } from './sensor-value.js';
import { THRESHOLD_TYPE } from './states.js';

export interface SensorReadOptions extends CallOptions {
  /** Which sensors to read. Default all that can be read. */
  readonly select?: (sensor: Sensor) => boolean;
  /**
   * Where thresholds come from. `device` (default): asked until the controller tells, or says that it does not, and kept in the
   * cache, the record's copy where it has not told; `record`: that copy; `none`.
   */
  readonly thresholds?: 'device' | 'record' | 'none';
  /** Keeps thresholds and factors from one reading to the next. Default: for this reading only. */
  readonly cache?: SensorCache;
  /** Believe readings of sensors that are not scanned: some firmware clears that bit wrongly. Default false. */
  readonly ignoreScanningBit?: boolean;
  /** 8-bit address of the controller that is asked without a bridge. Default 0x20. */
  readonly ownAddress?: number;
  /** The way to that controller, when it is behind a BMC itself. Default none. */
  readonly bridge?: readonly BridgeHop[];
  /** Time for one request to another controller than that. Milliseconds, default 5000. */
  readonly bridgedTimeoutMs?: number;
  readonly clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_BRIDGED_TIMEOUT_MS = 5000;
/** Record not present, invalid data field, illegal for this sensor: the sensor is not there now. Source: IPMI 1.5, table 5-2. */
const ABSENT: ReadonlySet<number> = new Set([0xcb, 0xcc, 0xcd]);
/** Those, invalid command and insufficient privilege: the answer to the next request will be the same. Source: IPMI 1.5, table 5-2. */
const LASTING: ReadonlySet<number> = new Set([...ABSENT, 0xc1, 0xd4]);

/** What one reading of all sensors goes on. */
interface Reading {
  readonly bmc: RequestCarrier;
  readonly options: SensorReadOptions;
  readonly cache: SensorCache;
  readonly ledger: FailureLedger;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** A sensor, the way to it, and what is kept of it. */
interface Subject {
  readonly sensor: Sensor;
  readonly route: SensorRoute;
  readonly kept: CachedSensor;
}

/**
 * Reads the sensors that the records name, one after the other: one value for each, in their order, those of shared records
 * too; sensors that only send events are left out. A sensor that cannot be read has `value: null` and says why.
 * Default timeout 120000 ms. Source: IPMI 1.5, sections 29.5, 29.9, 29.14 and 36.
 * @throws FerricError UNREACHABLE, AUTH_FAILED, TIMEOUT, ... when the BMC itself does not answer any more; the caller's own reason
 */
export async function readSensors(bmc: RequestCarrier, records: readonly SdrRecord[], options: SensorReadOptions = {}): Promise<readonly SensorValue[]> {
  const clock = options.clock ?? systemClock;
  const settings = { what: `reading the sensors of ${bmc.address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address: bmc.address }, clock };
  return withDeadline(options, settings, async ({ signal }) => {
    const reading: Reading = { bmc, options, cache: options.cache ?? createSensorCache(), ledger: createFailureLedger(signal), signal, clock };
    const values: SensorValue[] = [];
    for (const sensor of listSensors(records)) {
      if (sensor.record.kind === 'event-only' || options.select?.(sensor) === false) continue;
      values.push(await readSensor(reading, sensor));
    }
    return values;
  });
}

async function readSensor(reading: Reading, sensor: Sensor): Promise<SensorValue> {
  const route = routeTo(sensor, reading.options.ownAddress ?? BMC_ADDRESS, reading.options.bridge ?? []);
  if (route === null) return unreadValue(sensor, { reason: 'software', text: 'the sensor belongs to a program' });
  if (reading.ledger.isSilent(route)) return unreadValue(sensor, { reason: 'unreachable', text: 'its controller does not answer' });
  const subject = { sensor, route, kept: reading.cache.of(sensor) };
  try {
    const raw = await takeReading(reading, subject);
    const thresholds = await takeThresholds(reading, subject);
    if ('reason' in raw) return unreadValue(sensor, raw, thresholds);
    return readValue(sensor, raw, await convert(reading, subject, raw.raw), thresholds);
  } catch (error) {
    return unreadValue(sensor, { reason: 'unreachable', text: reading.ledger.failed(route, error).message });
  }
}

/** How a request of this reading is sent to the sensor's owner. */
function askOptions({ options, signal, clock }: Reading, { bridged, owner: _owner, ...target }: SensorRoute): AskOptions {
  const timeoutMs = bridged ? (options.bridgedTimeoutMs ?? DEFAULT_BRIDGED_TIMEOUT_MS) : undefined;
  return { ...target, signal, clock, timeoutMs };
}

async function takeReading(reading: Reading, { sensor, route }: Subject): Promise<RawSensorReading | Unavailability> {
  const request = { netFn: 0x04, command: 0x2d, data: Uint8Array.of(sensor.sensorNumber) };
  const { completionCode, data } = await ask(reading.bmc, 'Get Sensor Reading', request, askOptions(reading, route));
  reading.ledger.answered(route);
  if (completionCode !== 0) {
    const text = `${explainCompletionCode(request, completionCode).text} (completion code ${hexadecimal(completionCode)})`;
    return { reason: ABSENT.has(completionCode) ? 'absent' : 'refused', text };
  }
  const raw = orNull(() => decodeSensorReading(data));
  if (raw === null) return { reason: 'refused', text: `the controller gave ${data.length} bytes, too few for a reading` };
  if (raw.unavailable) return { reason: 'reading-unavailable', text: 'the controller has no reading now' };
  if (!raw.scanningEnabled && reading.options.ignoreScanningBit !== true) {
    return { reason: 'scanning-disabled', text: 'the controller does not scan the sensor' };
  }
  return raw;
}

async function takeThresholds(reading: Reading, subject: Subject): Promise<SensorThresholds> {
  const { record } = subject.sensor;
  const source = reading.options.thresholds ?? 'device';
  if (source === 'none' || record.kind !== 'full' || record.eventReadingType !== THRESHOLD_TYPE) return {};
  const access = record.capabilities.thresholdAccess;
  if (access === 'none') return {};
  const asked = source === 'device' && access !== 'fixed' ? await askThresholds(reading, subject) : null;
  const raw = asked ?? recordThresholds(record);
  const values = new Map<number, number | null>();
  for (const rawValue of new Set(Object.values(raw))) values.set(rawValue, await convert(reading, subject, rawValue));
  return convertThresholds(raw, isInverse(record), (rawValue) => values.get(rawValue) ?? null);
}

/** Null when the controller does not tell. */
async function askThresholds(reading: Reading, { sensor, route, kept }: Subject): Promise<ReadableThresholds | null> {
  if (kept.thresholds !== undefined) return kept.thresholds;
  const request = { netFn: 0x04, command: 0x27, data: Uint8Array.of(sensor.sensorNumber) };
  const told = await askOptional(reading, route, 'Get Sensor Thresholds', request, decodeSensorThresholds);
  if (told !== undefined) kept.thresholds = told;
  return told ?? null;
}

/**
 * Asks for what a reading can do without. Null when the controller does not tell, now and later; undefined when it may tell the next time:
 * it was busy, or did not answer, this request or those before it.
 */
async function askOptional<T>(
  reading: Reading,
  route: SensorRoute,
  step: string,
  request: IpmiRequest,
  decode: (data: Uint8Array) => T,
): Promise<T | null | undefined> {
  // Kept apart from the account of readings: some firmware answers those and never these.
  const account = { ...route, bridged: true, owner: `${route.owner} ${step}` };
  if (reading.ledger.isSilent(account)) return undefined;
  try {
    const { completionCode, data } = await ask(reading.bmc, step, request, askOptions(reading, route));
    reading.ledger.answered(account);
    if (completionCode === 0) return orNull(() => decode(data));
    return LASTING.has(completionCode) ? null : undefined;
  } catch (error) {
    reading.ledger.failed(account, error);
    return undefined;
  }
}

async function convert(reading: Reading, subject: Subject, raw: number): Promise<number | null> {
  const { record } = subject.sensor;
  if (record.kind !== 'full') return null;
  const conversion = isNonLinear(record) ? await askConversion(reading, subject, record, raw) : recordConversion(record);
  return conversion === null ? null : convertReading(raw, conversion);
}

/** Null when the controller does not tell the factors for this reading. */
async function askConversion(reading: Reading, subject: Subject, record: FullSensorRecord, raw: number): Promise<Conversion | null> {
  const { kept, route, sensor } = subject;
  let factors = kept.factors.get(raw);
  if (factors === undefined) {
    const request = { netFn: 0x04, command: 0x23, data: Uint8Array.of(sensor.sensorNumber, raw) };
    factors = await askOptional(reading, route, 'Get Sensor Reading Factors', request, (data) => decodeReadingFactorsReport(data).factors);
    if (factors !== undefined) kept.factors.set(raw, factors);
  }
  return factors === null || factors === undefined ? null : { rawFormat: record.units.rawFormat, linearization: LINEAR, factors };
}

/** An answer that makes no sense tells nothing. */
function orNull<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (FerricError.is(error)) return null;
    throw error;
  }
}
