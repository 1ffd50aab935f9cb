import type { IloClient } from '../client/index.js';
import type { AutomaticStepName } from './clean-priorities.js';
import type { StepFacts } from './step-table.js';

const CHANGE_MS = 600_000;

type Change = (client: IloClient, options: Parameters<IloClient['bios']['factoryReset']>[0]) => Promise<void>;

/** Changes that the firmware takes up with the next start of the machine; servers before Gen9, and such as are in BIOS mode, may not have them. */
const CHANGES: readonly (readonly [name: AutomaticStepName, change: Change])[] = [
  ['reset_bios_to_default', (client, options) => client.bios.factoryReset(options)],
  ['reset_secure_boot_keys_to_default', (client, options) => client.secureBoot.resetKeys(options)],
  ['clear_secure_boot_keys', (client, options) => client.secureBoot.clearKeys(options)],
];

/** Source: Ironic, ironic/drivers/modules/ilo/management.py (_execute_ilo_step, for what is skipped). */
export const firmwareSettings: readonly StepFacts[] = CHANGES.map(([name, change]) => ({
  name,
  automatic: name,
  skippable: true,
  timeoutMs: CHANGE_MS,
  async run({ call: { client, options } }) {
    await change(client, options);
    return 'done';
  },
}));
