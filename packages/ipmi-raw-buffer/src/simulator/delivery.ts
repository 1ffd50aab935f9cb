import { randomBytes } from 'node:crypto';
import type { BmcFault, BmcFaultKind } from './faults.js';
import type { Peer } from './session/session.js';
import type { Timers } from './timers.js';

/** An answer that is ready to leave. */
export interface Answer {
  readonly peer: Peer;
  readonly datagram: Buffer;
  /** What somebody else would send in its place; undefined where nothing would tell it apart. */
  readonly forged?: Buffer | undefined;
  /** Whether the request had come before. */
  readonly isRepetition: boolean;
}

export interface DeliveryHost {
  readonly timers: Timers;
  send(datagram: Buffer, peer: Peer): void;
}

const DEFAULT_DELAY_MS = 1000;
const GARBAGE_BYTES = 48;

/** Sends answers, or spoils them. */
export class Delivery {
  readonly #host: DeliveryHost;
  #held: Answer | undefined;

  constructor(host: DeliveryHost) {
    this.#host = host;
  }

  /** @param done called when the answer has left or is lost */
  deliver(answer: Answer, fault: BmcFault | undefined, done: () => void): void {
    if (fault?.kind === 'slow') {
      this.#host.timers.after(fault.delayMs ?? DEFAULT_DELAY_MS, () => {
        this.#send(answer, answer.datagram);
        done();
      });
      return;
    }
    const spoil = fault === undefined ? undefined : this.#spoilers[fault.kind];
    if (spoil === undefined) this.#send(answer, answer.datagram);
    else spoil(answer);
    done();
  }

  /** How an answer travels under the faults that are about that; under all others it travels as it is. */
  readonly #spoilers: Partial<Record<BmcFaultKind, (answer: Answer) => void>> = {
    silence: () => undefined,
    'half frame': (answer) => this.#send(answer, answer.datagram.subarray(0, answer.datagram.length >> 1)),
    garbage: (answer) => this.#send(answer, randomBytes(GARBAGE_BYTES)),
    'lost answer': (answer) => {
      if (answer.isRepetition) this.#send(answer, answer.datagram);
    },
    'duplicate answer': (answer) => {
      this.#send(answer, answer.datagram);
      this.#send(answer, answer.datagram);
    },
    reordered: (answer) => {
      const before = this.#held;
      this.#held = before === undefined ? answer : undefined;
      if (before === undefined) return;
      this.#send(answer, answer.datagram);
      this.#send(before, before.datagram);
    },
    'forged answer': (answer) => {
      if (answer.forged !== undefined) this.#send(answer, answer.forged);
      this.#send(answer, answer.datagram);
    },
  };

  #send({ peer }: Answer, datagram: Buffer): void {
    this.#host.send(datagram, peer);
  }
}
