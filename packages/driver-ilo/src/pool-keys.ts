import { createHmac, randomBytes } from 'node:crypto';
import type { TranscriptSink } from '@ferric/core';
import type { IloAccess } from './client-pool.js';

/** Names what must be the same for two devices to share a client. */
export type PoolKeys = (access: IloAccess, transcript: TranscriptSink | undefined) => string;

/**
 * Makes names for the lifetime of a pool. The password goes in as a keyed hash, with a key that nobody ever sees: whoever reads the names, in a
 * heap dump or a debugger, can neither read nor try it.
 */
export function createPoolKeys(): PoolKeys {
  const secret = randomBytes(32);
  const sinks = new WeakMap<TranscriptSink, number>();
  let count = 0;
  const numberOf = (sink: TranscriptSink | undefined): number => {
    if (sink === undefined) return 0;
    const known = sinks.get(sink) ?? (count += 1);
    sinks.set(sink, known);
    return known;
  };
  return ({ host, port, username, password, timeoutMs, tls: { profile, verify, authorities, fingerprint } }, transcript) => {
    const parts = [host.toLowerCase(), port, username, password.reveal(), timeoutMs, profile, verify, authorities, fingerprint];
    const text = JSON.stringify(parts.map((part) => part ?? null));
    return `${numberOf(transcript)} ${createHmac('sha256', secret).update(text).digest('base64')}`;
  };
}
