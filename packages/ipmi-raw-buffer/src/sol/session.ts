import { abortable, type CallOptions, type Clock, FerricError, invalidOptions, printValue, type Timer, withDeadline } from '@ferric/core';
import type { PayloadChannel } from '../client/client-types.js';
import type { SolCounters, SolEnd } from './console-types.js';
import { INITIAL_SOL, type SolEffect, type SolEvent, type SolSettings, type SolState, stepSol } from './engine.js';
import { SolOutput } from './output.js';
import { type BmcPacket, decodeBmcPacket, encodeConsolePacket } from './packet.js';
import type { SendJob } from './sender.js';

/** So much may wait to be sent. Bytes. */
const WAITING_LIMIT_BYTES = 65_536;

/** Time for the controller to take what is written. Milliseconds. */
const WRITE_MS = 30_000;

type Content = { readonly kind: 'characters'; readonly rest: Uint8Array } | { readonly kind: 'break' };

/** Engine, clock and channel of one console together: carries out what the engine decides. */
export class SolSession {
  readonly output: SolOutput;
  readonly #address: string;
  readonly #clock: Clock;
  readonly #ended = Promise.withResolvers<SolEnd>();
  readonly #writes = new Map<number, PromiseWithResolvers<void>>();
  readonly #counters = { breaks: 0, overruns: 0, malformed: 0 };
  #settings: SolSettings;
  #state: SolState = INITIAL_SOL;
  #channel: PayloadChannel | null = null;
  #timer: Timer | undefined;
  #activated = false;
  #end: SolEnd | null = null;
  #lastJob = 0;
  readonly #events: SolEvent[] = [];
  #stepping = false;
  #waitingBytes = 0;

  constructor(address: string, clock: Clock, settings: SolSettings) {
    this.#address = address;
    this.#clock = clock;
    this.#settings = settings;
    this.output = new SolOutput(address, (bytes) => this.#step({ type: 'read', bytes }));
  }

  get ended(): Promise<SolEnd> {
    return this.#ended.promise;
  }

  get end(): SolEnd | null {
    return this.#end;
  }

  get counters(): SolCounters {
    return { ...this.#counters };
  }

  /** Packets can be sent from now on. */
  attach(channel: PayloadChannel): void {
    this.#channel = channel;
  }

  /** The controller has opened the console, and has said how much it takes in one packet. */
  activated(maximumCharacters: number): void {
    this.#settings = { ...this.#settings, maximumCharacters };
    this.#activated = true;
  }

  receive(payload: Uint8Array): void {
    // Without a channel nothing can be acknowledged: the controller sends it again.
    if (this.#end !== null || this.#channel === null) return;
    const packet = this.#decode(payload);
    if (packet === null) return;
    // The end of the console that was before this one, told late.
    if (packet.deactivated && !this.#activated) return;
    if (packet.breakDetected) this.#counters.breaks += 1;
    if (packet.transmitOverrun) this.#counters.overruns += 1;
    this.#step({ type: 'packet', packet });
  }

  async write(bytes: Uint8Array, options: CallOptions | undefined): Promise<void> {
    checkBytes(bytes);
    if (bytes.length === 0) return;
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > WAITING_LIMIT_BYTES) throw this.#tooMuch();
    this.#waitingBytes += bytes.length;
    try {
      await this.#send({ kind: 'characters', rest: Uint8Array.from(bytes) }, 'Write to the console', options);
    } finally {
      this.#waitingBytes -= bytes.length;
    }
  }

  async sendBreak(options: CallOptions | undefined): Promise<void> {
    await this.#send({ kind: 'break' }, 'Break on the console', options);
  }

  /** Ends it once; what has come can still be read. */
  finish(reason: SolEnd['reason'], error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { reason, error };
    this.#stopTimer();
    const failure = error ?? this.#givenUp();
    for (const { reject } of this.#writes.values()) reject(failure);
    this.#writes.clear();
    this.output.end(error ?? undefined);
    this.#ended.resolve(this.#end);
  }

  async #send(content: Content, what: string, options: CallOptions | undefined): Promise<void> {
    if (this.#end !== null) throw this.#end.error ?? this.#closed();
    const settings = { what: `${what} of ${this.#address}`, defaultTimeoutMs: WRITE_MS, details: { address: this.#address, step: what }, clock: this.#clock };
    await withDeadline(options, settings, (deadline) => this.#enqueue(content, deadline.signal));
  }

  async #enqueue(content: Content, signal: AbortSignal): Promise<void> {
    const id = (this.#lastJob += 1);
    const job: SendJob = { ...content, id };
    const waiting = Promise.withResolvers<void>();
    this.#writes.set(id, waiting);
    this.#step({ type: 'add', job });
    try {
      await abortable(signal, waiting.promise);
    } finally {
      if (this.#writes.delete(id)) this.#step({ type: 'cancel', id });
    }
  }

  #step(event: SolEvent): void {
    this.#events.push(event);
    // A reader that takes what is delivered to it causes the next event: it comes after all that this one causes.
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next !== undefined && this.#end === null; next = this.#events.shift()) this.#advance(next);
    } finally {
      this.#stepping = false;
    }
  }

  #advance(event: SolEvent): void {
    const { state, effects } = stepSol(this.#state, event, this.#settings);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: SolEffect): void {
    switch (effect.type) {
      case 'send':
        this.#transmit(encodeConsolePacket(effect.packet));
        break;
      case 'deliver':
        this.output.push(effect.characters);
        break;
      case 'done':
        this.#writes.get(effect.id)?.resolve();
        this.#writes.delete(effect.id);
        break;
      case 'timer':
        this.#stopTimer();
        if (effect.ms !== null && this.#end === null) this.#timer = this.#clock.after(effect.ms, () => this.#step({ type: 'timer' }));
        break;
      case 'lost':
        this.finish('lost', this.#silent());
        break;
      case 'deactivated':
        this.finish('deactivated', this.#deactivated());
        break;
    }
  }

  #transmit(payload: Uint8Array): void {
    if (this.#end !== null) return;
    try {
      this.#channel?.send(payload);
    } catch (error) {
      this.finish('lost', error instanceof Error ? error : this.#closed());
    }
  }

  #decode(payload: Uint8Array): BmcPacket | null {
    try {
      return decodeBmcPacket(payload);
    } catch {
      this.#counters.malformed += 1;
      return null;
    }
  }

  #stopTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #closed(): FerricError {
    return new FerricError('CONFLICT', `The console of ${this.#address} is closed`, { details: { address: this.#address } });
  }

  #givenUp(): FerricError {
    return new FerricError('ABORTED', `The console of ${this.#address} was closed`, { details: { address: this.#address } });
  }

  #deactivated(): FerricError {
    return new FerricError('CONFLICT', `The controller at ${this.#address} ended the console`, {
      details: { address: this.#address },
      hint: 'Somebody else may have taken it over, or serial over LAN was switched off.',
    });
  }

  #silent(): FerricError {
    return new FerricError('TIMEOUT', `The controller at ${this.#address} does not acknowledge what is sent to the console`, {
      details: { address: this.#address, tries: this.#settings.tries },
    });
  }

  #tooMuch(): FerricError {
    return new FerricError('BUSY', `The console of ${this.#address} has ${this.#waitingBytes} bytes to send already`, {
      details: { address: this.#address, limit: WAITING_LIMIT_BYTES },
      hint: 'Wait for the earlier writes.',
    });
  }
}

function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  // A text would be taken for a list, and zeros sent in its place.
  throw invalidOptions('Console', [{ field: 'bytes', problem: 'invalid', expected: 'a Uint8Array', received: printValue(bytes) }]);
}
