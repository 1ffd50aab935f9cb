import type { Clock, StorageStrategy } from '@ferric/core';
import { act, scriptSchema, validateScript } from './act.js';

/** Attaches nothing; the machine keeps booting from its own disk. */
export function createFakeStorage(clock: Clock): StorageStrategy {
  return {
    interface: 'storage',
    name: 'fake',
    properties: scriptSchema,
    validate: validateScript,
    async attachVolumes(task) {
      await act(task, 'attach volumes', clock);
      return undefined;
    },
    async detachVolumes(task) {
      await act(task, 'detach volumes', clock);
      return undefined;
    },
    shouldWriteImage: async () => true,
  };
}
