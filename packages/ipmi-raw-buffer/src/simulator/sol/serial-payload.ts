import type { Timer } from '@ferric/core';
import type { Session } from '../session/session.js';
import type { Timers } from '../timers.js';
import { byteAt } from '../wire/bytes.js';
import type { VirtualSerialLine } from './serial-line.js';

/** Bits of the fourth byte, to the BMC. Source: IPMI 2.0, table 15-2. */
const TO_BMC = { nack: 0x40, break: 0x10, pause: 0x08, flushOutput: 0x01 } as const;
/** From the BMC. */
const FROM_BMC = { nack: 0x40, inactive: 0x10 } as const;

const HEADER_LENGTH = 4;
/** Most bytes of a packet either way, header included: what Activate Payload tells. */
export const SERIAL_PACKET_BYTES = 255;
const MOST_CHARACTERS = SERIAL_PACKET_BYTES - HEADER_LENGTH;
/** What the machine printed and nobody took yet; the oldest goes. */
const MOST_WAITING_BYTES = 65_536;
const HIGHEST_SEQUENCE = 15;

/** Retransmission of what was not acknowledged. Source: IPMI 2.0, table 26-5, parameter 4. */
export interface SerialRetry {
  /** Repetitions, 0..7. */
  readonly count: number;
  readonly intervalMs: number;
}

export interface SerialPayloadHost {
  readonly line: VirtualSerialLine | null;
  readonly timers: Timers;
  readonly retry: () => SerialRetry;
  /** Sends a payload in a session. */
  send(session: Session, payload: Uint8Array, encrypted: boolean): void;
}

interface Outstanding {
  readonly sequence: number;
  readonly characters: Uint8Array;
  /** The packet, for repetitions. */
  readonly packet: Uint8Array;
  tries: number;
  timer: Timer;
}

interface Active {
  readonly session: Session;
  readonly encrypted: boolean;
  /** Undefined for the moment in which the line is being listened to. */
  output: Disposable | undefined;
  waiting: Buffer;
  lastSequence: number;
  outstanding: Outstanding | undefined;
  paused: boolean;
  /** The last packet of the console and how much of it was taken. */
  received: { readonly sequence: number; readonly accepted: number } | undefined;
}

/** What is said of a packet that came. */
interface Acknowledgement {
  readonly sequence: number;
  readonly accepted: number;
  readonly nack: boolean;
}

/** Serial over LAN of one BMC: one console at a time. Sources: IPMI 2.0, sections 15.9 to 15.11. */
export class SerialPayload {
  readonly #host: SerialPayloadHost;
  #active: Active | undefined;
  /** What the line prints now need not be sent at once: somebody is about to. */
  #isTaking = false;

  constructor(host: SerialPayloadHost) {
    this.#host = host;
  }

  get isOffered(): boolean {
    return this.#host.line !== null;
  }

  /** Whose console it is. */
  get session(): Session | undefined {
    return this.#active?.session;
  }

  activate(session: Session, encrypted: boolean): void {
    const { line } = this.#host;
    if (line === null) return;
    this.end();
    const active: Active = { session, encrypted, output: undefined, waiting: Buffer.alloc(0), lastSequence: 0, outstanding: undefined, paused: false, received: undefined };
    this.#active = active;
    // What the line prints at once must wait until the console knows that it has the line.
    this.#isTaking = true;
    active.output = line.onOutput((bytes) => this.#print(active, bytes));
    this.#isTaking = false;
  }

  /** Sends what waits. Called after the answer to Activate Payload has left. */
  start(): void {
    if (this.#active !== undefined) this.#pump(this.#active);
  }

  /** Ends it and tells the console, whose session lives on. */
  deactivate(): void {
    const active = this.#active;
    this.end();
    if (active !== undefined) this.#host.send(active.session, Uint8Array.of(0, 0, 0, FROM_BMC.inactive), active.encrypted);
  }

  /** Ends it without a word. */
  end(): void {
    this.#active?.outstanding?.timer[Symbol.dispose]();
    this.#active?.output?.[Symbol.dispose]();
    this.#active = undefined;
  }

  /** A packet of the console that has the line. */
  receive(payload: Uint8Array): void {
    const active = this.#active;
    if (active === undefined || payload.length < HEADER_LENGTH) return;
    const operation = byteAt(payload, 3);
    active.paused = (operation & TO_BMC.pause) !== 0;
    if ((operation & TO_BMC.flushOutput) !== 0) active.waiting = Buffer.alloc(0);
    this.#takeAcknowledgement(active, payload);
    const sequence = byteAt(payload, 0) & 0x0f;
    if (sequence !== 0) this.#takeCharacters(active, sequence, operation, payload.subarray(HEADER_LENGTH));
    else this.#pump(active);
  }

  #takeAcknowledgement(active: Active, payload: Uint8Array): void {
    const { outstanding } = active;
    if (outstanding === undefined || (byteAt(payload, 1) & 0x0f) !== outstanding.sequence) return;
    outstanding.timer[Symbol.dispose]();
    active.outstanding = undefined;
    // What was not taken comes again, under a new number.
    const taken = Math.min(byteAt(payload, 2), outstanding.characters.length);
    active.waiting = Buffer.concat([outstanding.characters.subarray(taken), active.waiting]);
  }

  #takeCharacters(active: Active, sequence: number, operation: number, characters: Uint8Array): void {
    const { received } = active;
    const accepted = received?.sequence === sequence ? received.accepted : this.#give(operation, characters);
    active.received = { sequence, accepted };
    if (this.#active !== active) return;
    const acknowledgement = { sequence, accepted, nack: accepted < characters.length };
    // It rides on what the machine prints, but not after a break alone: ipmitool then looks at the acknowledgement only.
    if (characters.length > 0 && this.#pump(active, acknowledgement)) return;
    this.#send(active, 0, acknowledgement, new Uint8Array());
    this.#pump(active);
  }

  /** Gives characters and break to the line; yields how many it took. */
  #give(operation: number, characters: Uint8Array): number {
    const { line } = this.#host;
    if (line === null) return 0;
    this.#isTaking = true;
    try {
      if ((operation & TO_BMC.break) !== 0) line.sendBreak?.();
      return characters.length === 0 ? 0 : Math.max(0, Math.min(characters.length, line.write(characters)));
    } finally {
      this.#isTaking = false;
    }
  }

  #print(active: Active, bytes: Uint8Array): void {
    if (this.#active !== active) return;
    active.waiting = Buffer.concat([active.waiting, bytes]).subarray(-MOST_WAITING_BYTES);
    // While a packet of the console is looked at, its acknowledgement takes the characters along.
    if (!this.#isTaking) this.#pump(active);
  }

  /** Sends the next characters, if any and if the console may get them. */
  #pump(active: Active, acknowledgement?: Acknowledgement): boolean {
    if (active.waiting.length === 0 || active.outstanding !== undefined || active.paused) return false;
    const characters = active.waiting.subarray(0, MOST_CHARACTERS);
    active.waiting = active.waiting.subarray(characters.length);
    active.lastSequence = (active.lastSequence % HIGHEST_SEQUENCE) + 1;
    const packet = this.#send(active, active.lastSequence, acknowledgement, characters);
    active.outstanding = { sequence: active.lastSequence, characters, packet, tries: 0, timer: this.#repeatLater(active) };
    return true;
  }

  #repeatLater(active: Active): Timer {
    return this.#host.timers.after(this.#host.retry().intervalMs, () => {
      const { outstanding } = active;
      if (outstanding === undefined || this.#active !== active) return;
      if (outstanding.tries >= this.#host.retry().count) {
        // The console does not listen: the packet is dropped. Source: IPMI 2.0, table 26-5, parameter 4.
        active.outstanding = undefined;
        this.#pump(active);
        return;
      }
      outstanding.tries += 1;
      outstanding.timer = this.#repeatLater(active);
      this.#host.send(active.session, outstanding.packet, active.encrypted);
    });
  }

  #send(active: Active, sequence: number, acknowledgement: Acknowledgement | undefined, characters: Uint8Array): Uint8Array {
    const status = acknowledgement?.nack === true ? FROM_BMC.nack : 0;
    const packet = Uint8Array.of(sequence, acknowledgement?.sequence ?? 0, acknowledgement?.accepted ?? 0, status, ...characters);
    this.#host.send(active.session, packet, active.encrypted);
    return packet;
  }
}
