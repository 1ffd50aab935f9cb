import { FerricError, invalidOptions, printValue } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { type AskOptions, askFor, type CommandOptions } from '../sdr/ask.js';
import { decodeAnswer, hasBit, requireBytes } from '../message/bytes.js';
import { SEL_ENTRY_LENGTH } from './entry.js';
import { decodeTimestamp, type SelTimestamp } from './timestamp.js';

export const STORAGE = 0x0a;

/** Source: IPMI 1.5, section 25.2. */
export interface SelInfo {
  /** 0x51 for IPMI 1.5 and 2.0. */
  readonly selVersion: number;
  readonly entryCount: number;
  /** 65535 stands for that many or more. */
  readonly freeBytes: number;
  readonly lastAddition: SelTimestamp;
  readonly lastErase: SelTimestamp;
  /** Events were lost because the log was full. */
  readonly overflow: boolean;
  readonly canDelete: boolean;
  readonly canReserve: boolean;
}

/** The reply to Get SEL Info, after the completion code. @throws FerricError PROTOCOL_FAULT */
export function decodeSelInfo(data: Uint8Array): SelInfo {
  const info = requireBytes('Get SEL Info', data, 14);
  const support = info.readUInt8(13);
  return {
    selVersion: info.readUInt8(0),
    entryCount: info.readUInt16LE(1),
    freeBytes: info.readUInt16LE(3),
    lastAddition: decodeTimestamp(info.readUInt32LE(5)),
    lastErase: decodeTimestamp(info.readUInt32LE(9)),
    overflow: hasBit(support, 0x80),
    canDelete: hasBit(support, 0x08),
    canReserve: hasBit(support, 0x02),
  };
}

export async function getSelInfo(bmc: RequestCarrier, options: CommandOptions = {}): Promise<SelInfo> {
  return decodeAnswer(bmc, decodeSelInfo, await askFor(bmc, 'Get SEL Info', { netFn: STORAGE, command: 0x40 }, options));
}

/** A reservation, which any change of the log cancels; 0 when the BMC has none. Source: IPMI 1.5, section 25.4. */
export async function reserveSel(bmc: RequestCarrier, options: AskOptions = {}): Promise<number> {
  try {
    return decodeRecordNumber(bmc, 'Reserve SEL', await askFor(bmc, 'Reserve SEL', { netFn: STORAGE, command: 0x42 }, options));
  } catch (error) {
    if (FerricError.is(error) && error.code === 'UNSUPPORTED') return 0;
    throw error;
  }
}

/**
 * Adds an entry of 16 bytes; the BMC gives it its number, and most their own timestamp. Never sent twice.
 * Source: IPMI 1.5, section 25.6.
 * @returns the number of the entry
 * @throws FerricError INVALID_OPTIONS for another length; what the carrier throws
 */
export async function addSelEntry(bmc: RequestCarrier, entry: Uint8Array, options: CommandOptions = {}): Promise<number> {
  if (entry.length !== SEL_ENTRY_LENGTH) {
    throw invalidOptions('SEL entry', [{ field: 'entry', problem: 'invalid', expected: `${SEL_ENTRY_LENGTH} bytes`, received: `${entry.length} bytes` }]);
  }
  const request = { netFn: STORAGE, command: 0x44, data: entry };
  return decodeRecordNumber(bmc, 'Add SEL Entry', await askFor(bmc, 'Add SEL Entry', request, { ...options, repeatable: false }));
}

/** Deletes one entry, where the BMC can. Source: IPMI 1.5, section 25.8. @throws FerricError UNSUPPORTED; NOT_FOUND; what the carrier throws */
export async function deleteSelEntry(bmc: RequestCarrier, recordId: number, options: CommandOptions = {}): Promise<void> {
  const data = Buffer.alloc(4);
  data.writeUInt16LE(await reserveSel(bmc, options), 0);
  data.writeUInt16LE(checkRange('recordId', recordId, 0, 0xffff), 2);
  await askFor(bmc, 'Delete SEL Entry', { netFn: STORAGE, command: 0x46, data }, { ...options, repeatable: false });
}

/** The BMC's clock. Source: IPMI 1.5, section 25.10. */
export async function getSelTime(bmc: RequestCarrier, options: CommandOptions = {}): Promise<SelTimestamp> {
  const step = 'Get SEL Time';
  const data = await askFor(bmc, step, { netFn: STORAGE, command: 0x48 }, options);
  return decodeTimestamp(decodeAnswer(bmc, (bytes) => requireBytes(step, bytes, 4).readUInt32LE(0), data));
}

/** Sets the BMC's clock, to the second, as UTC. Source: IPMI 1.5, section 25.11. @throws FerricError INVALID_OPTIONS; what the carrier throws */
export async function setSelTime(bmc: RequestCarrier, time: Date, options: CommandOptions = {}): Promise<void> {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(checkRange('time', Math.floor(time.getTime() / 1000), 0x20000001, 0xfffffffe), 0);
  await askFor(bmc, 'Set SEL Time', { netFn: STORAGE, command: 0x49, data }, options);
}

const UNSPECIFIED_OFFSET = 0x07ff;

/** Minutes that the BMC's clock is ahead of UTC; null when it was not told. Source: IPMI 2.0, section 31.11a. @throws FerricError UNSUPPORTED before 2.0 */
export async function getSelUtcOffset(bmc: RequestCarrier, options: CommandOptions = {}): Promise<number | null> {
  const step = 'Get SEL Time UTC Offset';
  const data = await askFor(bmc, step, { netFn: STORAGE, command: 0x5c }, options);
  const minutes = decodeAnswer(bmc, (bytes) => requireBytes(step, bytes, 2).readInt16LE(0), data);
  return minutes === UNSPECIFIED_OFFSET ? null : minutes;
}

/** Minutes from -1440 to 1440; null: not told. Source: IPMI 2.0, section 31.11b. @throws FerricError INVALID_OPTIONS; UNSUPPORTED before 2.0 */
export async function setSelUtcOffset(bmc: RequestCarrier, minutes: number | null, options: CommandOptions = {}): Promise<void> {
  const data = Buffer.alloc(2);
  data.writeInt16LE(minutes === null ? UNSPECIFIED_OFFSET : checkRange('minutes', minutes, -1440, 1440), 0);
  await askFor(bmc, 'Set SEL Time UTC Offset', { netFn: STORAGE, command: 0x5d, data }, options);
}

function decodeRecordNumber(bmc: RequestCarrier, step: string, data: Uint8Array): number {
  return decodeAnswer(bmc, (bytes) => requireBytes(step, bytes, 2).readUInt16LE(0), data);
}

function checkRange(field: string, value: number, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  const expected = `a whole number from ${lowest} to ${highest}`;
  throw invalidOptions('SEL command', [{ field, problem: 'invalid', expected, received: printValue(value) }]);
}

/** One answer to Get SEL Entry. */
export interface SelAnswer {
  /** 0xffff: there is none. */
  readonly nextId: number;
  /** Empty or short with some firmware. */
  readonly entry: Uint8Array;
}

/** The reply to Get SEL Entry, after the completion code. @throws FerricError PROTOCOL_FAULT */
export function decodeSelAnswer(data: Uint8Array): SelAnswer {
  return { nextId: requireBytes('Get SEL Entry', data, 2).readUInt16LE(0), entry: data.subarray(2) };
}
