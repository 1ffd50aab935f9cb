import { type Clock, delay, FerricError } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import { protocolFault } from '../message/protocol-fault.js';
import type { RequestCarrier } from '../message/request.js';
import { ask, type AskOptions, type ControllerTarget } from './ask.js';
import { decodeAnswer, requireBytes } from '../message/bytes.js';
import { decodeSdrHeader, SDR_HEADER_LENGTH } from './decode-record.js';

/** The commands of the two places where records are kept. Sources: IPMI 1.5, sections 27 and 29. */
export const SDR_SOURCES = {
  repository: { netFn: 0x0a, reserve: 0x22, get: 0x23, what: 'SDR' },
  device: { netFn: 0x04, reserve: 0x22, get: 0x21, what: 'Device SDR' },
} as const;
export type SdrSource = keyof typeof SDR_SOURCES;

/** Most that any BMC answers to at once in practice: what OpenIPMI's answers. */
export const LARGEST_CHUNK = 32;
const SMALLEST_CHUNK = 8;
const MAXIMUM_RESTARTS = 5;
const LONGEST_RESTART_DELAY_MS = 500;
const RESERVATION_LOST = 0xc5;
/** A smaller piece may do: length invalid, length limit, cannot return so many, unspecified. Source: IPMI 1.5, table 5-2. */
const ASK_FOR_LESS: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xca, 0xff]);
/** No reservations here: 0 is used. Invalid command, invalid for this unit. */
const NO_RESERVATION: ReadonlySet<number> = new Set([0xc1, 0xc2]);

export interface RecordReaderSettings extends ControllerTarget {
  readonly source: SdrSource;
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** 0 up to 1. */
  readonly random: () => number;
}

/** A whole record and where the next one is. */
export interface ReadRecord {
  readonly bytes: Uint8Array;
  readonly nextId: number;
}

/** The record was replaced while it was read: its id now means another one. */
export class RecordsMoved extends Error {}

class ReservationLost extends Error {}

/** Reads records one after the other, with one reservation and one size of pieces for all of them. */
export interface RecordReader {
  /** @throws RecordsMoved when the repository was changed so that the walk has to begin again; FerricError */
  read(recordId: number): Promise<ReadRecord>;
}

export function createRecordReader(bmc: RequestCarrier, settings: RecordReaderSettings): RecordReader {
  const commands = SDR_SOURCES[settings.source];
  const step = `Get ${commands.what}`;
  const options: AskOptions = settings;
  let reservation: number | null = null;
  let chunk = settings.chunkBytes;

  async function reserve(): Promise<number> {
    const what = `Reserve ${commands.what} Repository`;
    const request = { netFn: commands.netFn, command: commands.reserve };
    const { completionCode, data } = await ask(bmc, what, request, options);
    if (NO_RESERVATION.has(completionCode)) return 0;
    if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, what);
    return decodeAnswer(bmc, (bytes) => requireBytes(what, bytes, 2).readUInt16LE(0), data);
  }

  /** One piece of a record; shorter than asked when the BMC likes. */
  async function readPiece(recordId: number, offset: number, left: number): Promise<{ readonly data: Uint8Array; readonly nextId: number }> {
    for (;;) {
      const count = Math.min(chunk, left);
      const body = Buffer.alloc(6);
      body.writeUInt16LE(reservation ?? 0, 0);
      body.writeUInt16LE(recordId, 2);
      body.writeUInt8(offset, 4);
      body.writeUInt8(count, 5);
      const request = { netFn: commands.netFn, command: commands.get, data: body };
      const { completionCode, data } = await ask(bmc, step, request, options);
      if (completionCode === RESERVATION_LOST) throw new ReservationLost();
      if (ASK_FOR_LESS.has(completionCode) && count > SMALLEST_CHUNK) {
        chunk = Math.max(SMALLEST_CHUNK, count >> 1);
        continue;
      }
      if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, step);
      return decodeAnswer(bmc, (bytes) => pieceOf(step, bytes, count), data);
    }
  }

  async function readWhole(recordId: number, expectedHeader: Uint8Array | null, noteHeader: (header: Uint8Array) => void): Promise<ReadRecord> {
    const first = await readHeader(recordId);
    noteHeader(first.data);
    if (expectedHeader !== null && !Buffer.from(expectedHeader).equals(first.data)) throw new RecordsMoved();
    const total = SDR_HEADER_LENGTH + decodeSdrHeader(first.data).bodyLength;
    const bytes = Buffer.alloc(total);
    bytes.set(first.data);
    for (let length = SDR_HEADER_LENGTH; length < total;) {
      const piece = await readPiece(recordId, length, total - length);
      bytes.set(piece.data, length);
      length += piece.data.length;
    }
    return { bytes, nextId: first.nextId };
  }

  /** Five bytes; a BMC that gives fewer is asked for the rest. */
  async function readHeader(recordId: number): Promise<{ readonly data: Uint8Array; readonly nextId: number }> {
    const first = await readPiece(recordId, 0, SDR_HEADER_LENGTH);
    let data = first.data;
    while (data.length < SDR_HEADER_LENGTH) {
      const more = await readPiece(recordId, data.length, SDR_HEADER_LENGTH - data.length);
      data = Buffer.concat([data, more.data]);
    }
    return { data, nextId: first.nextId };
  }

  return {
    async read(recordId) {
      let header: Uint8Array | null = null;
      for (let restarts = 0; ; restarts += 1) {
        try {
          reservation ??= await reserve();
          return await readWhole(recordId, header, (seen) => (header ??= seen));
        } catch (error) {
          if (!(error instanceof ReservationLost)) throw error;
          if (restarts >= MAXIMUM_RESTARTS) throw reservationError(bmc.address, step, recordId, error);
        }
        reservation = null;
        // Two parties that take the reservation from each other must not stay in step.
        await delay(settings.random() * LONGEST_RESTART_DELAY_MS, settings);
      }
    },
  };
}

/** Without what a BMC gives beyond what was asked for: those are bytes of the next record. */
function pieceOf(step: string, answer: Uint8Array, count: number): { readonly data: Uint8Array; readonly nextId: number } {
  if (answer.length < 3) throw protocolFault(step, 'a record id and at least one byte', answer);
  return { nextId: requireBytes(step, answer, 2).readUInt16LE(0), data: answer.subarray(2, 2 + count) };
}

function reservationError(address: string, step: string, recordId: number, cause: Error): FerricError {
  return new FerricError('CONFLICT', `${step} at ${address}: the reservation was lost ${MAXIMUM_RESTARTS + 1} times at record ${recordId}`, {
    retryable: true,
    cause,
    details: { address, step, recordId },
    hint: 'Another program reads or changes the records of this BMC; try again when it has finished.',
  });
}

