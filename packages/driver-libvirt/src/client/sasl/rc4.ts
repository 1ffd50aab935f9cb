const STATE_BYTES = 256;

/**
 * The RC4 stream cipher, one direction: each call goes on where the last one ended. Long broken; here because DIGEST-MD5 knows nothing
 * better and OpenSSL 3 offers it no more. Test vectors: RFC 6229.
 */
export class Rc4 {
  readonly #state = new Uint8Array(STATE_BYTES);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let index = 0; index < STATE_BYTES; index += 1) state[index] = index;
    let j = 0;
    for (let index = 0; index < STATE_BYTES; index += 1) {
      const value = at(state, index);
      j = (j + value + at(key, index % key.length)) & 0xff;
      state[index] = at(state, j);
      state[j] = value;
    }
  }

  /** Encrypts or decrypts, which is the same, in place. */
  apply(bytes: Uint8Array): void {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let index = 0; index < bytes.length; index += 1) {
      i = (i + 1) & 0xff;
      const first = at(state, i);
      j = (j + first) & 0xff;
      const second = at(state, j);
      state[i] = second;
      state[j] = first;
      bytes[index] = at(bytes, index) ^ at(state, (first + second) & 0xff);
    }
    this.#i = i;
    this.#j = j;
  }
}

/** Every index used here is in range; the compiler cannot know. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}
