import type { Clock, Fault, Timer } from '@ferric/core';
import type { Counter } from './activity.js';
import type { IloBehaviour } from './behaviour.js';
import { Events } from './events.js';
import type { HttpsCertificate } from './https-certificate.js';
import type { Account, Privilege } from './machine/accounts.js';
import type { Machine } from './machine/machine.js';
import { type Operation, OPERATIONS } from './operations.js';
import { type Outcome, refuse } from './outcome.js';
import type { Sessions } from './sessions.js';

/** How long the iLO is away when it starts anew. Milliseconds. */
export interface ResetDurations {
  /** From the command until nobody is let in any more: time for its answer. Default 20. */
  readonly leaveMs: number;
  /** Time without a network. Default 700: whoever looks every half second sees it. */
  readonly offlineMs: number;
  /** Time in which it answers, but only that it is not ready. Default 100. */
  readonly startingMs: number;
}

export const DEFAULT_RESET: ResetDurations = { leaveMs: 20, offlineMs: 700, startingMs: 100 };

/** What all interfaces of an iLO share. */
export class Controller implements Disposable {
  readonly machine: Machine;
  readonly sessions: Sessions;
  readonly counter: Counter;
  readonly behaviour: IloBehaviour;
  readonly httpsCertificate: HttpsCertificate;
  readonly events: Events;
  /** How often it started anew. */
  resets = 0;
  /** `starting`: it answers that it is not ready. */
  phase: 'up' | 'offline' | 'starting' = 'up';
  readonly #clock: Clock;
  readonly #durations: ResetDurations;
  readonly #network: { leave(): void; come(): void };
  #timer: Timer | undefined;

  constructor(settings: {
    readonly machine: Machine;
    readonly sessions: Sessions;
    readonly counter: Counter;
    readonly behaviour: IloBehaviour;
    readonly httpsCertificate: HttpsCertificate;
    readonly durations: ResetDurations;
    readonly network: { leave(): void; come(): void };
  }) {
    this.machine = settings.machine;
    this.sessions = settings.sessions;
    this.counter = settings.counter;
    this.behaviour = settings.behaviour;
    this.httpsCertificate = settings.httpsCertificate;
    this.events = new Events(settings.machine.clock);
    this.#clock = settings.machine.clock;
    this.#durations = settings.durations;
    this.#network = settings.network;
    settings.machine.onIloFirmware = () => this.reset();
    // Ends with the machine.
    settings.machine.power.watch((change) => this.events.power(change, '/redfish/v1/Systems/1/'));
  }

  /** Starts anew: sessions end, media are ejected, nobody is answered for a while. The machine goes on as it is. */
  reset(): void {
    if (this.phase !== 'up') return;
    this.resets += 1;
    const { leaveMs, offlineMs, startingMs } = this.#durations;
    const { machine } = this;
    machine.iloLog.write('Informational', `iLO ${machine.identity.facts.iloNumber}`, 'Embedded health: the management processor was reset.');
    this.#after(leaveMs, () => {
      this.phase = 'offline';
      this.sessions.endAll();
      machine.media.ejectAll();
      machine.firmware.forget();
      this.#network.leave();
      this.#after(offlineMs, () => {
        this.phase = 'starting';
        this.#network.come();
        this.#after(startingMs, () => void (this.phase = 'up'));
      });
    });
  }

  #after(ms: number, act: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.after(ms, act);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.httpsCertificate[Symbol.dispose]();
    this.events[Symbol.dispose]();
  }
}

/** Who sends a command, and what goes wrong with it. */
export interface Caller {
  readonly account: Account;
  /** Carries out a command that changes something, unless the user may not, or a fault prevents it. @param isOwn it is about the caller's own account */
  perform(operation: Operation, work: () => Outcome, isOwn?: boolean): Outcome;
}

/** iLO 4 knows fewer privileges: who may configure it may configure the machine. */
const OLD_PRIVILEGES: Readonly<Partial<Record<Privilege, Privilege>>> = {
  HostBIOSConfigPriv: 'iLOConfigPriv',
  HostStorageConfigPriv: 'iLOConfigPriv',
  HostNICConfigPriv: 'iLOConfigPriv',
};

export function createCaller(controller: Controller, account: Account, fault: Fault | undefined): Caller {
  const isOld = controller.machine.identity.facts.iloNumber === 4;
  return {
    account,
    perform(operation, work, isOwn = false) {
      const named = OPERATIONS[operation];
      const privilege = isOld ? (OLD_PRIVILEGES[named] ?? named) : named;
      if (!isOwn && !account.privileges.has(privilege)) return refuse('no privilege', privilege);
      controller.counter.change(operation);
      if (fault?.kind === 'command failure') return refuse('failed');
      return fault?.kind === 'wrong state' ? undefined : work();
    },
  };
}
