/** Numbers that look random and come again with the same seed. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
}

/** Source of the generator: Marsaglia, "Xorshift RNGs" (2003), 32 bits, triple 13, 17, 5. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
  return { integer: (min, max) => min + Math.floor(next() * (max - min + 1)) };
}

/** The seed in the environment variable, or a new one; print it, so that a failure can be repeated. */
export function chooseSeed(variable: string): number {
  const given = process.env[variable];
  return given === undefined || given === '' ? Math.floor(Math.random() * 0xffff_ffff) : Number(given);
}
