import { createHash, randomBytes } from 'node:crypto';

/** The alphabet of crypt(3), in the order of its values. */
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Rounds where the salt does not name another number; then they do not stand in the hash. */
const ROUNDS = 5000;
const LONGEST_SALT = 16;
const HASH_BYTES = 64;

/** Bytes of the last digest in groups of three, as they become four characters each; the first of the three is the highest. Specification, step 22. */
const ORDER: readonly (readonly [number, number, number])[] = Array.from({ length: 21 }, (_, group) => {
  const offsets = [group, group + 21, group + 42] as const;
  const turned = [...offsets.slice(group % 3), ...offsets.slice(0, group % 3)];
  return turned as unknown as readonly [number, number, number];
});

/** A salt that nobody can foresee: 16 characters of crypt(3)'s alphabet. */
export function createSalt(): string {
  // 256 is a multiple of 64: every character is as likely as any other.
  return Array.from(randomBytes(LONGEST_SALT), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/**
 * The hash that `chpasswd -e` and /etc/shadow take for a password: `$6$salt$...`.
 * Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6; the steps below are its.
 * @param salt at most 16 characters count, none of them `$`
 */
export function sha512Crypt(password: string, salt: string, rounds: number = ROUNDS): string {
  const key = Buffer.from(password, 'utf8');
  const seasoning = Buffer.from(salt, 'utf8').subarray(0, LONGEST_SALT);

  const inner = digest(key, seasoning, key);
  // Steps 1 to 12: the inner digest repeated over the key's length, then one block for each bit of that length.
  const first = digest(key, seasoning, repeat(inner, key.length), ...bits(key.length).map((bit) => (bit === 1 ? inner : key)));
  const keyBlock = repeat(digest(...Array.from({ length: key.length }, () => key)), key.length);
  const saltBlock = repeat(digest(...Array.from({ length: 16 + (first[0] ?? 0) }, () => seasoning)), seasoning.length);

  let last = first;
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    last = digest(
      odd ? keyBlock : last,
      ...(round % 3 === 0 ? [] : [saltBlock]),
      ...(round % 7 === 0 ? [] : [keyBlock]),
      odd ? last : keyBlock,
    );
  }
  const named = rounds === ROUNDS ? '' : `rounds=${rounds}$`;
  return `$6$${named}${seasoning.toString('utf8')}$${encode(last)}`;
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The block over and over until it has this length. */
function repeat(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

/** The bits of a number, the lowest first, without those above the highest one. */
function bits(number: number): readonly number[] {
  return number === 0 ? [] : number.toString(2).split('').toReversed().map(Number);
}

function encode(hash: Buffer): string {
  const at = (index: number): number => hash[index] ?? 0;
  const groups = ORDER.map(([high, middle, low]) => characters((at(high) << 16) | (at(middle) << 8) | at(low), 4));
  return [...groups, characters(at(HASH_BYTES - 1), 2)].join('');
}

/** The lowest six bits come first. */
function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, place) => ALPHABET.charAt((value >> (6 * place)) & 63)).join('');
}
