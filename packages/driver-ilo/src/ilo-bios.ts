import type { Bios } from '@ferric/core';
import type { IloMachine } from './ilo-machine.js';

/** Settings of the firmware. Changes count after the next start of the machine. */
export function createIloBios(machine: IloMachine): Bios {
  return {
    read: (options) => machine.perform({ what: 'read BIOS settings' }, options, ({ client, options: call }) => client.bios.read(call)),
    apply: (settings, options) => machine.perform({ what: 'apply BIOS settings' }, options, ({ client, options: call }) => client.bios.apply(settings, call)),
    factoryReset: (options) => machine.perform({ what: 'reset BIOS settings' }, options, ({ client, options: call }) => client.bios.factoryReset(call)),
  };
}
