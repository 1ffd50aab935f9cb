import { randomBytes } from 'node:crypto';
import { type Clock, Secret } from '@ferric/core';
import type { Account } from './machine/accounts.js';

export interface Session {
  readonly id: string;
  readonly token: Secret;
  readonly account: Account;
  readonly beganAt: Date;
  usedAtMs: number;
}

/** The sessions of the REST interfaces: few, and they end when nobody uses them. */
export class Sessions {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #timeoutMs: () => number;
  #sessions: Session[] = [];

  constructor(settings: { readonly clock: Clock; readonly most: number; readonly timeoutMs: () => number }) {
    this.#clock = settings.clock;
    this.#most = settings.most;
    this.#timeoutMs = settings.timeoutMs;
  }

  get open(): readonly Session[] {
    const oldest = this.#clock.monotonicMs() - this.#timeoutMs();
    this.#sessions = this.#sessions.filter(({ usedAtMs }) => usedAtMs >= oldest);
    return this.#sessions;
  }

  /** @returns undefined when there is no room */
  begin(account: Account): Session | undefined {
    if (this.open.length >= this.#most) return undefined;
    const session: Session = {
      id: `${account.login.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}${randomBytes(8).toString('hex')}`,
      token: new Secret(randomBytes(16).toString('hex')),
      account,
      beganAt: this.#clock.now(),
      usedAtMs: this.#clock.monotonicMs(),
    };
    this.#sessions.push(session);
    return session;
  }

  /** The session of a token, which counts as used. */
  use(token: string): Session | undefined {
    const session = this.open.find((each) => each.token.reveal() === token);
    if (session !== undefined) session.usedAtMs = this.#clock.monotonicMs();
    return session;
  }

  withId(id: string): Session | undefined {
    return this.open.find((session) => session.id === id);
  }

  end(session: Session): void {
    this.#sessions = this.#sessions.filter((each) => each !== session);
  }

  endAll(): void {
    this.#sessions = [];
  }
}
