import type { Nmi } from '@ferric/core';
import type { AmtMachine } from './amt-machine.js';

/** A few exchanges, and the pause after a power request. Milliseconds. */
const CALL_MS = 60_000;

/** Interrupts one machine, once. @throws CONFLICT when it is off or asleep; UNSUPPORTED when its firmware does not offer it. */
export function createAmtNmi(machine: AmtMachine): Nmi {
  return { inject: (options) => machine.perform({ what: 'inject NMI', timeoutMs: CALL_MS }, options, ({ client, options: call }) => client.power.interrupt(call)) };
}
