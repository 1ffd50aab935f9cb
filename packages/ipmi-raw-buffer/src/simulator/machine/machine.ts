import type { VirtualBootChoice } from './boot-flags.js';
import type { Timers } from '../timers.js';
import { createBootOptions, type BootOptions } from './boot-options.js';

export type VirtualPowerState = 'power on' | 'power off';
/** What happened to the power of a machine: `reset` is a restart without being off in between. */
export type VirtualPowerChange = 'on' | 'off' | 'reset';

/** Why the machine started. Source: IPMI 1.5, table 22-11. */
const RESTART_CAUSE = { unknown: 0x00, chassisControl: 0x01, powerButton: 0x03 } as const;

/** The machine behind the BMC. Tests may set what is not read-only, as a person at the machine could. */
export interface VirtualMachine {
  /** Writing to it is pressing the power button. */
  power: VirtualPowerState;
  /** What the next start boots from, as parameter 5 says; undefined: nothing valid is set. */
  bootChoice: VirtualBootChoice | undefined;
  /** What the last start booted from; undefined before the first. */
  readonly lastBoot: VirtualBootChoice | undefined;
  /** Whether the operating system obeys a soft shutdown. Default true. */
  obeysSoftShutdown: boolean;
  /** Diagnostic interrupts since the start of the simulator. */
  readonly diagnosticInterrupts: number;
  /** The identify light: seconds left, `steady` until told otherwise, or off. */
  readonly identify: number | 'steady' | 'off';
  /** What happens when mains come back. */
  restorePolicy: 'always off' | 'previous' | 'always on';
  /** Chassis controls that were carried out, since the start of the simulator. */
  readonly powerCommands: number;
}

/** The machine with what only the BMC may do. */
export interface ControlledMachine extends VirtualMachine {
  readonly bootOptions: BootOptions;
  readonly restartCause: number;
  readonly lastOnByCommand: boolean;
  /** Front panel: disabled buttons as four bits. */
  disabledButtons: number;
  startIdentify(seconds: number | 'steady'): void;
  /** Commands of Chassis Control; each is carried out after the machine's delay. */
  switchOn(): void;
  switchOff(): void;
  cycle(): void;
  reset(): void;
  interrupt(): void;
  shutDown(): void;
  /** Milliseconds that it has been on, over all its starts. */
  readonly onMs: number;
  watch(listener: (change: VirtualPowerChange) => void): Disposable;
}

export interface MachineSettings {
  readonly power: VirtualPowerState;
  readonly obeysSoftShutdown: boolean;
  /** Between a command and what it does. Milliseconds; 0: at once. */
  readonly actionDelayMs: number;
  /** How long a cycle leaves the machine off. Milliseconds; 0: it is told as two changes at once. */
  readonly cycleOffMs: number;
}

export function createMachine(settings: MachineSettings, timers: Timers): ControlledMachine {
  return new Machine(settings, timers);
}

class Machine implements ControlledMachine {
  readonly bootOptions: BootOptions;
  obeysSoftShutdown: boolean;
  restorePolicy: VirtualMachine['restorePolicy'] = 'previous';
  lastBoot: VirtualBootChoice | undefined;
  diagnosticInterrupts = 0;
  powerCommands = 0;
  restartCause: number = RESTART_CAUSE.unknown;
  lastOnByCommand = false;
  disabledButtons = 0;
  readonly #settings: MachineSettings;
  readonly #timers: Timers;
  #listeners: Set<(change: VirtualPowerChange) => void> | undefined;
  #power: VirtualPowerState;
  #identifyUntil = 0;
  #onSince: number;
  #onBeforeMs = 0;

  constructor(settings: MachineSettings, timers: Timers) {
    this.#settings = settings;
    this.#timers = timers;
    this.#power = settings.power;
    this.#onSince = timers.clock.monotonicMs();
    this.obeysSoftShutdown = settings.obeysSoftShutdown;
    this.bootOptions = createBootOptions(timers.clock);
  }

  get power(): VirtualPowerState {
    return this.#power;
  }

  set power(wanted: VirtualPowerState) {
    this.#change(wanted, 'button');
  }

  get bootChoice(): VirtualBootChoice | undefined {
    return this.bootOptions.choice;
  }

  set bootChoice(choice: VirtualBootChoice | undefined) {
    this.bootOptions.choose(choice);
  }

  get identify(): number | 'steady' | 'off' {
    if (this.#identifyUntil === Number.POSITIVE_INFINITY) return 'steady';
    const leftMs = this.#identifyUntil - this.#timers.clock.monotonicMs();
    return leftMs > 0 ? Math.ceil(leftMs / 1000) : 'off';
  }

  get onMs(): number {
    return this.#onBeforeMs + (this.#power === 'power on' ? this.#timers.clock.monotonicMs() - this.#onSince : 0);
  }

  startIdentify(seconds: number | 'steady'): void {
    this.#identifyUntil = seconds === 'steady' ? Number.POSITIVE_INFINITY : this.#timers.clock.monotonicMs() + seconds * 1000;
  }

  switchOn(): void {
    this.#soon(() => this.#change('power on', 'command'));
  }

  switchOff(): void {
    this.#soon(() => this.#change('power off', 'command'));
  }

  cycle(): void {
    this.#soon(() => {
      this.#change('power off', 'command');
      this.#later(this.#settings.cycleOffMs, () => this.#change('power on', 'command'));
    });
  }

  reset(): void {
    this.#soon(() => {
      if (this.#power === 'power off') return;
      this.#boot('command');
      this.#tell('reset');
    });
  }

  interrupt(): void {
    this.#soon(() => (this.diagnosticInterrupts += 1));
  }

  shutDown(): void {
    if (this.obeysSoftShutdown) this.switchOff();
    else this.#soon(() => undefined);
  }

  watch(listener: (change: VirtualPowerChange) => void): Disposable {
    // A function of its own: the same listener may watch twice.
    const own = (change: VirtualPowerChange): void => listener(change);
    this.#listeners ??= new Set();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners?.delete(own) };
  }

  #soon(action: () => void): void {
    this.powerCommands += 1;
    this.#later(this.#settings.actionDelayMs, action);
  }

  #later(ms: number, action: () => void): void {
    if (ms === 0) action();
    else this.#timers.after(ms, action);
  }

  #change(wanted: VirtualPowerState, cause: 'command' | 'button'): void {
    if (wanted === this.#power) return;
    this.#power = wanted;
    if (wanted === 'power on') {
      this.#onSince = this.#timers.clock.monotonicMs();
      this.#boot(cause);
    } else {
      this.#onBeforeMs += this.#timers.clock.monotonicMs() - this.#onSince;
    }
    this.#tell(wanted === 'power on' ? 'on' : 'off');
  }

  #boot(cause: 'command' | 'button'): void {
    this.lastBoot = this.bootOptions.consume(cause);
    this.lastOnByCommand = cause === 'command';
    this.restartCause = cause === 'command' ? RESTART_CAUSE.chassisControl : RESTART_CAUSE.powerButton;
  }

  #tell(change: VirtualPowerChange): void {
    for (const listener of this.#listeners ?? []) listener(change);
  }
}
