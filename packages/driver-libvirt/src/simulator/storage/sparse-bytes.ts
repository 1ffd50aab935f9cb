/** Bytes are kept in pages of this size; pages that nobody wrote take no memory. */
const PAGE_BYTES = 65_536;

/** Counts the memory that all volumes of a hypervisor take, so that it has an end. */
export interface MemoryBudget {
  /** Claims so many bytes; false when there are not so many left. */
  claim(bytes: number): boolean;
  release(bytes: number): void;
}

export function createMemoryBudget(limitBytes: number): MemoryBudget {
  let used = 0;
  return {
    claim(bytes) {
      if (used + bytes > limitBytes) return false;
      used += bytes;
      return true;
    },
    release(bytes) {
      used -= bytes;
    },
  };
}

/** The content of a volume: as large as it likes, with memory only for what was written. */
export class SparseBytes {
  readonly #pages = new Map<number, Buffer>();
  readonly #budget: MemoryBudget;
  #isDiscarded = false;
  /** Behind the last byte that was written. */
  #end = 0;
  /** The same, or more when {@link SparseBytes.grow} was called. */
  #length = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get length(): number {
    return this.#length;
  }

  /** Memory in use. */
  get allocated(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  grow(length: number): void {
    this.#length = Math.max(this.#length, length);
  }

  /** Forgets everything behind this place. */
  truncate(length: number): void {
    for (const index of this.#pages.keys()) if (index * PAGE_BYTES >= length) this.#drop(index);
    const last = this.#pages.get(Math.floor(length / PAGE_BYTES));
    last?.fill(0, length % PAGE_BYTES);
    this.#end = Math.min(this.#end, length);
    this.#length = length;
  }

  /** False when there is no memory left; part of the data may have been written then. */
  write(offset: number, data: Uint8Array): boolean {
    for (let done = 0; done < data.length; ) {
      const index = Math.floor((offset + done) / PAGE_BYTES);
      const page = this.#page(index);
      if (page === undefined) return false;
      const within = (offset + done) % PAGE_BYTES;
      const part = data.subarray(done, done + PAGE_BYTES - within);
      page.set(part, within);
      done += part.length;
      this.#end = Math.max(this.#end, offset + done);
      this.grow(this.#end);
    }
    return true;
  }

  /** As many of these bytes as there are. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.#length - offset)));
    for (let done = 0; done < bytes.length; ) {
      const within = (offset + done) % PAGE_BYTES;
      const size = Math.min(PAGE_BYTES - within, bytes.length - done);
      this.#pages.get(Math.floor((offset + done) / PAGE_BYTES))?.copy(bytes, done, within, within + size);
      done += size;
    }
    return bytes;
  }

  /** Everything up to the last byte that was written. */
  written(): Buffer {
    return this.read(0, this.#end);
  }

  /** Takes over another content, page by page; false when there is no memory left. */
  copyFrom(source: SparseBytes): boolean {
    this.grow(source.#length);
    return [...source.#pages].every(([index, page]) => {
      const offset = index * PAGE_BYTES;
      return this.write(offset, page.subarray(0, source.#end - offset));
    });
  }

  clear(): void {
    for (const index of this.#pages.keys()) this.#drop(index);
    this.#end = 0;
    this.#length = 0;
  }

  /** Gives the memory back for good: an upload that is under way finds no room any more. */
  discard(): void {
    this.clear();
    this.#isDiscarded = true;
  }

  #page(index: number): Buffer | undefined {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    if (this.#isDiscarded || !this.#budget.claim(PAGE_BYTES)) return undefined;
    const page = Buffer.alloc(PAGE_BYTES);
    this.#pages.set(index, page);
    return page;
  }

  #drop(index: number): void {
    if (this.#pages.delete(index)) this.#budget.release(PAGE_BYTES);
  }
}
