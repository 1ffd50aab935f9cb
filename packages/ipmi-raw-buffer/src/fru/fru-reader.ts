import { completionError } from '../message/completion-codes.js';
import { protocolFault } from '../message/protocol-fault.js';
import type { RequestCarrier } from '../message/request.js';
import { ask, type AskOptions } from '../sdr/ask.js';
import { decodeAnswer } from '../message/bytes.js';
import type { FruAreaInfo } from './area-info.js';

/** Most that is asked for at once, in bytes. */
export const LARGEST_FRU_CHUNK = 32;
const SMALLEST_CHUNK = 8;
/** A smaller piece may do: length invalid, length limit, cannot return so many, unspecified. Source: IPMI 1.5, table 5-2. */
const ASK_FOR_LESS: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xca, 0xff]);
/** Nothing more there. Source: IPMI 1.5, table 5-2: parameter out of range. */
const BEYOND_THE_END = 0xc9;

/** Reads ranges of one FRU device into a copy of it. */
export interface FruReader {
  /** Reads what lies between, as far as the device goes. */
  read(start: number, end: number): Promise<void>;
  /** The device up to the last byte that was read; bytes before it that were never asked for are zero. */
  image(): Uint8Array;
}

export function createFruReader(bmc: RequestCarrier, fruDeviceId: number, info: FruAreaInfo, chunkBytes: number, options: AskOptions): FruReader {
  const step = 'Read FRU Data';
  const unit = info.access === 'words' ? 2 : 1;
  let image: Buffer = Buffer.alloc(0);
  let known = 0;
  let chunk = chunkBytes;

  /** One piece in units of the device; empty at its end. */
  async function readPiece(offset: number, left: number): Promise<Uint8Array> {
    for (;;) {
      const count = Math.min(Math.max(1, Math.floor(chunk / unit)), left);
      const request = { netFn: 0x0a, command: 0x11, data: Uint8Array.of(fruDeviceId, offset & 0xff, offset >> 8, count) };
      const { completionCode, data } = await ask(bmc, step, request, options);
      if (ASK_FOR_LESS.has(completionCode) && count * unit > SMALLEST_CHUNK) {
        chunk = Math.max(SMALLEST_CHUNK, (count * unit) >> 1);
        continue;
      }
      if (completionCode === BEYOND_THE_END && offset > 0) return new Uint8Array(0);
      if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, step);
      return decodeAnswer(bmc, (bytes) => pieceOf(step, bytes, count, unit), data);
    }
  }

  return {
    async read(start, end) {
      const last = Math.min(end, info.sizeBytes);
      if (image.length < last) image = Buffer.concat([image, Buffer.alloc(last - image.length)]);
      // A word that begins before the range is read whole.
      for (let offset = Math.floor(start / unit); offset * unit < last;) {
        const piece = await readPiece(offset, Math.ceil(last / unit) - offset);
        if (piece.length === 0) return;
        image.set(piece.subarray(0, last - offset * unit), offset * unit);
        known = Math.max(known, Math.min(last, offset * unit + piece.length));
        offset += Math.ceil(piece.length / unit);
      }
    },
    image: () => image.subarray(0, known),
  };
}

/** The bytes that came: as many as the answer counts, unless it holds fewer or more than were asked for. */
function pieceOf(step: string, answer: Uint8Array, count: number, unit: number): Uint8Array {
  const [returned] = answer;
  if (returned === undefined) throw protocolFault(step, 'a count of bytes', answer);
  const length = Math.min(returned, count) * unit;
  return answer.subarray(1, 1 + length);
}
