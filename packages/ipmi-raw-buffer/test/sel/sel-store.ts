import { answer, type CommandHandlers, u16 } from '../record-bmc.js';

export interface SelStore {
  entries: { readonly id: number; readonly bytes: Uint8Array }[];
  reservation: number;
  /** How often the status of an erase is still "in progress". */
  erasePolls: number;
  readonly next: Map<number, number>;
  /** Called before each command by its name; it may change the store or give the answer. */
  before: (command: string) => Uint8Array | undefined;
  lastErase: number;
  erased: number;
  /** Logs an event, as hardware does: it cancels the reservation. */
  log(bytes: Uint8Array): void;
}

/** A log in memory: Get SEL Info, Reserve, Get, Clear. Numbers go on counting after the log was cleared unless the test changes them. */
export function selStore(entries: readonly Uint8Array[]): { readonly store: SelStore; readonly handlers: CommandHandlers } {
  let last = 0;
  const numbered = (bytes: Uint8Array): { id: number; bytes: Uint8Array } => {
    last += 1;
    return { id: last, bytes: Buffer.concat([u16(last), bytes.subarray(2)]) };
  };
  const store: SelStore = {
    entries: entries.map(numbered),
    reservation: 1,
    erasePolls: 0,
    next: new Map(),
    before: () => undefined,
    lastErase: 0,
    erased: 0,
    log(bytes) {
      store.entries.push(numbered(bytes));
      store.reservation += 1;
    },
  };
  const clear = (data: Buffer): Uint8Array => {
    if (data.readUInt16LE(0) !== store.reservation) return answer(0xc5);
    if (data.toString('latin1', 2, 5) !== 'CLR') return answer(0xcc);
    if (data[5] === 0xaa) {
      store.entries = [];
      store.erased += 1;
      store.lastErase += 1;
      return answer(0, 0);
    }
    return answer(0, store.erasePolls-- > 0 ? 0 : 1);
  };
  const get = (data: Buffer): Uint8Array => {
    const wanted = data.readUInt16LE(2);
    const index = wanted === 0 ? 0 : store.entries.findIndex(({ id }) => id === wanted);
    const entry = store.entries[index];
    if (entry === undefined) return answer(0xcb);
    return answer(0, u16(store.next.get(entry.id) ?? store.entries[index + 1]?.id ?? 0xffff), entry.bytes);
  };
  const handlers: CommandHandlers = {
    '0a/40': () => store.before('info') ?? answer(0, 0x51, u16(store.entries.length), u16(0x3d00), Buffer.alloc(4), Buffer.of(store.lastErase, 0, 0, 0), 0x0a),
    '0a/42': () => store.before('reserve') ?? answer(0, u16((store.reservation += 1))),
    '0a/43': (data) => store.before('get') ?? get(data),
    '0a/47': (data) => store.before(data[5] === 0xaa ? 'clear' : 'poll') ?? clear(data),
  };
  return { store, handlers };
}
