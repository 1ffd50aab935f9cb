import type { PowerReading, PowerState } from '@ferric/core';
import type { DomainState, DomainStateReading } from './client/domains.js';

/** What a state of a domain means for the power of the machine. */
interface Meaning {
  readonly state: PowerState;
  readonly detail?: (reason: string) => string | undefined;
}

/** What there is to say about a machine that is off, by reason; nothing about the others. */
const OFF_DETAILS: Readonly<Record<string, string>> = {
  crashed: 'It crashed',
  failed: 'Its last start failed',
  saved: 'Its memory is saved: power on goes on from there',
  migrated: 'It was moved to another host',
  'from snapshot': 'It was set back to a snapshot',
};

/** A machine counts as on as long as its processors exist, whether or not they run. */
const MEANINGS: Readonly<Record<DomainState, Meaning>> = {
  'no state': { state: 'power on' },
  running: { state: 'power on' },
  blocked: { state: 'power on' },
  paused: { state: 'power on', detail: (reason) => `Paused (${reason}): its processors stand still` },
  'shutting down': { state: 'power on', detail: () => 'Shutting down' },
  'shut off': { state: 'power off', detail: (reason) => OFF_DETAILS[reason] },
  crashed: { state: 'power on', detail: (reason) => `Crashed (${reason}): it is kept to be looked at until it is switched off` },
  'suspended by guest': { state: 'power on', detail: () => 'Asleep: its operating system has suspended it' },
};

/** The power of a machine by what the daemon says of its domain. */
export function powerReading({ state, reason }: DomainStateReading, at: Date): PowerReading {
  const meaning = MEANINGS[state];
  const detail = meaning.detail?.(reason);
  return { state: meaning.state, source: 'device', ...(detail === undefined ? {} : { detail }), at };
}
