import { wordsOf } from '../bios/bios.js';
import type { IloRaid, IloSettingsResult } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { checkErase, eraseDisks, readControllerModels, readEraseStatus } from './erase.js';
import { creationOf, deletionOf, planArrays } from './match-arrays.js';
import { type ArrayConfiguration, describeArrays, hasFailed, readConfigurations, stage } from './smart-storage-config.js';
import { readTarget, type WantedArray } from './target.js';

export function createRaid(perform: Perform): IloRaid {
  return {
    read: (options) => perform('raid', { rest: async (call) => describeArrays(await readConfigurations(call)) }, options),
    async create(configuration, options) {
      const wanted = readTarget(configuration);
      return perform('raid', { rest: (call) => createArrays(call, wanted) }, options);
    },
    delete: (options) => perform('raid', { rest: deleteArrays }, options),
    result: (options) => perform('raid', { rest: readResult }, options),
    async erase(kind, pattern, options) {
      checkErase(kind, pattern);
      return perform('erase disks', { rest: (call) => call.whenReady('erasure of disks', () => eraseDisks(call, kind, pattern)) }, options);
    },
    async eraseStatus(kind, options) {
      checkErase(kind);
      return perform('erase disks', { rest: (call) => readEraseStatus(call, kind) }, options);
    },
  };
}

async function createArrays(call: RestCall, wanted: readonly WantedArray[]): Promise<'done' | 'wait'> {
  return call.whenReady('RAID configuration', async () => {
    const configurations = await readConfigurations(call);
    const plans = planArrays(await withLocations(call, wanted, configurations), configurations);
    for (const { configuration, arrays } of plans) await stage(call, configuration, 'PUT', creationOf(arrays));
    return plans.length === 0 ? 'done' : 'wait';
  });
}

/** Controllers that are named by their model get their location. */
async function withLocations(
  call: RestCall,
  wanted: readonly WantedArray[],
  configurations: readonly ArrayConfiguration[],
): Promise<readonly WantedArray[]> {
  const known = new Set(configurations.map(({ location }) => location));
  if (wanted.every(({ controller }) => controller === undefined || known.has(controller))) return wanted;
  const models = await readControllerModels(call);
  return wanted.map((array) => (array.controller === undefined ? array : { ...array, controller: models.get(array.controller) ?? array.controller }));
}

async function deleteArrays(call: RestCall): Promise<'done' | 'wait'> {
  return call.whenReady('RAID configuration', async () => {
    const filled = (await readConfigurations(call)).filter(({ arrays }) => arrays.length > 0);
    for (const configuration of filled) await stage(call, configuration, 'PUT', deletionOf(configuration.arrays));
    return filled.length === 0 ? 'done' : 'wait';
  });
}

async function readResult(call: RestCall): Promise<IloSettingsResult> {
  const configurations = await readConfigurations(call);
  const messages = configurations.flatMap((configuration) => configuration.messages.map(wordsOf));
  if (messages.length === 0) return { outcome: 'none', messages };
  return { outcome: configurations.some(hasFailed) ? 'failure' : 'success', messages };
}
