import {
  askedBootMode, asksForSecureBoot, BOOT_MODES, errorCode, FerricError, invalidOptions, type BootMode, type BootModeName, type NodeChanges, type RamdiskPurpose,
  type SecureBoot, type Task,
} from '@ferric/core';
import type { VirtualMediaSettings } from './settings.js';

/** Ironic's field for the firmware mode of a deployment, once it is known. */
const DEPLOY_BOOT_MODE = 'deploy_boot_mode';

/** What a device answers whose firmware has no such thing in its present mode. */
const NOT_THERE: ReadonlySet<string> = new Set(['UNSUPPORTED', 'CONFLICT']);

/** For what the default of the conductor counts. All else is done to a system that is there, which starts in no other mode than its own. */
const CHOOSE_FREELY: ReadonlySet<RamdiskPurpose> = new Set(['deploy', 'clean']);

/** Done beside a system that goes on afterwards, in the mode that it was installed in. */
const RUNS_A_SYSTEM: ReadonlySet<RamdiskPurpose> = new Set(['rescue', 'service']);

/** What decides on the mode besides the node. */
export interface FirmwareRules {
  /** The one mode in which the strategy works; undefined: any. */
  readonly required: BootModeName | undefined;
  readonly settings: VirtualMediaSettings;
}

/** Our mark in driver_internal_info: secure boot was on before a ramdisk that is no deployment, and goes on again after it. */
const SECURE_BOOT_WAS_ON = 'virtual_media_secure_boot';

/** What the firmware needs for a boot. */
interface FirmwarePlan {
  /** The mode that the machine boots in, where somebody can tell. */
  readonly mode: BootModeName | undefined;
  readonly change?: (task: Task) => Promise<void>;
}

/**
 * The mode that a machine will boot a ramdisk in, where somebody can tell while it runs: some controllers cannot before it is off. Nothing is changed.
 * @throws INVALID_OPTIONS for a mode that the machine cannot have; the abort reason.
 */
export async function expectedMode(task: Task, purpose: RamdiskPurpose, rules: FirmwareRules): Promise<BootModeName | undefined> {
  try {
    return (await planFirmware(task, purpose, rules)).mode;
  } catch (error) {
    if (task.signal.aborted || !FerricError.is(error) || error.code === 'INVALID_OPTIONS') throw error;
    return undefined;
  }
}

/**
 * Brings the firmware into the state that a ramdisk needs: without secure boot, which few ramdisks are signed for, and in the mode of the node.
 * The machine is off, where it could be switched off.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (prepare_node_for_deploy), ironic/drivers/modules/ilo/common.py (update_boot_mode).
 * @returns the mode that the machine boots in, where somebody could tell.
 */
export async function prepareFirmware(task: Task, purpose: RamdiskPurpose, rules: FirmwareRules): Promise<BootModeName | undefined> {
  if (purpose === 'deploy' && wasSecure(task)) await task.keep(SECURITY_FORGOTTEN);
  const { mode, change } = await planFirmware(task, purpose, rules);
  await change?.(task);
  // The agent writes an image for the mode that it was booted in; what others boot for says nothing of the next deployment.
  if (mode !== undefined && purpose === 'deploy') await keepMode(task, askedBootMode(task.node) ?? mode);
  return mode;
}

async function planFirmware(task: Task, purpose: RamdiskPurpose, { required, settings }: FirmwareRules): Promise<FirmwarePlan> {
  const { secureBoot } = task.device;
  if (secureBoot !== undefined && (await isOn(task, secureBoot))) {
    // Firmware with secure boot is in UEFI mode, and takes one change of this kind at a time.
    return { mode: 'uefi', change: () => suspendSecureBoot(task, secureBoot, purpose) };
  }
  const plan = await planMode(task, { required, preset: CHOOSE_FREELY.has(purpose) ? settings.defaultBootMode : undefined });
  if (required !== undefined && plan.change !== undefined && RUNS_A_SYSTEM.has(purpose)) throw systemInOtherMode(required);
  return plan;
}

async function suspendSecureBoot(task: Task, secureBoot: SecureBoot, purpose: RamdiskPurpose): Promise<void> {
  if (purpose !== 'deploy') await task.keep({ driverInternalInfo: { [SECURE_BOOT_WAS_ON]: true } });
  const isOver = purpose === 'deploy' && !asksForSecureBoot(task.node);
  task.progress(`Switching secure boot off for the ramdisk${isOver ? '. It stays off, for the instance does not ask for it (capability secure_boot:true)' : ''}`);
  await secureBoot.set(false, { signal: task.signal });
}

const keepMode = (task: Task, mode: BootModeName): Promise<void> => task.keep({ driverInternalInfo: { [DEPLOY_BOOT_MODE]: mode } });

/** The mode that a machine runs its instance in from memory, after it was brought into the one that is wanted. A new instance keeps it for as long as it lives. */
export async function prepareInstanceMode(task: Task, { required, settings }: FirmwareRules): Promise<BootModeName | undefined> {
  const isNew = task.node.provisionState === 'deploying';
  const { mode, change } = await planMode(task, { required, preset: isNew ? settings.defaultBootMode : undefined });
  await change?.(task);
  if (isNew && mode !== undefined) await keepMode(task, mode);
  return mode;
}

/** Before a system on a disk starts: the mode that was asked for, which has to wait while secure boot goes off. */
export async function setAskedMode(task: Task): Promise<void> {
  if (askedBootMode(task.node) !== undefined && task.device.bootMode !== undefined) await (await planMode(task, {})).change?.(task);
}

interface ModeRules {
  /** The only one that will do. */
  readonly required?: BootModeName | undefined;
  /** Where nobody asks for one. */
  readonly preset?: BootModeName | undefined;
}

async function planMode(task: Task, { required, preset }: ModeRules): Promise<FirmwarePlan> {
  const { node, device: { bootMode } } = task;
  const known = required ?? askedBootMode(node) ?? keptMode(task);
  if (bootMode === undefined) return { mode: known ?? node.bootMode ?? undefined };
  const present = await readMode(task, bootMode);
  const wanted = known ?? preset ?? present;
  if (wanted === present) return { mode: present };
  if (!bootMode.supported.has(wanted)) throw modeUnsupported(bootMode, wanted);
  return {
    mode: wanted,
    async change({ signal }) {
      task.progress(`Changing the boot mode of the firmware from ${present} to ${wanted}`);
      await bootMode.set(wanted, { signal });
    },
  };
}

/** The mode of the present deployment. Another controller than the one that told it may not know it. */
function keptMode({ node, device }: Task): BootModeName | undefined {
  const kept = BOOT_MODES.find((mode) => mode === node.driverInternalInfo[DEPLOY_BOOT_MODE]);
  return kept === undefined || device.bootMode?.supported.has(kept) === false ? undefined : kept;
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

const SECURITY_FORGOTTEN: NodeChanges = { driverInternalInfo: { [SECURE_BOOT_WAS_ON]: null } };
const wasSecure = ({ node }: Task): boolean => node.driverInternalInfo[SECURE_BOOT_WAS_ON] === true;

/** Switches secure boot on for an instance that is to run with it. */
export async function secureInstance(task: Task): Promise<void> {
  if (asksForSecureBoot(task.node)) await switchOn(task, 'Switching secure boot on for the instance');
  await resumeSecureBoot(task);
}

/** Switches secure boot on again where it was on before a ramdisk that is no deployment. */
export async function resumeSecureBoot(task: Task): Promise<void> {
  if (!wasSecure(task)) return;
  await switchOn(task, 'Switching secure boot on again, as it was before the ramdisk');
  await task.keep(SECURITY_FORGOTTEN);
}

async function switchOn(task: Task, what: string): Promise<void> {
  const { secureBoot } = task.device;
  if (secureBoot === undefined || (await isOn(task, secureBoot))) return;
  task.progress(what);
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
export function checkFirmware({ node, device }: Pick<Task, 'node' | 'device'>, required: BootModeName | undefined): void {
  const asked = askedBootMode(node);
  if (required !== undefined && asked !== undefined && asked !== required) {
    const expected = `${required} or left out: this boot interface works in no other mode of the firmware`;
    throw invalidOptions('Boot media', [{ field: 'capabilities.boot_mode', problem: 'invalid', expected, received: JSON.stringify(asked) }]);
  }
  if (asksForSecureBoot(node) && device.secureBoot === undefined) {
    throw invalidOptions('Boot media', [
      { field: 'capabilities.secure_boot', problem: 'invalid', expected: 'false or left out, for the controller of this machine cannot switch secure boot', received: '"true"' },
    ]);
  }
  if (required !== undefined && device.bootMode?.supported.has(required) === false) {
    throw invalidOptions('Boot media', [{ field: 'boot_interface', problem: 'invalid', expected: `another one: the firmware of this machine has no ${required} mode` }]);
  }
  if (asked !== undefined && device.bootMode !== undefined && !device.bootMode.supported.has(asked)) throw modeUnsupported(device.bootMode, asked);
}

function systemInOtherMode(required: BootModeName): FerricError {
  const expected = `another one, such as virtual-media: the firmware is not in ${required} mode, and the system on the machine would not start in it`;
  return invalidOptions('Boot media', [{ field: 'boot_interface', problem: 'invalid', expected }]);
}

function modeUnsupported({ supported }: BootMode, wanted: BootModeName): FerricError {
  const expected = `one that this machine has: ${[...supported].join(', ')}`;
  return invalidOptions('Boot media', [{ field: 'capabilities.boot_mode', problem: 'invalid', expected, received: JSON.stringify(wanted) }]);
}
