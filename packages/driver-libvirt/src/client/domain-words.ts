/**
 * What domains are doing; the index is the number on the wire.
 * Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainState.
 */
export const DOMAIN_STATES = ['no state', 'running', 'blocked', 'paused', 'shutting down', 'shut off', 'crashed', 'suspended by guest'] as const;
export type DomainState = (typeof DOMAIN_STATES)[number];

/**
 * Why a domain is in its state; the index is the number on the wire.
 * Source: libvirt-domain.h, virDomainRunningReason and its sisters.
 */
const STATE_REASONS: Readonly<Record<DomainState, readonly string[]>> = {
  'no state': ['unknown'],
  running: [
    'unknown', 'booted', 'migrated', 'restored', 'from snapshot', 'unpaused', 'migration cancelled', 'save cancelled', 'woken up', 'crashed', 'post-copy',
    'post-copy failed',
  ],
  blocked: ['unknown'],
  paused: [
    'unknown', 'user', 'migration', 'save', 'dump', 'I/O error', 'watchdog', 'from snapshot', 'shutting down', 'snapshot', 'crashed', 'starting up', 'post-copy',
    'post-copy failed', 'API error',
  ],
  'shutting down': ['unknown', 'user'],
  'shut off': ['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot', 'daemon'],
  crashed: ['unknown', 'panicked'],
  'suspended by guest': ['unknown'],
};

/** The word for a state. A number of a later libvirt reads as `no state`: nothing is known about it. */
export function domainState(number: number): DomainState {
  return DOMAIN_STATES[number] ?? 'no state';
}

/** The word for a reason, `reason 23` where this version knows none. */
export function stateReason(state: DomainState, number: number): string {
  return STATE_REASONS[state][number] ?? `reason ${number}`;
}
