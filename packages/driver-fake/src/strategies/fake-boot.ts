import type { BootStrategy, Clock } from '@ferric/core';
import { act, scriptSchema, validateScript } from './act.js';

/** Points the machine to the network when it can be pointed at all, and publishes nothing. */
export function createFakeBoot(clock: Clock): BootStrategy {
  return {
    interface: 'boot',
    name: 'fake',
    properties: scriptSchema,
    validate: validateScript,
    async prepareRamdisk(task) {
      await act(task, 'prepare ramdisk', clock);
      await task.device.bootDevice?.set('pxe', { persistent: false }, { signal: task.signal });
      return undefined;
    },
    cleanUpRamdisk: async () => undefined,
    async prepareInstance(task) {
      await act(task, 'prepare instance', clock);
      return undefined;
    },
    cleanUpInstance: async () => undefined,
  };
}
