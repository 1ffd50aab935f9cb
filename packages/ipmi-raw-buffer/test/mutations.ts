/** Numbers that look random and are the same for the same seed, 0 to 2^32 - 1. Source: Marsaglia, Xorshift RNGs, 2003. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Random = ReturnType<typeof createRandom>;

const BYTE_VALUES = 256;
/** More than any packet holds that UDP brings without being cut. */
const LONGEST = 2048;

/** What can become of bytes on their way, or by malice. Each yields new bytes. */
const MUTATIONS: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  flipBit,
  setByte,
  (bytes, random) => bytes.slice(0, random(bytes.length + 1)),
  (bytes, random) => bytes.slice(random(bytes.length + 1)),
  (bytes, random) => concat(bytes, randomBytes(random(64), random)),
  (bytes) => concat(bytes, bytes),
  insertBytes,
  setBoundary,
];

/** One to four mutations of the bytes, at most 2048 bytes long. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  for (let count = 1 + random(4); count > 0; count -= 1) mutated = MUTATIONS[random(MUTATIONS.length)]?.(mutated, random) ?? mutated;
  return mutated.subarray(0, LONGEST);
}

export function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random(BYTE_VALUES));
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  return change(bytes, random, (byte) => byte ^ (1 << random(8)));
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  return change(bytes, random, () => random(BYTE_VALUES));
}

/** Lengths, counts and offsets break at their ends. */
function setBoundary(bytes: Uint8Array, random: Random): Uint8Array {
  const boundaries = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];
  return change(bytes, random, () => boundaries[random(boundaries.length)] ?? 0);
}

function change(bytes: Uint8Array, random: Random, to: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const index = random(bytes.length);
  return bytes.with(index, to(bytes[index] ?? 0));
}

function insertBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  return concat(bytes.slice(0, at), randomBytes(1 + random(8), random), bytes.slice(at));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
