const SERIALS = 2 ** 32;

/**
 * Who waits for messages of which serial. A serial stays taken until it is released, so that an answer that comes late is never taken
 * for the answer to something else.
 */
export class SerialTable<Owner> {
  readonly #owners = new Map<number, Owner>();
  #next: number;

  /** @param first the serial to begin with, default 0, as libvirt's own client does */
  constructor(first = 0) {
    this.#next = first;
  }

  get size(): number {
    return this.#owners.size;
  }

  /** The next serial that is free. */
  claim(owner: Owner): number {
    let serial = this.#next;
    while (this.#owners.has(serial)) serial = (serial + 1) % SERIALS;
    this.#owners.set(serial, owner);
    this.#next = (serial + 1) % SERIALS;
    return serial;
  }

  get(serial: number): Owner | undefined {
    return this.#owners.get(serial);
  }

  /** The serial goes from a call to its stream. */
  hand(serial: number, owner: Owner): void {
    this.#owners.set(serial, owner);
  }

  release(serial: number): void {
    this.#owners.delete(serial);
  }

  /** Everybody who has a serial now. */
  owners(): readonly Owner[] {
    return [...this.#owners.values()];
  }

  /** The same; the table is empty afterwards. */
  clear(): readonly Owner[] {
    const owners = this.owners();
    this.#owners.clear();
    return owners;
  }
}
