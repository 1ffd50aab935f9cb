import type { Clock, PowerChange, Timer } from '@ferric/core';
import { elementAt, textOf, type XmlElement } from '../xml/element.js';
import type { DomainReference } from '../wire/structs.js';
import type { DomainDefinition } from './definition.js';
import { liveFrom } from './live.js';
import { CRASHED, LIFECYCLE, PAUSED, RUNNING, SHUT_OFF, STATE, type StateNumber } from './states.js';

/** How the system inside a machine behaves. Tests may change it at any time. */
export interface GuestBehaviour {
  /** Whether it shuts down or reboots when the power button is pressed. Default true. */
  obeysAcpi: boolean;
  /** How long it takes to do so. Milliseconds, default 50. */
  shutdownMs: number;
}

/** What reached a machine, counted since the hypervisor started. */
export interface GuestReceipts {
  starts: number;
  powerButtons: number;
  /** Times the reset button was pressed. */
  resets: number;
  /** Times the system began anew without a start: a changed definition does not count then. */
  reboots: number;
  nonMaskableInterrupts: number;
  /** Key codes, one list for each press. */
  readonly keys: (readonly number[])[];
}

/** What a guest needs of its hypervisor. */
export interface GuestSurroundings {
  readonly clock: Clock;
  nextId(): number;
  lifecycle(domain: DomainReference, event: readonly [event: number, detail: number]): void;
  rebooted(domain: DomainReference): void;
  /** A machine without a definition has stopped: nothing is left of it. */
  gone(guest: Guest): void;
}

interface PowerState {
  readonly state: StateNumber;
  readonly reason: number;
}

/** The newest key presses that are kept. */
const MOST_KEYS = 1000;

/** One domain: its definition, its machine while it runs, and the transitions between. Transitions that make no sense do nothing. */
export class Guest {
  readonly uuid: string;
  readonly name: string;
  readonly behaviour: GuestBehaviour;
  readonly received: GuestReceipts = { starts: 0, powerButtons: 0, resets: 0, reboots: 0, nonMaskableInterrupts: 0, keys: [] };
  autostart = false;
  /** What the next start uses; undefined for a domain that is gone once it stops. */
  definition: XmlElement | undefined;
  /** What runs now; undefined when nothing does. */
  live: XmlElement | undefined;
  /** Whether there is a file with UEFI variables. */
  hasNvram: boolean;
  #id = -1;
  #power: PowerState = { state: STATE.shutOff, reason: SHUT_OFF.unknown };
  #startedAt = 0;
  #button: Timer | undefined;
  readonly #surroundings: GuestSurroundings;
  readonly #ends = new Set<() => void>();
  readonly #powerListeners = new Set<(change: PowerChange) => void>();

  constructor({ name, uuid, element }: DomainDefinition, behaviour: GuestBehaviour, surroundings: GuestSurroundings) {
    this.name = name;
    this.uuid = uuid;
    this.definition = element;
    this.behaviour = { ...behaviour };
    this.hasNvram = elementAt(element, 'os', 'nvram') !== undefined;
    this.#surroundings = surroundings;
  }

  get id(): number {
    return this.#id;
  }

  get state(): StateNumber {
    return this.#power.state;
  }

  get reason(): number {
    return this.#power.reason;
  }

  /** Whether there is a machine, however well it is. */
  get isActive(): boolean {
    return this.live !== undefined;
  }

  get reference(): DomainReference {
    return { name: this.name, uuid: this.uuid, id: this.#id };
  }

  /** Time of the processors. Nanoseconds; a tenth of the time since the start. */
  get cpuTimeNanoseconds(): bigint {
    return this.live === undefined ? 0n : BigInt(Math.round((this.#surroundings.clock.monotonicMs() - this.#startedAt) * 100_000));
  }

  /** Starts the machine from its definition, or from another one just this time. */
  start(options: { readonly paused?: boolean; readonly from?: XmlElement } = {}): void {
    const from = options.from ?? this.definition;
    if (this.isActive || from === undefined) return;
    this.#id = this.#surroundings.nextId();
    this.live = liveFrom(from, this.#id);
    this.#startedAt = this.#surroundings.clock.monotonicMs();
    this.received.starts += 1;
    if (elementAt(from, 'os')?.attributes.get('firmware') === 'efi') this.hasNvram = true;
    this.#power = options.paused === true ? { state: STATE.paused, reason: PAUSED.user } : { state: STATE.running, reason: RUNNING.booted };
    // QEMU is started with its processors stopped: libvirt reports that they go on before it reports the start.
    if (options.paused !== true) this.#tell(LIFECYCLE.resumed);
    this.#tell(LIFECYCLE.booted);
    if (options.paused === true) this.#tell(LIFECYCLE.paused);
    this.#tellPower('on');
  }

  /** Pulls the plug. */
  destroy(): void {
    if (!this.isActive) return;
    this.#tell(LIFECYCLE.shutdownByHost);
    this.#end(SHUT_OFF.destroyed);
    this.#tell(LIFECYCLE.destroyed);
    this.#forgetWhenTransient();
  }

  /** Presses the power button: a system that obeys does what it is asked for a little later. */
  pressPowerButton(wanted: 'off' | 'reboot'): void {
    if (!this.isActive) return;
    this.received.powerButtons += 1;
    if (!this.behaviour.obeysAcpi || this.#button !== undefined) return;
    this.#button = this.#surroundings.clock.after(this.behaviour.shutdownMs, () => {
      this.#button = undefined;
      // A paused machine gets to its work when it goes on; that is not followed here.
      if (this.state !== STATE.running) return;
      if (wanted === 'off') this.shutDown();
      else this.reboot();
    });
  }

  /** The system inside has shut down. */
  shutDown(): void {
    if (this.isActive) this.#stopByItself(LIFECYCLE.shutdownByGuest);
  }

  /** The system inside reboots, or somebody presses the reset button. What runs stays as it was started; with `on_reboot` destroy it stops. */
  reboot(): void {
    if (this.live === undefined) return;
    if (textOf(elementAt(this.live, 'on_reboot')) === 'destroy') this.#stopByItself(LIFECYCLE.shutdownByHost);
    else this.#beginAnew();
  }

  pause(why: 'user' | 'I/O error' = 'user'): void {
    if (this.state !== STATE.running) return;
    this.#power = { state: STATE.paused, reason: why === 'user' ? PAUSED.user : PAUSED.ioError };
    this.#tell(why === 'user' ? LIFECYCLE.paused : LIFECYCLE.pausedByIoError);
  }

  resume(): void {
    if (this.state !== STATE.paused) return;
    this.#power = { state: STATE.running, reason: RUNNING.unpaused };
    this.#tell(LIFECYCLE.resumed);
  }

  /** The system inside goes to sleep. */
  sleep(): void {
    if (this.state !== STATE.running) return;
    this.#power = { state: STATE.suspendedByGuest, reason: 0 };
    this.#tell(LIFECYCLE.suspendedByGuest);
  }

  wake(): void {
    if (this.state !== STATE.suspendedByGuest) return;
    this.#power = { state: STATE.running, reason: RUNNING.wokenUp };
    this.#tell(LIFECYCLE.wokenUp);
  }

  /** The system inside panics. What becomes of the machine is for `on_crash` to say. */
  crash(): void {
    if (this.live === undefined || this.state === STATE.crashed) return;
    const action = textOf(elementAt(this.live, 'on_crash'));
    this.#tell(LIFECYCLE.panicked);
    if (action === 'restart') this.#beginAnew();
    else if (action === 'preserve') this.#power = { state: STATE.crashed, reason: CRASHED.panicked };
    else {
      this.#end(SHUT_OFF.crashed);
      this.#tell(LIFECYCLE.stoppedByCrash);
      this.#forgetWhenTransient();
    }
  }

  pressKeys(codes: readonly number[]): void {
    this.received.keys.push(codes);
    if (this.received.keys.length > MOST_KEYS) this.received.keys.shift();
  }

  /** A daemon that was started again does not know why a machine is off. */
  forgetReason(): void {
    if (this.#power.state === STATE.shutOff) this.#power = { state: STATE.shutOff, reason: SHUT_OFF.unknown };
  }

  /** Calls back when the machine stops; dispose the result to give that up. */
  onEnd(callback: () => void): Disposable {
    this.#ends.add(callback);
    return { [Symbol.dispose]: () => void this.#ends.delete(callback) };
  }

  /** Calls back with each change of the power, right after it; dispose the result to give that up. */
  watchPower(listener: (change: PowerChange) => void): Disposable {
    // A function of its own: the same listener may watch twice.
    const own = (change: PowerChange): void => listener(change);
    this.#powerListeners.add(own);
    return { [Symbol.dispose]: () => void this.#powerListeners.delete(own) };
  }

  /** Cancels what is under way, without a trace. */
  discard(): void {
    this.#button?.[Symbol.dispose]();
    this.#button = undefined;
  }

  #beginAnew(): void {
    this.received.reboots += 1;
    this.#surroundings.rebooted(this.reference);
    this.#tellPower('reset');
  }

  #stopByItself(announcement: readonly [number, number]): void {
    this.#tell(announcement);
    // The number is still the old one in this event, unlike in that of destroy: libvirt takes it away afterwards.
    this.#tell(LIFECYCLE.stopped);
    this.#end(SHUT_OFF.shutdown);
    this.#forgetWhenTransient();
  }

  #end(reason: number): void {
    this.discard();
    this.#id = -1;
    this.live = undefined;
    this.#power = { state: STATE.shutOff, reason };
    for (const callback of this.#ends) callback();
    this.#ends.clear();
    this.#tellPower('off');
  }

  #forgetWhenTransient(): void {
    if (this.definition === undefined) this.#surroundings.gone(this);
  }

  #tellPower(change: PowerChange): void {
    for (const listener of this.#powerListeners) listener(change);
  }

  #tell(event: readonly [event: number, detail: number]): void {
    this.#surroundings.lifecycle(this.reference, event);
  }
}
