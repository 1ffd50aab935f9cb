import type { VirtualDeviceActivity } from '@ferric/core';
import type { DigestGuard } from './digest/digest-guard.js';
import type { AmtMachine } from './machine/amt-machine.js';
import type { Network } from './network.js';
import type { Counts } from './service/counts.js';
import type { Engine } from './service/engine.js';

/** What a device saw, besides what every virtual device counts. */
export interface AmtActivity extends VirtualDeviceActivity {
  /** Requests by what they ask for: `Get CIM_Chassis`, `Invoke CIM_BootService.SetBootConfigRole`. Only those of users who were let in. */
  readonly operations: ReadonlyMap<string, number>;
  /** Proofs of identity that were wrong. */
  readonly refusedProofs: number;
  /** Proofs with a nonce or a counter that was no good any more. */
  readonly staleProofs: number;
  /** Connections that were let in. */
  readonly servedConnections: number;
  /** Connections that were closed at once because there were too many. */
  readonly refusedConnections: number;
  /** How often its management engine woke up. */
  readonly wakes: number;
  /** Connections that came while it was not awake. */
  readonly lostConnections: number;
  /** Writes to its flash memory. */
  readonly flashWrites: number;
}

export interface ActivityParts {
  readonly network: Network;
  readonly counts: Counts;
  readonly guard: DigestGuard;
  readonly engine: Engine;
  readonly machine: AmtMachine;
}

export function createActivity({ network, counts, guard, engine, machine }: ActivityParts): AmtActivity {
  return {
    operations: counts.operations,
    get openConnections() {
      return network.openConnections;
    },
    get mostConcurrentExchanges() {
      return counts.mostConcurrentExchanges;
    },
    get changeCommands() {
      return counts.changeCommands;
    },
    get authenticationAttempts() {
      return guard.counted.attempts;
    },
    get refusedProofs() {
      return guard.counted.refused;
    },
    get staleProofs() {
      return guard.counted.stale;
    },
    get servedConnections() {
      return network.servedConnections;
    },
    get refusedConnections() {
      return network.refusedConnections;
    },
    get wakes() {
      return engine.wakes;
    },
    get lostConnections() {
      return engine.lost;
    },
    get flashWrites() {
      return machine.flash.writes;
    },
  };
}
