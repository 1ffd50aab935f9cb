import { FerricError } from '@ferric/core';

/** Chunks up to this length are joined with the one before, so that a machine that prints letter by letter fills no list. Bytes. */
const JOINED_BYTES = 1024;

/** What the machine has printed and nobody has read yet. Its owner limits how much that is. */
export class SolOutput implements AsyncIterable<Uint8Array> {
  readonly #taken: (bytes: number) => void;
  readonly #address: string;
  #chunks: Uint8Array[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>>[] = [];
  #end: { readonly error: unknown } | null = null;
  #left = false;
  #iterated = false;

  /** @param taken is told how many bytes the reader took, or will never read */
  constructor(address: string, taken: (bytes: number) => void) {
    this.#address = address;
    this.#taken = taken;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== null) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: chunk });
    else if (!this.#left) this.#keep(chunk);
    if (reader !== undefined || this.#left) this.#taken(chunk.length);
  }

  /** What is there can still be read; then it is over, or throws the error. */
  end(error?: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#iterated) {
      throw new FerricError('CONFLICT', `The output of the console of ${this.#address} can be read once`, {
        details: { address: this.#address },
        hint: 'Share what the one reader gets, or open the console again.',
      });
    }
    this.#iterated = true;
    return { next: async () => this.#next(), return: async () => this.#leave() };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#taken(chunk.length);
      return { done: false, value: chunk };
    }
    if (this.#left || (this.#end !== null && this.#end.error === undefined)) return { done: true, value: undefined };
    if (this.#end !== null) throw this.#end.error;
    const waiting = Promise.withResolvers<IteratorResult<Uint8Array, undefined>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #leave(): IteratorResult<Uint8Array, undefined> {
    this.#left = true;
    const unread = this.#chunks.reduce((sum, { length }) => sum + length, 0);
    this.#chunks = [];
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    this.#taken(unread);
    return { done: true, value: undefined };
  }

  #keep(chunk: Uint8Array): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.length + chunk.length > JOINED_BYTES) this.#chunks.push(chunk);
    else this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, chunk]);
  }
}
