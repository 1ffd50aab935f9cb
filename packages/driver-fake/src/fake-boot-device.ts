import { FerricError, printValue, type BootDevice } from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import type { FakeMachine } from './fake-machine.js';

/** Only `pxe`, as Ironic's fake-hardware. */
export function createFakeBootDevice(machine: FakeMachine, perform: PerformAction): BootDevice {
  return {
    supported: new Set(['pxe']),
    read: (options) => perform('read boot device', options, (deadline) => machine.readBootDevice(timeLeft(deadline))),
    async set(device, { persistent }, options) {
      if (device !== 'pxe') {
        throw new FerricError('UNSUPPORTED', `The fake machine cannot boot from ${printValue(device)}`, {
          details: { field: 'device', received: printValue(device), accepted: ['pxe'] },
          hint: 'Use pxe.',
        });
      }
      await perform('set boot device', options, (deadline) => machine.changeBootDevice(device, persistent, timeLeft(deadline)));
    },
  };
}
