import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import type { IpmiRequest, IpmiResponse, RequestCarrier, RequestOptions } from '../src/message/index.js';

/** Answers one command: the completion code and what follows it. What it throws is thrown to the caller. */
export type CommandHandler = (data: Buffer, request: IpmiRequest) => Uint8Array;

/** By netFn and command: `0a/23`. */
export type CommandHandlers = Readonly<Record<string, CommandHandler>>;

export interface RecordBmc extends RequestCarrier {
  /** What was asked, in order: `0a/23 0000...`. */
  readonly asked: readonly string[];
  readonly options: readonly RequestOptions[];
  count(command: string): number;
}

const twoDigits = (value: number): string => value.toString(16).padStart(2, '0');

/** A BMC in memory. Commands without handler are refused as invalid. */
export function recordBmc(...handlers: readonly CommandHandlers[]): RecordBmc {
  const table = new Map(handlers.flatMap((each) => Object.entries(each)));
  const asked: string[] = [];
  const options: RequestOptions[] = [];
  return {
    address: '192.0.2.7:623',
    asked,
    options,
    count: (command) => asked.filter((each) => each.startsWith(command)).length,
    async raw(request, requestOptions = {}): Promise<IpmiResponse> {
      requestOptions.signal?.throwIfAborted();
      const name = `${twoDigits(request.netFn)}/${twoDigits(request.command)}`;
      const data = Buffer.from(request.data ?? []);
      asked.push(`${name} ${data.toString('hex')}`);
      options.push(requestOptions);
      const reply = table.get(name)?.(data, request) ?? Uint8Array.of(0xc1);
      return { completionCode: reply[0] ?? 0xff, data: reply.subarray(1) };
    },
  };
}

/** The bytes of an answer: numbers are bytes, buffers are put in as they are. */
export function answer(...parts: readonly (number | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
}

export function u16(value: number): Buffer {
  return Buffer.of(value & 0xff, value >> 8);
}

export interface SdrStore {
  /** In order; the id is the one that the repository uses. May be changed while it is read. */
  entries: { readonly id: number; readonly bytes: Uint8Array }[];
  reservation: number;
  /** More bytes than this at once: 0xca. */
  maximumRead: number;
  /** Fewer bytes are given than asked for. */
  shortReads: number;
  /** The id that follows an id, in place of the next of the entries. */
  readonly next: Map<number, number>;
  /** Called before each Get; it may change the store, or give the answer. */
  before: (id: number, offset: number) => Uint8Array | undefined;
  cancelReservation(): void;
}

export function sdrStore(records: readonly Uint8Array[], source: 'repository' | 'device' = 'repository'): { readonly store: SdrStore; readonly handlers: CommandHandlers } {
  const store: SdrStore = {
    // The repository counts from 1; what stands in the record is not asked.
    entries: records.map((bytes, index) => ({ id: index + 1, bytes })),
    reservation: 0,
    maximumRead: 255,
    shortReads: 255,
    next: new Map(),
    before: () => undefined,
    cancelReservation() {
      store.reservation = -store.reservation;
    },
  };
  const get: CommandHandler = (data) => {
    const reservation = data.readUInt16LE(0);
    const wanted = data.readUInt16LE(2);
    const [offset = 0, count = 0] = data.subarray(4);
    const ready = store.before(wanted, offset);
    if (ready !== undefined) return ready;
    if (reservation !== store.reservation && (reservation !== 0 || offset !== 0)) return answer(0xc5);
    const index = wanted === 0 ? 0 : store.entries.findIndex(({ id }) => id === wanted);
    const entry = store.entries[index];
    if (entry === undefined) return answer(0xcb);
    if (count > store.maximumRead) return answer(0xca);
    // Reads past the end return what lies behind.
    const behind = Buffer.concat([entry.bytes, ...store.entries.slice(index + 1).map(({ bytes }) => bytes), Buffer.alloc(255, 0xee)]);
    const nextId = store.next.get(entry.id) ?? store.entries[index + 1]?.id ?? 0xffff;
    return answer(0, u16(nextId), behind.subarray(offset, offset + Math.min(count, store.shortReads)));
  };
  const reserve: CommandHandler = () => {
    store.reservation = Math.abs(store.reservation) + 1;
    return answer(0, u16(store.reservation));
  };
  const repository: CommandHandlers = {
    '0a/20': () => answer(0, 0x51, u16(store.entries.length), u16(0xfffe), Buffer.from('f40c000000000000', 'hex'), 0x02),
    '0a/22': reserve,
    '0a/23': get,
  };
  const device: CommandHandlers = {
    '04/20': () => answer(0, store.entries.length, 0x81, Buffer.from('04030201', 'hex')),
    '04/22': reserve,
    '04/21': get,
    '06/01': () => answer(0, 0x00, 0x83, Buffer.from('0908029f9112000 20f00000000'.replaceAll(' ', ''), 'hex')),
  };
  return { store, handlers: source === 'repository' ? repository : device };
}

/** Runs work with a clock that moves by itself, so that waits cost no time. */
export async function withMovingClock<T>(work: (clock: FakeClock) => Promise<T>): Promise<T> {
  const clock = createFakeClock();
  let settled = false;
  const result = work(clock).finally(() => (settled = true));
  result.catch(() => undefined);
  while (!settled) await clock.advance(100);
  return result;
}
