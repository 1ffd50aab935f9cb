import type { Clock, RescueStrategy } from '@ferric/core';
import { act, scriptSchema, validateScript } from './act.js';

/** Restarts the machine into nothing and back, as the way into and out of a rescue system would. */
export function createFakeRescue(clock: Clock): RescueStrategy {
  return {
    interface: 'rescue',
    name: 'fake',
    properties: scriptSchema,
    validate: validateScript,
    async rescue(task) {
      await act(task, 'rescue', clock);
      await task.device.power.set('rebooting', { signal: task.signal });
      return { next: 'done' };
    },
    async unrescue(task) {
      await act(task, 'unrescue', clock);
      await task.device.power.set('rebooting', { signal: task.signal });
      return { next: 'done' };
    },
    cleanUp: async () => undefined,
  };
}
