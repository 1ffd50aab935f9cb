import type { XmlElement } from './element.js';
import { textOf } from './element.js';

const KILO = 1000n;
const KIBI = 1024n;

/** Units of memory and storage. Source: libvirt 9.0.0, docs/formatdomain.rst, "Memory Allocation". */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['b', 1n], ['bytes', 1n],
  ['kb', KILO], ['k', KIBI], ['kib', KIBI],
  ['mb', KILO ** 2n], ['m', KIBI ** 2n], ['mib', KIBI ** 2n],
  ['gb', KILO ** 3n], ['g', KIBI ** 3n], ['gib', KIBI ** 3n],
  ['tb', KILO ** 4n], ['t', KIBI ** 4n], ['tib', KIBI ** 4n],
]);

/** A size in bytes; undefined when the element is missing or holds no size. */
export function sizeOf(element: XmlElement | undefined, defaultUnit: 'bytes' | 'KiB'): bigint | undefined {
  const unit = UNITS.get((element?.attributes.get('unit') ?? defaultUnit).toLowerCase());
  const text = textOf(element) ?? '';
  return unit === undefined || !/^[0-9]{1,18}$/.test(text) ? undefined : BigInt(text) * unit;
}
