import type { Clock, InspectStrategy } from '@ferric/core';
import { act, scriptSchema, validateScript } from './act.js';

/** Finds nothing: a fake machine has no parts, and made-up ones would look like facts. */
export function createFakeInspect(clock: Clock): InspectStrategy {
  return {
    interface: 'inspect',
    name: 'fake',
    properties: scriptSchema,
    validate: validateScript,
    async inspect(task) {
      await act(task, 'inspect', clock);
      return { next: 'done' };
    },
    // Nothing goes on outside of inspect(), which ends by its signal.
    abort: async () => undefined,
  };
}
