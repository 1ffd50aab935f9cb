import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '@ferric/core';

/**
 * A new token for the agent of one boot: 43 characters that need no encoding in a URL. Agents ignore one of less than 32.
 * Source: Ironic, ironic/conductor/utils.py (add_secret_token); ironic-python-agent, ironic_python_agent/agent.py (process_lookup_data).
 */
export function createAgentToken(): Secret {
  return new Secret(randomBytes(32).toString('base64url'));
}

/** Whether two tokens are the same, in a time that tells nothing about them. A missing one matches none, not even another missing one. */
export function tokensMatch(expected: Secret | undefined, received: Secret | undefined): boolean {
  if (expected === undefined || received === undefined) return false;
  return timingSafeEqual(digest(expected), digest(received));
}

function digest(token: Secret): Buffer {
  return createHash('sha256').update(token.reveal()).digest();
}
