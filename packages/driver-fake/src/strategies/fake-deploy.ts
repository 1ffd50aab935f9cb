import type { Clock, DeployStrategy } from '@ferric/core';
import { act, scriptSchema, validateScript } from './act.js';

/** Writes no image. The machine is on after a deployment and off after it was torn down, as a real one. */
export function createFakeDeploy(clock: Clock): DeployStrategy {
  return {
    interface: 'deploy',
    name: 'fake',
    properties: scriptSchema,
    validate: validateScript,
    steps: [
      {
        kind: 'deploy',
        interface: 'deploy',
        name: 'deploy',
        priority: 100,
        abortable: true,
        requiresRamdisk: false,
        arguments: {},
        async run(task) {
          await act(task, 'deploy', clock);
          await task.device.power.set('power on', { signal: task.signal });
          return { next: 'done' };
        },
      },
    ],
    prepare: async () => undefined,
    cleanUp: async () => undefined,
    async tearDown(task) {
      await act(task, 'tear down', clock);
      await task.device.power.set('power off', { signal: task.signal });
      return { next: 'done' };
    },
    async prepareCleaning(task) {
      await act(task, 'prepare cleaning', clock);
      return { next: 'done' };
    },
    tearDownCleaning: async () => undefined,
  };
}
