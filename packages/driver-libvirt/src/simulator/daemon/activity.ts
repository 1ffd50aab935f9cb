import type { VirtualDeviceActivity } from '@ferric/core';

/** What the daemon saw, counted since it started. */
export interface VirtualHypervisorActivity extends VirtualDeviceActivity {
  /** Connections that were ever made. */
  readonly connections: number;
  /** Calls that arrived. */
  readonly calls: number;
  /** The same of one procedure, by its number. */
  callsOf(procedure: number): number;
}

export class Activity implements VirtualHypervisorActivity {
  openConnections = 0;
  connections = 0;
  calls = 0;
  mostConcurrentExchanges = 0;
  changeCommands = 0;
  authenticationAttempts = 0;
  readonly #callsOf = new Map<number, number>();
  #exchanges = 0;

  callsOf(procedure: number): number {
    return this.#callsOf.get(procedure) ?? 0;
  }

  beginExchange(procedure: number): void {
    this.calls += 1;
    this.#callsOf.set(procedure, this.callsOf(procedure) + 1);
    this.#exchanges += 1;
    this.mostConcurrentExchanges = Math.max(this.mostConcurrentExchanges, this.#exchanges);
  }

  /** @param count how many end: more than one when a connection ends that waits for answers. */
  endExchange(count = 1): void {
    this.#exchanges -= count;
  }
}
