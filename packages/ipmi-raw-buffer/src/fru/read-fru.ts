import { type CallOptions, type Clock, FerricError, invalidOptions, printValue, systemClock, withDeadline } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import type { AskOptions, ControllerTarget } from '../sdr/ask.js';
import { type FruAreaInfo, getFruAreaInfo } from './area-info.js';
import { decodeFruCommonHeader, FRU_HEADER_LENGTH, type FruCommonHeader } from './common-header.js';
import { decodeFru } from './decode-fru.js';
import { createFruReader, type FruReader, LARGEST_FRU_CHUNK } from './fru-reader.js';
import type { Fru } from './fru-types.js';
import { MAXIMUM_MULTIRECORDS, MULTIRECORD_HEADER_LENGTH } from './multirecord.js';

export interface FruReadOptions extends CallOptions, ControllerTarget {
  /** Bytes asked for at once, 8..254, default 32; less is used when the BMC does not give so much. */
  readonly chunkBytes?: number;
  readonly clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Completion codes by which controllers say that there is no such FRU device. Source: IPMI 1.5, table 5-2. */
const ABSENT: ReadonlySet<unknown> = new Set(['0xc3', '0xc9', '0xcb', '0xcc']);

/**
 * Reads and decodes a FRU device: its header, and of the rest only what is there, since devices of 64 KiB may hold 200 bytes.
 * Default timeout 60000 ms. Sources: IPMI 1.5, section 28; FRU storage definition 1.0.
 * @throws FerricError NOT_FOUND when there is no such device; INVALID_OPTIONS; what the carrier throws
 */
export async function readFru(bmc: RequestCarrier, fruDeviceId: number, options: FruReadOptions = {}): Promise<Fru> {
  return withFruReader(bmc, fruDeviceId, options, async (reader, info) => {
    await reader.read(0, FRU_HEADER_LENGTH);
    await readAreas(reader, decodeFruCommonHeader(reader.image()));
    return decodeFru(reader.image(), info.sizeBytes);
  });
}

/** Reads the whole device as it is, for what is not in the FRU format. Default timeout 60000 ms. @throws as {@link readFru} */
export async function readFruBytes(bmc: RequestCarrier, fruDeviceId: number, options: FruReadOptions = {}): Promise<Uint8Array> {
  return withFruReader(bmc, fruDeviceId, options, async (reader, info) => {
    await reader.read(0, info.sizeBytes);
    return reader.image();
  });
}

async function withFruReader<T>(
  bmc: RequestCarrier,
  fruDeviceId: number,
  options: FruReadOptions,
  work: (reader: FruReader, info: FruAreaInfo) => Promise<T>,
): Promise<T> {
  const chunkBytes = checkRange('chunkBytes', options.chunkBytes ?? LARGEST_FRU_CHUNK, 8, 254);
  checkRange('fruDeviceId', fruDeviceId, 0, 254);
  const clock = options.clock ?? systemClock;
  const details = { address: bmc.address, fruDeviceId };
  const settings = { what: `reading FRU device ${fruDeviceId} of ${bmc.address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details, clock };
  return withDeadline(options, settings, async ({ signal }) => {
    const askOptions: AskOptions = {
      signal,
      clock,
      ...(options.bridge === undefined ? {} : { bridge: options.bridge }),
      ...(options.lun === undefined ? {} : { lun: options.lun }),
    };
    const info = await getPresentInfo(bmc, fruDeviceId, askOptions);
    return work(createFruReader(bmc, fruDeviceId, info, chunkBytes, askOptions), info);
  });
}

async function getPresentInfo(bmc: RequestCarrier, fruDeviceId: number, options: AskOptions): Promise<FruAreaInfo> {
  try {
    return await getFruAreaInfo(bmc, fruDeviceId, options);
  } catch (error) {
    if (!FerricError.is(error) || !ABSENT.has(error.details['completionCode'])) throw error;
    throw new FerricError('NOT_FOUND', `There is no FRU device ${fruDeviceId} at ${bmc.address}`, {
      cause: error,
      details: { ...error.details, fruDeviceId },
    });
  }
}

async function readAreas(reader: FruReader, header: FruCommonHeader): Promise<void> {
  for (const offset of [header.chassis, header.board, header.product]) {
    if (offset === null) continue;
    await reader.read(offset, offset + 2);
    await reader.read(offset + 2, offset + (reader.image()[offset + 1] ?? 0) * 8);
  }
  if (header.multirecord !== null) await readMultirecords(reader, header.multirecord);
}

async function readMultirecords(reader: FruReader, start: number): Promise<void> {
  let offset = start;
  for (let count = 0; count <= MAXIMUM_MULTIRECORDS; count += 1) {
    const data = offset + MULTIRECORD_HEADER_LENGTH;
    await reader.read(offset, data);
    const [, flags = 0x80, length = 0] = reader.image().subarray(offset);
    await reader.read(data, data + length);
    if ((flags & 0x80) !== 0 || reader.image().length < data + length) return;
    offset = data + length;
  }
}

function checkRange(field: string, value: number, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  const expected = `a whole number from ${lowest} to ${highest}`;
  throw invalidOptions('Reading a FRU device', [{ field, problem: 'invalid', expected, received: printValue(value) }]);
}
