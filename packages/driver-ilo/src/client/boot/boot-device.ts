import { FerricError, invalidOptions, printValue } from '@ferric/core';
import { ILO_BOOT_DEVICES, type IloBootDevice, type IloBootDeviceName } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';
import { readRestBootDevice, setRestBootDevice, supportedByRest } from './boot-device-rest.js';
import { readRibclBootDevice, RIBCL_BOOT_DEVICES, setRibclBootDevice } from './boot-device-ribcl.js';

export function createBootDevice(perform: Perform): IloBootDevice {
  return {
    supported: (options) =>
      perform('read boot device', {
        rest: async ({ system }) => supportedByRest(await system()),
        ribcl: async () => new Set(RIBCL_BOOT_DEVICES),
      }, options),
    read: (options) => perform('read boot device', { rest: readRestBootDevice, ribcl: readRibclBootDevice }, options),
    async set(device, { persistent }, options) {
      checkSetting(device, persistent);
      return perform('set boot device', {
        rest: (call) => call.lookingAgain(() => setRestBootDevice(call, device, persistent)),
        ribcl: (call) => call.lookingAgain(() => setRibclBootDevice(call, device, persistent)),
      }, options);
    },
  };
}

function checkSetting(device: IloBootDeviceName, persistent: unknown): void {
  if (!ILO_BOOT_DEVICES.includes(device)) {
    throw new FerricError('UNSUPPORTED', `No iLO can set ${printValue(device)} as the boot device`, { hint: `It takes ${ILO_BOOT_DEVICES.join(', ')}.` });
  }
  if (typeof persistent !== 'boolean') {
    throw invalidOptions('Boot device', [{ field: 'persistent', problem: 'invalid', expected: 'true or false', received: printValue(persistent) }]);
  }
}
