import { createHmac, randomBytes } from 'node:crypto';
import type { TranscriptSink } from '@ferric/core';
import type { HypervisorAccess } from './client-pool.js';

/**
 * Names what must be the same for two devices to share a connection. The password goes in as a keyed hash, with a key that nobody ever
 * sees: whoever reads the names, in a heap dump or a debugger, can neither read nor try it.
 */
export function createPoolKeys(): (access: HypervisorAccess, transcript: TranscriptSink | undefined) => string {
  const secret = randomBytes(32);
  const sinks = new WeakMap<TranscriptSink, number>();
  let count = 0;
  const numberOf = (sink: TranscriptSink | undefined): number => {
    if (sink === undefined) return 0;
    const known = sinks.get(sink);
    if (known !== undefined) return known;
    count += 1;
    sinks.set(sink, count);
    return count;
  };
  return ({ uri, credentials, ssh }, transcript) => {
    const parts = [uri, credentials?.username, credentials?.password.reveal(), ssh?.keyFile, ssh?.agent, ssh?.knownHostsFile];
    const text = JSON.stringify(parts.map((part) => part ?? null));
    return `${numberOf(transcript)} ${createHmac('sha256', secret).update(text).digest('base64')}`;
  };
}
