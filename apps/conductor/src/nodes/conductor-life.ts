import type { ConductorRecord } from '../store/store.js';

/** Without a sign of life for this long a conductor is dead and its locks are free. Milliseconds. Source: Ironic, `[conductor]heartbeat_timeout`. */
export const CONDUCTOR_DEAD_AFTER_MS = 60_000;

/** Whether a conductor gave a sign of life lately. */
export function isConductorAlive(conductor: Pick<ConductorRecord, 'updatedAt'>, at: Date): boolean {
  return at.getTime() - conductor.updatedAt.getTime() < CONDUCTOR_DEAD_AFTER_MS;
}
