import type { JsonObject, JsonValue } from '@ferric/core';

/** The software initiator of the firmware: a name and four attempts. What is written takes effect with the next start. */
export class Iscsi {
  readonly defaults: JsonObject;
  #current: JsonObject;
  #changes: JsonObject = {};
  /** Names of an attempt's switch and address, which differ between generations. */
  readonly #words: { readonly list: string; readonly enabled: string };

  constructor(words: { readonly list: string; readonly enabled: string }, initiatorName: string, attempt: JsonObject) {
    this.#words = words;
    this.defaults = { iSCSIInitiatorName: initiatorName, [words.list]: Array.from({ length: 4 }, () => attempt) };
    this.#current = this.defaults;
  }

  get current(): JsonObject {
    return this.#current;
  }

  get pending(): JsonObject {
    return { ...this.#current, ...this.#changes };
  }

  write(changes: JsonObject): void {
    const list = changes[this.#words.list];
    const attempts = (this.pending[this.#words.list] ?? []) as readonly JsonObject[];
    // The first attempts are written over, the others stay.
    const merged = Array.isArray(list) ? attempts.map((attempt, index) => ({ ...attempt, ...((list as readonly JsonValue[])[index] as JsonObject | undefined) })) : undefined;
    this.#changes = { ...this.#changes, ...changes, ...(merged === undefined ? {} : { [this.#words.list]: merged }) };
  }

  apply(): void {
    this.#current = this.pending;
    this.#changes = {};
  }

  /** Name of the target that the machine would boot from. */
  get target(): string | undefined {
    const attempts = (this.#current[this.#words.list] ?? []) as readonly JsonObject[];
    const name = attempts.find((attempt) => attempt[this.#words.enabled] === 'Enabled')?.['iSCSITargetName'];
    return typeof name === 'string' && name !== '' ? name : undefined;
  }
}
