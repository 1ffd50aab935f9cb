import { BOOT_MODES, type BootModeName, FerricError, invalidOptions, printValue } from '@ferric/core';
import { type BiosSettings, changeBios, oem, readBios, reader, readPendingBios, type Resource } from '@ferric/redfish';
import type { IloBootMode, IloBootModes } from '../ilo-client.js';
import type { Perform, RestCall, RibclCall } from '../operations/perform.js';
import { readCurrentBootMode, readPendingBootMode, readSupportedBootModes, setPendingBootMode } from '../ribcl/index.js';
import { BOOT_MODE_WORDS, bootModeOf, modesOfUefiClass } from './boot-names.js';

/** Every server with a later one has UEFI, whatever a controller that is starting says. */
const LAST_ILO_WITHOUT_CHOICE = 4;
/** A server from before UEFI. */
const BIOS_ONLY: IloBootModes = { current: 'bios', pending: 'bios', supported: ['bios'] };

export function createBootMode(perform: Perform): IloBootMode {
  return {
    read: (options) => perform('read boot mode', { rest: async (call) => (await readRestModes(call)).modes, ribcl: readRibclModes }, options),
    async set(mode, options) {
      if (!BOOT_MODES.includes(mode)) {
        throw invalidOptions('Boot mode', [{ field: 'mode', problem: 'invalid', expected: BOOT_MODES.join(' or '), received: printValue(mode) }]);
      }
      await perform('set boot mode', {
        rest: (call) => call.lookingAgain(() => setRestMode(call, mode)),
        ribcl: (call) => call.lookingAgain(() => setRibclMode(call, mode)),
      }, options);
    },
  };
}

/** Source: HPE iLO RESTful API, "BIOS settings", BootMode; ComputerSystem, UefiClass. */
async function readRestModes({ client, options, system: readSystem }: RestCall): Promise<{ readonly modes: IloBootModes; readonly bios: BiosSettings }> {
  const system = await readSystem();
  const bios = await readBios(client, system, options);
  if (bios.attributes['BootMode'] === undefined) {
    throw new FerricError('UNSUPPORTED', `${bios.resource.path} does not tell the boot mode`, { details: { resource: bios.resource.path } });
  }
  const current = bootModeOf(bios.attributes['BootMode']);
  const pending = bootModeOf((await readPendingBios(client, bios, options))['BootMode']);
  return { modes: { current, pending, supported: supportedModes(system) ?? ['bios', 'uefi'] }, bios };
}

function supportedModes(system: Resource): readonly BootModeName[] | undefined {
  return modesOfUefiClass(reader(oem(system.body), system.path, 'Oem.').child('Bios').integer('UefiClass'));
}

async function setRestMode(call: RestCall, mode: BootModeName): Promise<void> {
  await call.whenReady('boot mode', async () => {
    const { modes, bios } = await readRestModes(call);
    requireSupported(mode, modes);
    if (modes.pending === mode) return;
    // Gen9 wants both for UEFI; a server without the second one has UEFI mode nevertheless.
    const optimized = mode === 'uefi' && bios.attributes['UefiOptimizedBoot'] !== undefined ? { UefiOptimizedBoot: 'Enabled' } : {};
    await changeBios(call.client, bios, { BootMode: BOOT_MODE_WORDS[mode], ...optimized }, call.options);
  });
}

async function readRibclModes({ run, identity }: RibclCall): Promise<IloBootModes> {
  try {
    const pending = await run(readPendingBootMode());
    return { current: await run(readCurrentBootMode()), pending, supported: await run(readSupportedBootModes()) };
  } catch (error) {
    if (isWithoutWord(error) && (identity.ilo === null || identity.ilo <= LAST_ILO_WITHOUT_CHOICE)) return BIOS_ONLY;
    throw error;
  }
}

/** RIBCL answered that it knows no such command: old firmware that has no word for it runs on hardware that has no choice. */
function isWithoutWord(error: unknown): boolean {
  return FerricError.is(error) && error.code === 'UNSUPPORTED' && typeof error.details['status'] === 'string';
}

async function setRibclMode(call: RibclCall, mode: BootModeName): Promise<void> {
  const modes = await readRibclModes(call);
  requireSupported(mode, modes);
  if (modes.pending !== mode) await call.run(setPendingBootMode(mode));
}

function requireSupported(mode: BootModeName, { supported }: IloBootModes): void {
  if (supported.includes(mode)) return;
  throw new FerricError('UNSUPPORTED', `The server cannot boot in ${mode} mode`, {
    details: { received: mode, modes: [...supported] },
    hint: `It can boot in ${supported.join(', ')} mode.`,
  });
}
