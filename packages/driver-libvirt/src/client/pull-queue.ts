/** First in, first out, at the same cost however long it is. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head < this.#items.length) this.#items[this.#head++] = undefined;
    // The empty front is cut off once it is the larger half, so that each item is moved once at most.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}

/** What the owner of a {@link PullQueue} wants to know. */
export interface PullQueueListener<T> {
  /** An item has reached the reader. */
  taken?(item: T): void;
  /** The reader will take nothing more. */
  left?(): void;
}

/**
 * The way from something that pushes to a reader that pulls. Its owner bounds it: see {@link PullQueue.size} and {@link PullQueue.dropOldest}.
 * Several `next` calls may wait at the same time; they are served in their order.
 */
export class PullQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items = new Fifo<T>();
  readonly #readers = new Fifo<PromiseWithResolvers<IteratorResult<T, undefined>>>();
  readonly #listener: PullQueueListener<T>;
  #end: { readonly failure?: unknown } | undefined;

  constructor(listener: PullQueueListener<T> = {}) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#items.size;
  }

  /** True once nothing more can be pushed. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** Ignored once it is closed. */
  push(item: T): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#items.push(item);
      return;
    }
    reader.resolve({ done: false, value: item });
    this.#listener.taken?.(item);
  }

  dropOldest(): T | undefined {
    return this.#items.shift();
  }

  /** What is there can still be read; then it ends. */
  end(): void {
    this.#close({});
  }

  /** What is there can still be read; then the next read, and only this one, throws. */
  fail(failure: unknown): void {
    this.#close({ failure });
  }

  /** Forgets what was not read yet. */
  clear(): void {
    this.#items.clear();
  }

  #close(end: { readonly failure?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) this.#finish(reader);
  }

  #finish(reader: PromiseWithResolvers<IteratorResult<T, undefined>>): void {
    if (this.#end === undefined || !('failure' in this.#end)) {
      reader.resolve({ done: true, value: undefined });
      return;
    }
    const { failure } = this.#end;
    this.#end = {};
    reader.reject(failure);
  }

  // Not an async generator: the `return` of one waits for a `next` that is still waiting, perhaps for ever.
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.size > 0) {
      const value = this.#items.shift() as T;
      this.#listener.taken?.(value);
      return { done: false, value };
    }
    const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
    if (this.#end === undefined) this.#readers.push(reader);
    else this.#finish(reader);
    return reader.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.clear();
    this.end();
    // A failure that nobody read is not read any more.
    this.#end = {};
    this.#listener.left?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
