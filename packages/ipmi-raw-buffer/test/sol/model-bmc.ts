/** What the controller does with a packet that it has room for. */
export type Mood = 'take all' | 'take some' | 'take none' | 'refuse';

/**
 * A controller as section 15 of IPMI 2.0 has it, in bytes of its own: one packet out at a time, what was not taken goes out under a new sequence,
 * and after a NACK it waits for another word or its interval.
 */
export class ModelBmc {
  /** Characters that reached the machine, and breaks as 0x100. */
  readonly arrived: number[] = [];
  readonly #left: number[];
  readonly #mood: () => Mood;
  #sequence = 0;
  #outstanding: Uint8Array | null = null;
  #held = false;
  #last: readonly [sequence: number, accepted: number, status: number] = [0, 0, 0];
  ctsPaused = false;

  constructor(output: Uint8Array, mood: () => Mood) {
    this.#left = [...output];
    this.#mood = mood;
  }

  get idle(): boolean {
    return this.#left.length === 0;
  }

  /** What it sends when it hears this. */
  receive(packet: Uint8Array): Uint8Array[] {
    const [sequence = 0, acknowledged = 0, accepted = 0, operations = 0, ...characters] = packet;
    const replies: Uint8Array[] = [];
    this.ctsPaused = (operations & 0x08) !== 0;
    if (sequence !== 0) replies.push(this.#take(sequence, operations, characters));
    const nack = (operations & 0x40) !== 0;
    if (this.#outstanding !== null && acknowledged === this.#outstanding[0]) {
      this.#left.splice(0, accepted);
      this.#outstanding = null;
      this.#held = nack;
    } else if (!nack) this.#held = false;
    return [...replies, ...this.send()];
  }

  /** Its retry interval is over. */
  timer(): Uint8Array[] {
    this.#held = false;
    return this.#outstanding === null ? this.send() : [this.#outstanding];
  }

  send(): Uint8Array[] {
    if (this.#outstanding !== null || this.#held || this.#left.length === 0) return [];
    this.#sequence = this.#sequence === 15 ? 1 : this.#sequence + 1;
    this.#outstanding = Uint8Array.of(this.#sequence, 0, 0, 0, ...this.#left.slice(0, 7));
    return [this.#outstanding];
  }

  #take(sequence: number, operations: number, characters: readonly number[]): Uint8Array {
    if (sequence !== this.#last[0]) {
      const mood = this.#mood();
      const accepted = mood === 'take all' ? characters.length : mood === 'take some' ? Math.ceil(characters.length / 2) : 0;
      const refused = mood === 'refuse';
      this.arrived.push(...characters.slice(0, accepted));
      if ((operations & 0x10) !== 0 && !refused) this.arrived.push(0x100);
      this.#last = [sequence, accepted, refused ? 0x60 : 0];
    }
    return Uint8Array.of(0, ...this.#last);
  }
}
