import type { EventLog, Inventory, Nmi, Sensors } from '@ferric/core';
import type { IloMachine } from './ilo-machine.js';

/** Temperatures, fans, power supplies and what they take. */
export function createIloSensors(machine: IloMachine): Sensors {
  return { read: (options) => machine.perform({ what: 'read sensors' }, options, ({ client, options: call }) => client.sensors.read(call)) };
}

/** What is in the machine. The report also holds what Ironic's inspection calls capabilities, and the size of its disk. */
export function createIloInventory(machine: IloMachine): Inventory {
  return { read: (options) => machine.perform({ what: 'read inventory' }, options, ({ client, options: call }) => client.inventory.read(call)) };
}

/** The integrated management log of the machine, and the log of the iLO itself. */
export function createIloEventLog(machine: IloMachine): EventLog {
  return {
    read: (options) => machine.perform({ what: 'read event log' }, options, ({ client, options: call }) => client.eventLog.read(undefined, call)),
    clear: (options) => machine.perform({ what: 'clear event log' }, options, ({ client, options: call }) => client.eventLog.clear(undefined, call)),
  };
}

/** Interrupts the machine, once. @throws CONFLICT when it is off */
export function createIloNmi(machine: IloMachine): Nmi {
  return { inject: (options) => machine.perform({ what: 'inject NMI' }, options, ({ client, options: call }) => client.nmi.inject(call)) };
}
