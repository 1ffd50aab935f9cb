import type { VirtualFru } from '../options.js';

/** FRU devices of one BMC; their content is shared until it is written. */
export class FruDevices {
  readonly #given: Readonly<Record<number, VirtualFru>>;
  #written: Map<number, Uint8Array> | undefined;

  constructor(given: Readonly<Record<number, VirtualFru>>) {
    this.#given = given;
  }

  find(id: number): VirtualFru | undefined {
    return this.#given[id];
  }

  image(id: number): Uint8Array {
    return this.#written?.get(id) ?? this.#given[id]?.image ?? new Uint8Array();
  }

  write(id: number, offset: number, data: Uint8Array): void {
    const image = Uint8Array.from(this.image(id));
    image.set(data, offset);
    this.#written ??= new Map();
    this.#written.set(id, image);
  }
}
