import { askedBootMode, asksForSecureBoot, errorCode, invalidOptions, type BootMode, type BootModeName, type FerricError, type RamdiskPurpose, type SecureBoot, type Task } from '@ferric/core';
import type { VirtualMediaSettings } from './settings.js';

/** Ironic's field for the firmware mode of a deployment, once it is known. */
const DEPLOY_BOOT_MODE = 'deploy_boot_mode';

/** What a device answers whose firmware has no such thing in its present mode. */
const NOT_THERE: ReadonlySet<string> = new Set(['UNSUPPORTED', 'CONFLICT']);

/**
 * Brings the firmware into the state that a ramdisk needs: without secure boot, which few ramdisks are signed for, and in the mode of the node.
 * The machine is off, where it could be switched off.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (prepare_node_for_deploy), ironic/drivers/modules/ilo/common.py (update_boot_mode).
 * @returns the mode that the machine boots in, where somebody could tell.
 */
export async function prepareFirmware(task: Task, purpose: RamdiskPurpose, settings: VirtualMediaSettings): Promise<BootModeName | undefined> {
  const mode = await chooseMode(task, settings);
  // The agent writes an image for the mode that it was booted in; what others boot for says nothing of the next deployment.
  if (mode !== undefined && purpose === 'deploy') await task.keep({ driverInternalInfo: { [DEPLOY_BOOT_MODE]: mode } });
  return mode;
}

async function chooseMode(task: Task, settings: VirtualMediaSettings): Promise<BootModeName | undefined> {
  const { secureBoot } = task.device;
  if (secureBoot !== undefined && (await isOn(task, secureBoot))) {
    task.progress('Switching secure boot off for the ramdisk');
    await secureBoot.set(false, { signal: task.signal });
    // Firmware with secure boot is in UEFI mode, and takes one change of this kind at a time.
    return 'uefi';
  }
  return prepareInstanceMode(task, settings);
}

/** The mode that the machine boots in, after it was brought into the one that is wanted. */
export async function prepareInstanceMode(task: Task, settings: VirtualMediaSettings): Promise<BootModeName | undefined> {
  const { bootMode } = task.device;
  const asked = askedBootMode(task.node);
  return bootMode === undefined ? (asked ?? task.node.bootMode ?? undefined) : setMode(task, bootMode, asked ?? settings.defaultBootMode);
}

async function setMode(task: Task, bootMode: BootMode, wanted: BootModeName | undefined): Promise<BootModeName> {
  const present = await readMode(task, bootMode);
  if (wanted === undefined || wanted === present) return present;
  if (!bootMode.supported.has(wanted)) throw modeUnsupported(bootMode, wanted);
  task.progress(`Changing the boot mode of the firmware from ${present} to ${wanted}`);
  await bootMode.set(wanted, { signal: task.signal });
  return wanted;
}

/** Firmware that does not know the question knows nothing but BIOS. */
async function readMode({ signal }: Task, bootMode: BootMode): Promise<BootModeName> {
  try {
    return await bootMode.read({ signal });
  } catch (error) {
    if (errorCode(error) === 'UNSUPPORTED') return 'bios';
    throw error;
  }
}

async function isOn({ signal }: Task, secureBoot: SecureBoot): Promise<boolean> {
  try {
    return await secureBoot.read({ signal });
  } catch (error) {
    if (NOT_THERE.has(errorCode(error))) return false;
    throw error;
  }
}

/** Switches secure boot on for an instance that is to run with it. */
export async function secureInstance(task: Task): Promise<void> {
  const { secureBoot } = task.device;
  if (!asksForSecureBoot(task.node) || secureBoot === undefined || (await isOn(task, secureBoot))) return;
  task.progress('Switching secure boot on for the instance');
  await secureBoot.set(true, { signal: task.signal });
}

/** Switches secure boot off again after such an instance. */
export async function releaseInstance(task: Task): Promise<void> {
  const { secureBoot } = task.device;
  if (!asksForSecureBoot(task.node) || secureBoot === undefined || !(await isOn(task, secureBoot))) return;
  task.progress('Switching secure boot off after the instance');
  await secureBoot.set(false, { signal: task.signal });
}

/** @throws INVALID_OPTIONS for a firmware mode, or secure boot, that the machine cannot have. */
export function checkFirmware({ node, device }: Pick<Task, 'node' | 'device'>): void {
  const asked = askedBootMode(node);
  if (asksForSecureBoot(node) && device.secureBoot === undefined) {
    throw invalidOptions('Virtual media', [
      { field: 'capabilities.secure_boot', problem: 'invalid', expected: 'false or left out, for the controller of this machine cannot switch secure boot', received: '"true"' },
    ]);
  }
  if (asked !== undefined && device.bootMode !== undefined && !device.bootMode.supported.has(asked)) throw modeUnsupported(device.bootMode, asked);
}

function modeUnsupported({ supported }: BootMode, wanted: BootModeName): FerricError {
  const expected = `one that this machine has: ${[...supported].join(', ')}`;
  return invalidOptions('Virtual media', [{ field: 'capabilities.boot_mode', problem: 'invalid', expected, received: JSON.stringify(wanted) }]);
}
