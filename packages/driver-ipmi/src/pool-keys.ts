import { createHmac, randomBytes } from 'node:crypto';
import type { TranscriptSink } from '@ferric/core';
import type { BmcAccess } from './ipmi-options.js';

/** Names what must be the same for two devices to share a session. */
export type PoolKeys = (access: BmcAccess, transcript: TranscriptSink | undefined) => string;

/**
 * Makes names for the lifetime of a pool. Passwords go in as a keyed hash, with a key that nobody ever sees: whoever reads the names, in a
 * heap dump or a debugger, can neither read nor try them.
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
  return ({ host, port, username, password, kgKey, privilegeLevel, cipherSuite, protocol }, transcript) => {
    const parts = [host, port, username, password?.reveal() ?? '', kgKey?.reveal() ?? '', privilegeLevel, cipherSuite, protocol];
    return `${numberOf(transcript)} ${createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64')}`;
  };
}
