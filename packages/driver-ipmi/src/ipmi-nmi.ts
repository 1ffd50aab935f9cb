import { FerricError, type Nmi } from '@ferric/core';
import { controlChassis } from '@ferric/ipmi-raw-buffer';
import { partOf } from './ipmi-answers.js';
import type { IpmiMachine } from './ipmi-machine.js';
import { readPower } from './ipmi-power.js';

/** Two exchanges, opening a session included. Milliseconds. */
const CALL_MS = 20_000;

/** Interrupts one machine, once. @throws CONFLICT when it is off. */
export function createIpmiNmi(machine: IpmiMachine): Nmi {
  return {
    inject: (options) =>
      machine.perform({ what: 'inject NMI', timeoutMs: CALL_MS }, options, async (call) => {
        const { state } = await readPower(machine, call);
        if (state !== 'power on') throw new FerricError('CONFLICT', `The machine at ${machine.address} is off: there is nothing to interrupt`, { details: call.details });
        await controlChassis(call.bmc, 'diagnostic interrupt', partOf(call));
      }),
  };
}
