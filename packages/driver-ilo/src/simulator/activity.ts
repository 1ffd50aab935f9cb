import type { VirtualDeviceActivity } from '@ferric/core';
import type { Operation } from './operations.js';

/** What an iLO saw, besides what every virtual device counts. `openConnections` is the larger of open connections and open sessions. */
export interface IloActivity extends VirtualDeviceActivity {
  readonly openSessions: number;
  readonly mostOpenSessions: number;
  /** Sessions that were opened. */
  readonly logins: number;
  /** Requests of all kinds. */
  readonly requests: number;
  /** How often each change was asked for, whether it was made or not. */
  readonly operations: Readonly<Partial<Record<Operation, number>>>;
  /** The latest 1000 changes in the order in which they were asked for, the newest last. */
  readonly latestOperations: readonly Operation[];
}

const MOST_LATEST = 1000;

/** Counts. */
export class Counter {
  active = 0;
  mostActive = 0;
  requests = 0;
  changes = 0;
  attempts = 0;
  logins = 0;
  mostSessions = 0;
  readonly operations: Partial<Record<Operation, number>> = {};
  readonly latest: Operation[] = [];

  /** An exchange begins; it lasts until the result is disposed. */
  beginExchange(): Disposable {
    this.requests += 1;
    this.active += 1;
    this.mostActive = Math.max(this.mostActive, this.active);
    let isUnderWay = true;
    return {
      [Symbol.dispose]: () => {
        if (isUnderWay) this.active -= 1;
        isUnderWay = false;
      },
    };
  }

  change(operation: Operation): void {
    this.changes += 1;
    this.operations[operation] = (this.operations[operation] ?? 0) + 1;
    this.latest.push(operation);
    if (this.latest.length > MOST_LATEST) this.latest.shift();
  }
}
