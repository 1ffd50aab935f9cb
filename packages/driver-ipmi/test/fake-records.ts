import type { FakeBmc } from './fake-bmc.js';

const bytes = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));
const latin = (text: string): number[] => [0xc0 | text.length, ...Buffer.from(text, 'latin1')];

/**
 * A temperature of the BMC, number 1, one degree for each step, upper limits 60, 70 and 80, as OpenIPMI's BMC takes it too.
 * Source: IPMI 1.5, section 37.1.
 */
const INLET = [
  ...bytes('01 00 51 01 30 20 00 01 07 01 7f 68 01 01 80 0a 80 0a 38 38 00 01 00 00 01 00 00 00 00 00 07 19 7f 00 ff 00 50 46 3c 00 00 00 02 02 00 00 00'),
  ...latin('Inlet'),
];

/** Presence and failure of a power supply, number 2. Source: IPMI 1.5, section 37.2. */
const SUPPLY = [
  ...bytes('02 00 51 02 1e 20 00 02 0a 01 7f 40 08 6f 03 00 03 00 03 00 00 00 00 01 00 00 00 00 00 00 00'),
  ...latin('PS1'),
];

/** A FRU device of the BMC, number 3, and a memory module, number 4. Source: IPMI 1.5, section 37.8. */
const fruLocator = (record: number, id: number, modifier: number, name: string): number[] => [
  record, 0x00, 0x51, 0x11, 11 + name.length, 0x20, id, 0x80, 0x00, 0x00, 0x10, modifier, 0x0a, 0x01, 0x00, ...latin(name),
];

const RECORDS: readonly (readonly number[])[] = [INLET, SUPPLY, fruLocator(3, 3, 2, 'PSU'), fruLocator(4, 4, 1, 'DIMM')];

/** Lets a BMC have sensor data records, an event of which cannot get lost: its repository never changes. */
export function withRecords(bmc: FakeBmc): FakeBmc {
  bmc.answers.set('0a/20', () => [0, 0x51, RECORDS.length, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0x02]);
  bmc.answers.set('0a/22', () => [0, 1, 0]);
  bmc.answers.set('0a/23', (data) => {
    const id = data[2] ?? 0;
    const index = id === 0 ? 0 : RECORDS.findIndex(([number]) => number === id);
    const record = RECORDS[index];
    if (record === undefined) return [0xcb];
    const next = RECORDS[index + 1]?.[0];
    return [0, ...(next === undefined ? [0xff, 0xff] : [next, 0]), ...record.slice(data[4], (data[4] ?? 0) + (data[5] ?? 0))];
  });
  return bmc;
}

const sealed = (area: readonly number[]): number[] => [...area, (256 - (area.reduce((sum, byte) => sum + byte, 0) % 256)) % 256];
const padded = (area: readonly number[]): number[] => sealed([...area, ...Array.from({ length: (area[1] ?? 0) * 8 - 1 - area.length }, () => 0)]);

/** FRU data with a board and, when asked for, a product. Source: FRU storage definition 1.0, sections 8, 11 and 12. */
export function fruImage({ product }: { readonly product: boolean }): number[] {
  const board = padded([1, 4, 0, 0x2b, 0x4d, 0x9c, ...latin('Acme'), ...latin('Board1'), ...latin('SN-9'), 0xc0, 0xc0, 0xc1]);
  const wares = padded([1, 4, 0, ...latin('Acme Ltd'), ...latin('R42'), 0xc0, 0xc0, ...latin('PSN-1'), 0xc0, 0xc0, 0xc1]);
  return [...sealed([1, 0, 0, 1, product ? 5 : 0, 0, 0]), ...board, ...(product ? wares : [])];
}

/** Lets a BMC have FRU devices by their ids. */
export function withFru(bmc: FakeBmc, devices: Readonly<Record<number, readonly number[]>>): FakeBmc {
  bmc.answers.set('0a/10', (data) => {
    const image = devices[data[0] ?? 0];
    return image === undefined ? [0xcb] : [0, image.length % 256, Math.floor(image.length / 256), 0];
  });
  bmc.answers.set('0a/11', (data) => {
    const [id = 0, low = 0, high = 0, count = 0] = data;
    const piece = (devices[id] ?? []).slice(low + 256 * high, low + 256 * high + count);
    return [0, piece.length, ...piece];
  });
  return bmc;
}
