import { createHmac, randomBytes } from 'node:crypto';
import type { Clock, Secret } from '@ferric/core';

/** Remembers for a while which credentials were right, without knowing them. */
export interface VerifiedCredentials {
  /** Names credentials by a keyed digest. The hash that they were compared with is part of it: another hash, another name. */
  nameOf(user: string, password: Secret, hash: Secret): string;
  has(name: string): boolean;
  add(name: string): void;
}

export interface VerifiedCredentialsSettings {
  readonly clock: Clock;
  /** How long right credentials are remembered. Milliseconds, default 300000. */
  readonly lifetimeMs?: number;
  /** How many are remembered; beyond that the ones used longest ago are forgotten. Default 1000. */
  readonly limit?: number;
}

export function createVerifiedCredentials({ clock, lifetimeMs = 300_000, limit = 1000 }: VerifiedCredentialsSettings): VerifiedCredentials {
  // Of this process only: a copy of its memory without the key tells nothing that could be tried against a list of words.
  const key = randomBytes(32);
  // A Map keeps the order of insertion: its first key is the one used longest ago.
  const endOf = new Map<string, number>();
  return {
    nameOf: (user, password, hash) => createHmac('sha256', key).update(JSON.stringify([user, password.reveal(), hash.reveal()])).digest('base64'),
    has(name) {
      const end = endOf.get(name);
      if (end === undefined) return false;
      endOf.delete(name);
      if (end <= clock.monotonicMs()) return false;
      endOf.set(name, end);
      return true;
    },
    add(name) {
      endOf.delete(name);
      endOf.set(name, clock.monotonicMs() + lifetimeMs);
      const [oldest] = endOf.size > limit ? endOf.keys() : [];
      if (oldest !== undefined) endOf.delete(oldest);
    },
  };
}
