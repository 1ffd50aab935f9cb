import { delay, FerricError, type JsonObject, type Raid } from '@ferric/core';
import type { IloSettingsResult } from './client/index.js';
import type { IloCall, IloMachine } from './ilo-machine.js';
import { restartMachine, type RestartPacing, unlessSilent } from './restart.js';

/** A start of the machine, in which its controllers make the arrays. Milliseconds. */
const CHANGE_MS = 45 * 60_000;

/** Looks after the self-test until the controller has written down what came of it. */
const MOST_LOOKS = 12;

const LOOK_MS = 5000;

const RAID_LEVELS = ['0', '1', '5', '6', '1+0', '5+0', '6+0'] as const;

/** Arrays as Ironic writes them, of which a Smart Array controller takes this much. Source: Ironic, ironic/drivers/raid_config_schema.json. */
const CONFIGURATION_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    logical_disks: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          raid_level: { enum: [...RAID_LEVELS] },
          size_gb: { anyOf: [{ type: 'integer', exclusiveMinimum: 0 }, { const: 'MAX' }] },
          volume_name: { type: 'string' },
          is_root_volume: { type: 'boolean' },
          controller: { type: 'string' },
          physical_disks: { type: 'array', items: { type: 'string' } },
          number_of_physical_disks: { type: 'integer', exclusiveMinimum: 0 },
          disk_type: { enum: ['hdd', 'ssd'] },
          interface_type: { enum: ['sata', 'sas'] },
        },
        required: ['raid_level', 'size_gb'],
      },
    },
  },
  required: ['logical_disks'],
};

/** Disk arrays of Smart Array controllers. A change starts the machine anew, and is over when its self-test is. */
export function createIloRaid(machine: IloMachine, pacing: RestartPacing): Raid {
  const carryOut = async (what: string, call: IloCall): Promise<void> => {
    // Another plan would start the machine once more.
    await restartMachine(call, pacing, call.onlyOnce);
    const look = (): Promise<IloSettingsResult | undefined> => unlessSilent(call.options, () => call.client.raid.result(call.options));
    let result = await look();
    // A look that was not answered counts for none.
    for (let looks = 1; result === undefined || (result.outcome === 'none' && looks < MOST_LOOKS); looks += result === undefined ? 0 : 1) {
      await delay(pacing.lookMs ?? LOOK_MS, { signal: call.options.signal, clock: pacing.clock });
      result = await look();
    }
    if (result.outcome !== 'success') throw notMade(what, machine, result);
  };
  const change = (what: string, stage: (call: IloCall) => Promise<'done' | 'wait'>): Parameters<typeof machine.perform<'done'>>[2] => async (call) => {
    if ((await stage(call)) === 'wait') await carryOut(what, call);
    return 'done';
  };
  return {
    configurationSchema: CONFIGURATION_SCHEMA,
    read: (options) => machine.perform({ what: 'read RAID' }, options, ({ client, options: call }) => client.raid.read(call)),
    create: (configuration, options) =>
      machine.perform({ what: 'create RAID', timeoutMs: CHANGE_MS }, options, change('create RAID', ({ client, options: call }) => client.raid.create(configuration, call))),
    delete: (options) => machine.perform({ what: 'delete RAID', timeoutMs: CHANGE_MS }, options, change('delete RAID', ({ client, options: call }) => client.raid.delete(call))),
  };
}

function notMade(what: string, { address }: IloMachine, { outcome, messages }: IloSettingsResult): FerricError {
  const details = { address, step: what, messages: [...messages] };
  if (outcome === 'failure') return new FerricError('REFUSED', `The disk controller did not carry out '${what}': ${messages.join('; ')}`, { details });
  return new FerricError('TIMEOUT', `The disk controller does not tell what came of '${what}', although the machine has started anew`, {
    details,
    hint: 'Read the disk arrays to see what is there.',
  });
}
