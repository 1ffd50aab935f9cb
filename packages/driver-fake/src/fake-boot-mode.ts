import { BOOT_MODES, FerricError, printValue, type BootMode, type BootModeName, type JsonValue, type SecureBoot } from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import type { FakeMachine } from './fake-machine.js';

/** The mode of a machine that was never told. */
const FIRST_BOOT_MODE: BootModeName = 'uefi';

/** BIOS or UEFI. Leaving UEFI switches secure boot off, as no machine has one without the other. */
export function createFakeBootMode(machine: FakeMachine, perform: PerformAction): BootMode {
  const supported: ReadonlySet<BootModeName> = new Set(BOOT_MODES);
  return {
    supported,
    read: (options) => perform('read boot mode', options, async (deadline) => toMode(await machine.readSetting('boot mode', timeLeft(deadline)))),
    async set(mode, options) {
      if (!supported.has(mode)) {
        throw new FerricError('UNSUPPORTED', `The fake machine has no boot mode ${printValue(mode)}`, {
          details: { field: 'mode', received: printValue(mode), accepted: [...BOOT_MODES] },
          hint: `Use one of: ${BOOT_MODES.join(', ')}.`,
        });
      }
      await perform('set boot mode', options, async (deadline) => {
        if (mode === 'bios') await machine.changeSetting('secure boot', false, timeLeft(deadline));
        await machine.changeSetting('boot mode', mode, timeLeft(deadline));
      });
    },
  };
}

/** Secure boot, which needs UEFI; off until it is switched on. */
export function createFakeSecureBoot(machine: FakeMachine, perform: PerformAction): SecureBoot {
  return {
    read: (options) => perform('read secure boot', options, async (deadline) => (await machine.readSetting('secure boot', timeLeft(deadline))) === true),
    set: (enabled, options) =>
      perform('set secure boot', options, async (deadline) => {
        if (enabled && toMode(await machine.readSetting('boot mode', timeLeft(deadline))) === 'bios') {
          throw new FerricError('CONFLICT', 'Secure boot needs UEFI, and the machine boots by BIOS', { hint: "Set the boot mode to 'uefi' first." });
        }
        await machine.changeSetting('secure boot', enabled, timeLeft(deadline));
      }),
  };
}

function toMode(kept: JsonValue): BootModeName {
  return BOOT_MODES.find((mode) => mode === kept) ?? FIRST_BOOT_MODE;
}
