import type { BootDeviceName, BootDeviceSetting } from '../device/boot.js';

/** What can go wrong with a simulated controller. One vocabulary for every protocol. */
export const FAULT_KINDS = {
  silence: 'Takes everything and acts on it, but answers nothing.',
  refuse: 'Refuses the connection.',
  reset: 'Accepts, then resets the connection.',
  close: 'Accepts, then closes the connection in good order.',
  'half frame': 'Sends the first half of an answer and stops.',
  garbage: 'Answers with bytes that the protocol does not know.',
  slow: 'Answers late, by `delayMs`.',
  busy: 'Says that it has no room for another session or command.',
  'wrong state': 'Says yes to a change and does not make it.',
  'command failure': 'Understands the command and reports that it failed.',
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

export interface Fault {
  readonly kind: FaultKind;
  /** How many exchanges it spoils; default all until cleared. */
  readonly times?: number;
  /** For `slow`. Milliseconds, default 1000. */
  readonly delayMs?: number;
}

/** Switches for what goes wrong. */
export interface FaultSwitches {
  /** The faults this protocol can show. */
  readonly supported: ReadonlySet<FaultKind>;
  /** Replaces the fault in force. Throws INVALID_OPTIONS for a kind that is not supported. */
  inject(fault: Fault): void;
  clear(): void;
}

/** What the controller saw, counted since it started. */
export interface VirtualDeviceActivity {
  readonly openConnections: number;
  readonly mostConcurrentExchanges: number;
  /** Commands that would change the machine, whether they did or not. */
  readonly changeCommands: number;
  readonly authenticationAttempts: number;
}

/** The machine behind the simulated controller. Tests may set it, as a person at the machine could. */
export interface VirtualMachineState {
  power: 'power on' | 'power off';
  bootDevice?: BootDeviceSetting;
}

/** What happened to the power of a machine: `reset` is a restart without being off in between. */
export type PowerChange = 'on' | 'off' | 'reset';

export interface VirtualDeviceOptions {
  /** Shown in logs and demos. Default: a generated name. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
}

/**
 * A simulated machine with a controller that speaks the real protocol. Every driver package's `./simulator`
 * exports `startVirtualDevice`, so that demos, tests and users handle all kinds alike.
 */
export interface VirtualDevice extends AsyncDisposable {
  readonly name: string;
  readonly hardwareType: string;
  /** What a node needs to be driven by it; secrets are in clear, they are made up. */
  readonly driverInfo: Readonly<Record<string, unknown>>;
  /** Present when the protocol has credentials: the same with wrong ones. */
  readonly wrongDriverInfo?: Readonly<Record<string, unknown>>;
  readonly ports: readonly { readonly address: string }[];
  readonly state: VirtualMachineState;
  readonly faults: FaultSwitches;
  readonly activity: VirtualDeviceActivity;
  /**
   * Tells of each change of the machine's power right after it, whoever made it: the controller or a write to {@link VirtualDevice.state}.
   * What runs on the machine starts and ends by it. Absent where the machine is not simulated.
   */
  watchPower?(listener: (change: PowerChange) => void): Disposable;
  /**
   * Present where the machine tests itself before it boots: what it boots from, as soon as the test that runs is over. Null when that is nothing, or the
   * machine went off or started anew meanwhile. Ask right after {@link VirtualDevice.watchPower} told of a start.
   */
  bootsFrom?(): Promise<BootDeviceName | null>;
  /**
   * Present when the protocol has no answers, so that a sender cannot know when its request arrived: resolves once
   * everything sent to the device before this call has been acted on. Await it before looking at {@link VirtualDevice.state}.
   */
  settled?(): Promise<void>;
}

export type StartVirtualDevice = (options?: VirtualDeviceOptions) => Promise<VirtualDevice>;
