/** Why packets were not taken. */
export interface DroppedPackets {
  /** No IPMI, cut off, or with a wrong checksum. */
  malformed: number;
  /** The check that protects the packet does not fit. */
  integrity: number;
  /** Seen before, or with a number outside the window. */
  sequence: number;
  /** Of a session that does not exist. */
  session: number;
}

/** What the BMC saw, counted since it started. */
export interface BmcActivity {
  readonly openSessions: number;
  readonly mostConcurrentExchanges: number;
  /** Commands that would change the machine, whether they did or not. */
  readonly changeCommands: number;
  /** Users that asked to be let in, repetitions of the same packet not counted. */
  readonly authenticationAttempts: number;
  readonly packetsReceived: number;
  /** Requests that had come before, answered from memory or not. */
  readonly duplicates: number;
  readonly sessionsOpened: number;
  /** By Close Session; those that ran out of time are not among them. */
  readonly sessionsClosed: number;
  readonly dropped: Readonly<DroppedPackets>;
}

/** The counts that the BMC writes. */
export class ActivityCounts {
  changeCommands = 0;
  authenticationAttempts = 0;
  packetsReceived = 0;
  duplicates = 0;
  sessionsOpened = 0;
  sessionsClosed = 0;
  mostConcurrentExchanges = 0;
  readonly dropped: DroppedPackets = { malformed: 0, integrity: 0, sequence: 0, session: 0 };
  #exchanges = 0;

  /** An exchange begins; the function ends it. */
  beginExchange(): () => void {
    this.#exchanges += 1;
    this.mostConcurrentExchanges = Math.max(this.mostConcurrentExchanges, this.#exchanges);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#exchanges -= 1;
    };
  }
}
