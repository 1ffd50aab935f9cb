import { randomBytes } from 'node:crypto';
import type { Clock } from '@ferric/core';
import { Session, type SessionFields } from './session.js';

export interface SessionTableSettings {
  readonly limit: number;
  readonly timeoutMs: number;
}

/** The open sessions of one BMC. Those without a packet for too long are gone when anybody looks. */
export class SessionTable {
  readonly #settings: SessionTableSettings;
  readonly #clock: Clock;
  readonly #ended: (session: Session) => void;
  #sessions: Map<number, Session> | undefined;

  /** @param ended told of each session that ends, for whatever reason */
  constructor(settings: SessionTableSettings, clock: Clock, ended: (session: Session) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#ended = ended;
  }

  get limit(): number {
    return this.#settings.limit;
  }

  get open(): readonly Session[] {
    if (this.#sessions === undefined) return [];
    const oldest = this.#clock.monotonicMs() - this.#settings.timeoutMs;
    for (const session of this.#sessions.values()) {
      if (session.lastSeenMs <= oldest) this.end(session);
    }
    return [...this.#sessions.values()];
  }

  get isFull(): boolean {
    return this.open.length >= this.#settings.limit;
  }

  find(id: number): Session | undefined {
    return this.open.find((session) => session.id === id);
  }

  /** A number that no session has, and not 0. */
  freeId(): number {
    for (;;) {
      const id = randomBytes(4).readUInt32LE();
      if (id !== 0 && this.#sessions?.has(id) !== true) return id;
    }
  }

  /** Opens a session; undefined when all places are taken. */
  add(fields: Omit<SessionFields, 'handle'>): Session | undefined {
    if (this.isFull) return undefined;
    this.#sessions ??= new Map();
    const taken = new Set(this.open.map(({ handle }) => handle));
    let handle = 1;
    while (taken.has(handle)) handle += 1;
    const session = new Session({ ...fields, handle });
    this.#sessions.set(session.id, session);
    this.touch(session);
    return session;
  }

  /** The session has just said something. */
  touch(session: Session): void {
    session.lastSeenMs = this.#clock.monotonicMs();
  }

  end(session: Session): void {
    if (this.#sessions?.delete(session.id) === true) this.#ended(session);
  }

  endAll(): void {
    for (const session of this.#sessions?.values() ?? []) this.end(session);
  }
}
