import { type CallOptions, type Clock, FerricError, invalidOptions, printValue, systemClock, withDeadline } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { askFor, type ControllerTarget } from './ask.js';
import { decodeAnswer, hasBit, hexadecimal, requireBytes } from '../message/bytes.js';
import { decodeRawSdrRecord, decodeSdrRecord, isKnownSdrVersion } from './decode-record.js';
import type { SdrRecord } from './record-types.js';
import { createRecordReader, LARGEST_CHUNK, type ReadRecord, type RecordReader, RecordsMoved, type SdrSource } from './record-reader.js';
import { type DeviceSdrInfo, getDeviceSdrInfo, getSdrRepositoryInfo, type SdrRepositoryInfo } from './repository-info.js';

/** How far a reading has come. */
export interface SdrProgress {
  readonly recordsRead: number;
  /** As the BMC tells it, which may be wrong; null when it does not. */
  readonly recordCount: number | null;
}

export interface SdrReadOptions extends CallOptions, ControllerTarget {
  /** Where to read. Default: the repository, and the records of the device itself where there is no repository. */
  readonly source?: SdrSource;
  /** Bytes asked for at once, 8..255, default 32; less is used when the BMC does not give so much. */
  readonly chunkBytes?: number;
  /** Called after each record. What it throws ends the reading. */
  readonly onProgress?: (progress: SdrProgress) => void;
  readonly clock?: Clock;
  /** 0 up to 1, for the waits after a lost reservation. Default Math.random. */
  readonly random?: () => number;
}

/** What was read. */
export interface SdrRepository {
  readonly records: readonly SdrRecord[];
  readonly source: SdrSource;
  /** As it was before the reading; null when the BMC does not tell. Its `cacheKey` tells whether a stored copy still holds. */
  readonly info: SdrRepositoryInfo | DeviceSdrInfo | null;
  /** False when the walk was stopped because it went in a circle or did not end: the records are those found so far. */
  readonly complete: boolean;
  /** What was odd: records that could not be decoded (they are there, raw), other versions, a walk without end. */
  readonly warnings: readonly string[];
}

/** A walk of some hundred records over a slow bus takes a minute. */
const DEFAULT_TIMEOUT_MS = 180_000;
const FIRST_RECORD = 0x0000;
const LAST_RECORD = 0xffff;
const MAXIMUM_WALKS = 3;
/** Bound for a BMC that does not tell how many records it has. */
const MAXIMUM_UNCOUNTED_RECORDS = 4096;

/**
 * Reads all records of the BMC: the repository, or the device's own records where there is no repository.
 * Survives small answers, lost reservations, changes while reading, and lists that never end.
 * Default timeout 180000 ms. Source: IPMI 1.5, sections 27 and 29.
 * @throws FerricError UNSUPPORTED when there are neither; CONFLICT when others keep changing the repository; PROTOCOL_FAULT;
 * INVALID_OPTIONS; what the carrier throws
 */
export async function readSdrRepository(bmc: RequestCarrier, options: SdrReadOptions = {}): Promise<SdrRepository> {
  const chunkBytes = checkChunk(options.chunkBytes ?? LARGEST_CHUNK);
  const clock = options.clock ?? systemClock;
  const what = `reading the sensor data records of ${bmc.address}`;
  const settings = { what, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address: bmc.address }, clock };
  return withDeadline(options, settings, async ({ signal }) => {
    const target = { ...(options.bridge === undefined ? {} : { bridge: options.bridge }), ...(options.lun === undefined ? {} : { lun: options.lun }) };
    const { source, info } = await findSource(bmc, options.source, { ...target, signal });
    const recordCount = info === null ? null : 'recordCount' in info ? info.recordCount : null;
    const reader = createRecordReader(bmc, { ...target, source, chunkBytes, signal, clock, random: options.random ?? Math.random });
    const walk = await walkUntilStill(bmc, reader, recordCount, options.onProgress);
    return { source, info, ...walk };
  });
}

function checkChunk(chunkBytes: number): number {
  if (Number.isInteger(chunkBytes) && chunkBytes >= 8 && chunkBytes <= 255) return chunkBytes;
  throw invalidOptions('Reading sensor data records', [
    { field: 'chunkBytes', problem: 'invalid', expected: 'a whole number of bytes from 8 to 255', received: printValue(chunkBytes) },
  ]);
}

interface FoundSource {
  readonly source: SdrSource;
  readonly info: SdrRepositoryInfo | DeviceSdrInfo | null;
}

async function findSource(bmc: RequestCarrier, wanted: SdrSource | undefined, options: CallOptions & ControllerTarget): Promise<FoundSource> {
  if (wanted === 'device') return { source: 'device', info: await unlessRefused(getDeviceSdrInfo(bmc, options)) };
  try {
    return { source: 'repository', info: await getSdrRepositoryInfo(bmc, options) };
  } catch (error) {
    if (!FerricError.is(error) || !hasCompletionCode(error)) throw error;
    if (wanted === undefined && error.code === 'UNSUPPORTED' && (await hasDeviceRecords(bmc, options))) return findSource(bmc, 'device', options);
    if (error.code === 'UNSUPPORTED') throw error;
    // The repository may be readable all the same.
    return { source: 'repository', info: null };
  }
}

/** Source: IPMI 1.5, table 17-2, byte 3: bit 7 of Get Device ID. */
async function hasDeviceRecords(bmc: RequestCarrier, options: CallOptions & ControllerTarget): Promise<boolean> {
  const step = 'Get Device ID';
  const data = await askFor(bmc, step, { netFn: 0x06, command: 0x01 }, options);
  return hasBit(decodeAnswer(bmc, (bytes) => requireBytes(step, bytes, 2).readUInt8(1), data), 0x80);
}

/** True for an error that is the BMC's own answer, as opposed to no answer. */
function hasCompletionCode(error: FerricError): boolean {
  return 'completionCode' in error.details;
}

async function unlessRefused<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (FerricError.is(error) && hasCompletionCode(error)) return null;
    throw error;
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (FerricError.is(error) && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

type Walk = Pick<SdrRepository, 'records' | 'complete' | 'warnings'>;
type OnProgress = ((progress: SdrProgress) => void) | undefined;

async function walkUntilStill(bmc: RequestCarrier, reader: RecordReader, recordCount: number | null, onProgress: OnProgress): Promise<Walk> {
  for (let walk = 1; ; walk += 1) {
    try {
      return await walkRecords(reader, recordCount, onProgress);
    } catch (error) {
      if (!(error instanceof RecordsMoved)) throw error;
      if (walk < MAXIMUM_WALKS) continue;
      throw new FerricError('CONFLICT', `The sensor data records of ${bmc.address} changed ${MAXIMUM_WALKS} times while they were read`, {
        retryable: true,
        cause: error,
        details: { address: bmc.address, step: 'Get SDR' },
      });
    }
  }
}

async function walkRecords(reader: RecordReader, recordCount: number | null, onProgress: OnProgress): Promise<Walk> {
  const maximum = recordCount === null ? MAXIMUM_UNCOUNTED_RECORDS : 2 * recordCount + 16;
  const records: SdrRecord[] = [];
  const warnings: string[] = [];
  const seen = new Set<number>();
  for (let id = FIRST_RECORD; id !== LAST_RECORD;) {
    seen.add(id);
    const read = await unlessMissing(reader.read(id));
    // An empty repository has no first record.
    if (read === null && id === FIRST_RECORD) return { records, warnings, complete: true };
    if (read === null) return stopped(records, warnings, `record ${hexadecimal(id, 4)}, named as the next, does not exist`);
    records.push(decodeLeniently(id, read, warnings));
    onProgress?.({ recordsRead: records.length, recordCount });
    if (seen.has(read.nextId)) return stopped(records, warnings, `record ${hexadecimal(read.nextId, 4)} comes a second time`);
    if (records.length >= maximum && read.nextId !== LAST_RECORD) return stopped(records, warnings, `there are more than ${maximum} records`);
    id = read.nextId;
  }
  return { records, warnings, complete: true };
}

function stopped(records: readonly SdrRecord[], warnings: readonly string[], why: string): Walk {
  return { records, warnings: [...warnings, `The reading was stopped: ${why}`], complete: false };
}

/** One record that cannot be decoded is kept raw: it must not hide the others. */
function decodeLeniently(id: number, read: ReadRecord, warnings: string[]): SdrRecord {
  try {
    const record = decodeSdrRecord(read.bytes);
    if (!isKnownSdrVersion(record.sdrVersion)) warnings.push(`Record ${hexadecimal(id, 4)} has version ${hexadecimal(record.sdrVersion)} and was not decoded`);
    return record;
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    warnings.push(`Record ${hexadecimal(id, 4)}: ${error.message}`);
    return decodeRawSdrRecord(read.bytes);
  }
}
