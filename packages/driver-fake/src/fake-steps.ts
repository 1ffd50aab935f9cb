import { silentLogger, type Logger, type Step } from '@ferric/core';
import type { PerformAction } from './fake-call.js';

/** One clean step that only writes to the log. Source: Ironic, ironic/drivers/modules/fake.py (log_passthrough). */
export function createFakeSteps(perform: PerformAction, logger: Logger = silentLogger): readonly Step[] {
  return [
    {
      kind: 'clean',
      interface: 'vendor',
      name: 'log_passthrough',
      priority: 1,
      abortable: true,
      requiresRamdisk: false,
      arguments: {},
      run: (args, options) =>
        perform<'done'>('log_passthrough', options, async () => {
          // Names only: whoever writes a step may put a secret into a value.
          logger.info({ arguments: Object.keys(args) }, 'clean step log_passthrough');
          return 'done';
        }),
    },
  ];
}
