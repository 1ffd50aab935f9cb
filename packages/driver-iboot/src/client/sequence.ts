/** Numbers of one connection run over 16 bits. Source: AMETEK SA-82-AR manual, DxP chapter: the number is an unsigned 16-bit integer. */
const MODULUS = 65_536;

/** The number of the first command after a hello that was answered with `greeted`. */
export function firstSequence(greeted: number): number {
  return (greeted + 1) % MODULUS;
}

/** The number of the next command: the answer to the one before has taken a number too, although it does not carry it. */
export function nextSequence(sequence: number): number {
  return (sequence + 2) % MODULUS;
}
