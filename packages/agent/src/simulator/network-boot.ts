import { abortable, type BootDeviceName, type Clock, delay, type Logger, silentLogger, systemClock, throwIfAborted, type VirtualDevice } from '@ferric/core';
import { type AgentFaults, createAgentFaults } from './agent-faults.js';
import type { VirtualAgentOptions } from './agent-options.js';
import { type Disk, looksWritten } from './disk/disk.js';
import { createVirtualDisk } from './disk/virtual-disk.js';
import { bootFromNetwork, type NetworkBootResult } from './ipxe/boot-from-network.js';
import type { BootOutcome } from './ipxe/machine.js';
import { parseCommandLine } from './kernel-parameters.js';
import { startVirtualAgent, type VirtualAgent } from './virtual-agent.js';
import { failureText, type Trust } from './wire/http.js';

/** What a machine does now. */
export type Running =
  | { readonly kind: 'off' }
  /** It is in its firmware, or loads something. */
  | { readonly kind: 'starting' }
  /** The deploy agent runs. `ended`: how, when it does not any more but the machine is still on. */
  | { readonly kind: 'agent'; readonly commandLine: string; readonly ended?: string }
  /** Another kernel from the network: an instance without a disk, or an installer. */
  | { readonly kind: 'kernel'; readonly commandLine: string }
  | { readonly kind: 'disk' }
  | { readonly kind: 'iso'; readonly url: string }
  /** iPXE's own command line. */
  | { readonly kind: 'shell' }
  | { readonly kind: 'nothing to boot'; readonly why: string }
  | { readonly kind: 'hung'; readonly why: string };

export interface NetworkBootOptions {
  /** Its controller; it must be able to tell of changes of its power (`watchPower`). */
  readonly device: VirtualDevice;
  /** The URL that the DHCP server gives to the network card with this address: of an iPXE script. Default: its network cards cannot boot. */
  readonly scriptUrl?: (macAddress: string) => string;
  /** The command line of the kernel on the CD from which the machine, as its controller has set it, boots now; undefined: from none. Default: it has no drive. */
  readonly cdrom?: () => Promise<string | undefined>;
  /** Addresses of its network cards. Default: the ports of the device. */
  readonly macAddresses?: readonly string[];
  /** Default: 10 GiB in memory. A disk that is given stays open. */
  readonly disk?: Disk;
  /** More settings of the agents that it boots. */
  readonly agent?: Omit<Partial<VirtualAgentOptions>, 'kernelParameters' | 'disk' | 'onPowerOff' | 'onReboot' | 'faults' | 'clock' | 'macAddresses'>;
  /** What goes wrong with the agents that it boots. Default: nothing; see {@link NetworkBoot.faults}. */
  readonly faults?: AgentFaults;
  /** Firmware. Default `pcbios`. */
  readonly platform?: 'pcbios' | 'efi';
  /** Called with each script that a network card was given, before it runs. */
  readonly onScript?: (script: string, url: string) => void;
  /** Called whenever the machine does something else. */
  readonly onChange?: (running: Running) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Firmware and systems of a simulated machine. Disposing it leaves the controller alone. */
export interface NetworkBoot extends AsyncDisposable {
  readonly running: Running;
  /** The agent that runs now, or ran last on this boot. */
  readonly agent: VirtualAgent | undefined;
  readonly disk: Disk;
  readonly faults: AgentFaults;
  /** What stood on its console since it was last switched on, the newest 1000 lines. */
  readonly console: readonly string[];
  /** How often it was started, or started anew. */
  readonly boots: number;
}

const MOST_CONSOLE_LINES = 1000;
/** How long systemd waits until it starts an agent again that gave up. Milliseconds. */
const RESTART_AGENT_MS = 5000;
const AGENT_PARAMETERS = ['ipa-api-url', 'ipa-inspection-callback-url'] as const;

/**
 * Gives a simulated controller a machine: whenever it is switched on, it boots from CD, or loads its iPXE script, as the firmware of a real one does,
 * and runs what that says: an agent that speaks to the conductor, or the system on its disk.
 */
export function startNetworkBoot(options: NetworkBootOptions): NetworkBoot {
  const machine = new Machine(options);
  machine.begin();
  return machine;
}

class Machine implements NetworkBoot {
  readonly #options: NetworkBootOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #console: string[] = [];
  readonly disk: Disk;
  readonly faults: AgentFaults;
  #watch: Disposable | undefined;
  #power: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();
  #running: Running = { kind: 'off' };
  #agent: VirtualAgent | undefined;
  #boots = 0;

  constructor(options: NetworkBootOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.disk = options.disk ?? createVirtualDisk();
    this.faults = options.faults ?? createAgentFaults();
  }

  get running(): Running {
    return this.#running;
  }

  get agent(): VirtualAgent | undefined {
    return this.#agent;
  }

  get console(): readonly string[] {
    return this.#console;
  }

  get boots(): number {
    return this.#boots;
  }

  begin(): void {
    const { device } = this.#options;
    this.#watch = device.watchPower?.((change) => {
      if (change === 'off') this.#cut();
      else this.#start();
    });
    if (device.state.power === 'power on') this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#cut();
    await this.#work;
    if (this.#options.disk === undefined) await this.disk[Symbol.asyncDispose]();
  }

  /** The plug is pulled. */
  #cut(): void {
    this.#power?.abort();
    this.#power = undefined;
    this.#become({ kind: 'off' });
  }

  /** The machine starts, or starts anew. What ran before is gone at once. */
  #start(): void {
    this.#power?.abort();
    const power = new AbortController();
    this.#power = power;
    this.#boots += 1;
    this.#console.length = 0;
    this.#become({ kind: 'starting' });
    const before = this.#work;
    this.#work = before.then(() => this.#boot(power.signal)).catch((error: unknown) => {
      if (!power.signal.aborted) this.#become({ kind: 'hung', why: failureText(error) });
    });
  }

  #become(running: Running): void {
    this.#running = running;
    this.#options.onChange?.(running);
  }

  #tell(line: string): void {
    this.#console.push(line);
    if (this.#console.length > MOST_CONSOLE_LINES) this.#console.shift();
    this.#logger.debug({ machine: this.#options.device.name }, line);
  }

  async #boot(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const isDiskFirst = (await this.#bootDevice(signal)) === 'disk';
    const commandLine = await this.#options.cdrom?.();
    throwIfAborted(signal);
    if (commandLine !== undefined) return this.#runKernel(commandLine, signal);
    if (isDiskFirst && (await looksWritten(this.disk))) return this.#become({ kind: 'disk' });
    const result = await this.#bootFromNetwork(signal);
    throwIfAborted(signal);
    if (result.outcome !== undefined) return this.#follow(result.outcome, signal);
    if (await looksWritten(this.disk)) return this.#become({ kind: 'disk' });
    this.#tell('No bootable device.');
    this.#become({ kind: 'nothing to boot', why: result.why });
  }

  async #bootDevice(signal: AbortSignal): Promise<BootDeviceName | null | undefined> {
    const { device } = this.#options;
    return device.bootsFrom === undefined ? device.state.bootDevice?.device : abortable(signal, device.bootsFrom());
  }

  async #bootFromNetwork(signal: AbortSignal): Promise<NetworkBootResult> {
    const { device, platform = 'pcbios', onScript, scriptUrl } = this.#options;
    if (scriptUrl === undefined) return { outcome: undefined, why: 'its network cards cannot boot' };
    return bootFromNetwork({
      macAddresses: this.#macAddresses, platform, scriptUrl, onScript, clock: this.#clock, signal, trust: this.#trust,
      identity: { serial: device.name, manufacturer: 'Ferric', product: 'Virtual machine' },
      tell: (line) => this.#tell(line),
      hasSystem: () => looksWritten(this.disk),
    });
  }

  get #macAddresses(): readonly string[] {
    return this.#options.macAddresses ?? this.#options.device.ports.map(({ address }) => address);
  }

  get #trust(): Trust {
    return { certificates: this.#options.agent?.trustedCertificates };
  }

  async #follow(outcome: BootOutcome, signal: AbortSignal): Promise<void> {
    if (outcome.kind === 'power off') return this.#powerOff(signal);
    if (outcome.kind === 'reboot') return this.#reboot(signal);
    if (outcome.kind !== 'kernel') return this.#become(outcome);
    await this.#runKernel(outcome.commandLine, signal);
  }

  async #runKernel(commandLine: string, signal: AbortSignal): Promise<void> {
    const parameters = parseCommandLine(commandLine);
    if (!AGENT_PARAMETERS.some((name) => Object.hasOwn(parameters, name))) return this.#become({ kind: 'kernel', commandLine });
    await this.#runAgents(commandLine, signal);
  }

  /** Runs an agent, and another one whenever it gives up, as systemd does, until the machine goes off. */
  async #runAgents(commandLine: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const agent = await startVirtualAgent({
        ...this.#options.agent,
        kernelParameters: commandLine,
        macAddresses: this.#macAddresses,
        disk: this.disk,
        faults: this.faults,
        clock: this.#clock,
        onPowerOff: () => this.#powerOff(signal),
        onReboot: () => this.#reboot(signal),
      });
      this.#agent = agent;
      this.#become({ kind: 'agent', commandLine });
      const end = await Promise.race([agent.ended, aborted(signal)]);
      if (end === undefined) return agent[Symbol.asyncDispose]();
      if (signal.aborted) return;
      this.#become({ kind: 'agent', commandLine, ended: end.detail ?? end.how });
      if (end.how !== 'gave up') return;
      await delay(RESTART_AGENT_MS, { clock: this.#clock, signal });
    }
  }

  /** The system switches its machine off; the controller only sees that it is off. */
  #powerOff(signal: AbortSignal): void {
    if (!signal.aborted) this.#options.device.state.power = 'power off';
    // A controller that tells of no changes would leave it on.
    if (!signal.aborted) this.#cut();
  }

  #reboot(signal: AbortSignal): void {
    if (!signal.aborted) this.#start();
  }
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
