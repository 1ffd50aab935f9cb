// Source of every number: DMTF DSP0134, System Management BIOS Reference Specification 3.7, sections 6.1.2 and 7.18.

const MEMORY_DEVICE = 17;
const SIZE_AT = 0x0c;
const LARGE_SIZE_AT = 0x1c;
const UNKNOWN = 0xffff;
const SEE_LARGE_SIZE = 0x7fff;
const IN_KIBIBYTES = 0x8000;

/** MiB of all memory modules in the firmware's table; undefined when it names none. */
export function memoryMebibytes(table: Buffer): number | undefined {
  let total = 0;
  for (let at = 0; at + 4 <= table.length; ) {
    const [type = 0, length = 0] = table.subarray(at, at + 2);
    if (length < 4 || at + length > table.length) break;
    if (type === MEMORY_DEVICE && length > SIZE_AT + 1) total += moduleMebibytes(table.subarray(at, at + length));
    // Texts follow, each with a zero at its end, and one more zero.
    const end = table.indexOf('\0\0', at + length, 'latin1');
    if (end === -1) break;
    at = end + 2;
  }
  return total === 0 ? undefined : Math.floor(total);
}

function moduleMebibytes(structure: Buffer): number {
  const size = structure.readUInt16LE(SIZE_AT);
  if (size === UNKNOWN) return 0;
  if (size === SEE_LARGE_SIZE) return structure.length >= LARGE_SIZE_AT + 4 ? structure.readUInt32LE(LARGE_SIZE_AT) & 0x7fffffff : 0;
  return (size & IN_KIBIBYTES) === 0 ? size : (size & SEE_LARGE_SIZE) / 1024;
}
