import { critical, nonrecoverable, ok, type StateTable, warning } from './state-meaning.js';

/** Offsets of threshold events: even when going low, odd when going high. Source: IPMI 1.5, table 36-2, type 0x01. */
const THRESHOLD: StateTable = [
  warning('lower non-critical going low'), ok('lower non-critical going high'),
  critical('lower critical going low'), ok('lower critical going high'),
  nonrecoverable('lower non-recoverable going low'), ok('lower non-recoverable going high'),
  ok('upper non-critical going low'), warning('upper non-critical going high'),
  ok('upper critical going low'), critical('upper critical going high'),
  ok('upper non-recoverable going low'), nonrecoverable('upper non-recoverable going high'),
];

/**
 * States of the generic event/reading types 0x01..0x0c. "Asserted" of type 0x03 says nothing about good or bad: it
 * depends on what the sensor watches, and counts as good.
 * Source: IPMI 1.5, table 36-2.
 */
export const GENERIC_STATES: Readonly<Record<number, StateTable>> = {
  0x01: THRESHOLD,
  0x02: [ok('transition to idle'), ok('transition to active'), ok('transition to busy')],
  0x03: [ok('state deasserted'), ok('state asserted')],
  0x04: [ok('predictive failure deasserted'), warning('predictive failure asserted')],
  0x05: [ok('limit not exceeded'), warning('limit exceeded')],
  0x06: [ok('performance met'), warning('performance lags')],
  0x07: [
    ok('transition to OK'), warning('transition to non-critical from OK'), critical('transition to critical from less severe'),
    nonrecoverable('transition to non-recoverable from less severe'), warning('transition to non-critical from more severe'),
    critical('transition to critical from non-recoverable'), nonrecoverable('transition to non-recoverable'), ok('monitor'), ok('informational'),
  ],
  0x08: [ok('device absent'), ok('device present')],
  0x09: [ok('device disabled'), ok('device enabled')],
  0x0a: [
    ok('transition to running'), ok('transition to in test'), ok('transition to power off'), ok('transition to on line'), ok('transition to off line'),
    ok('transition to off duty'), warning('transition to degraded'), ok('transition to power save'), warning('install error'),
  ],
  0x0b: [
    ok('fully redundant'), warning('redundancy lost'), warning('redundancy degraded'), warning('non-redundant: sufficient from redundant'),
    warning('non-redundant: sufficient from insufficient'), critical('non-redundant: insufficient resources'),
    warning('redundancy degraded from fully redundant'), warning('redundancy degraded from non-redundant'),
  ],
  0x0c: [ok('D0 power state'), ok('D1 power state'), ok('D2 power state'), ok('D3 power state')],
};
