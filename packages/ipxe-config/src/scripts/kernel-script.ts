import { line, scriptOf, type ScriptText } from '../checks/script-text.js';

/** What the tries of a script look like. */
export interface Retries {
  readonly attempts: number;
  /** Milliseconds for each file; 0: not limited. */
  readonly fileTimeoutMs: number;
}

/** A kernel with its ramdisk. */
export interface KernelBoot extends Retries {
  readonly kernelUrl: ScriptText;
  readonly ramdiskUrl: ScriptText;
  /** Everything but what loads the ramdisk. */
  readonly commandLine: ScriptText;
  /** What is done after the last try. */
  readonly ending: readonly ScriptText[];
}

/** The word by which the kernel finds its ramdisk; UEFI needs it on the command line, whatever the URL's last part is. */
const RAMDISK_NAME = line`ramdisk`;

/** The command line's own words; the value of `${mac}` is the network card that boots. */
export const BOOTIF: ScriptText = line`BOOTIF=\${mac}`;
export const INITRD: ScriptText = line`initrd=${RAMDISK_NAME}`;

/** Loads kernel and ramdisk, and tries again, a little later each time. */
export function kernelScript(boot: KernelBoot): string {
  const { kernelUrl, ramdiskUrl, commandLine, ending } = boot;
  const limit = timeout(boot);
  return scriptOf([
    ...retryHead(boot, line`boot_kernel`),
    // Files of a failed try stay registered, and the kernel would get them all.
    line`imgfree`,
    line`kernel --name kernel ${limit}${kernelUrl} ${commandLine} || goto retry`,
    line`initrd --name ${RAMDISK_NAME} ${limit}${ramdiskUrl} || goto retry`,
    line`boot || goto retry`,
    ...retryTail(line`boot_kernel`),
    ...ending,
  ]);
}

/** An ISO image, which the machine reads block by block from its server. */
export interface IsoBoot extends Retries {
  readonly isoUrl: ScriptText;
  readonly ending: readonly ScriptText[];
}

/** Attaches the ISO image as a drive and boots from it. */
export function isoScript(boot: IsoBoot): string {
  return scriptOf([
    ...retryHead(boot, line`boot_iso`),
    line`sanboot --no-describe ${boot.isoUrl} || goto retry`,
    ...retryTail(line`boot_iso`),
    ...boot.ending,
  ]);
}

/** After the agent could not be loaded: the conductor sees a machine that is off, or tries again. iPXE may have been built without `poweroff`. */
export const END_OFF: readonly ScriptText[] = [line`poweroff || reboot || exit 1`];

/** After an instance could not be loaded: it is in use, and goes on as soon as its files can be had again. */
export const END_AGAIN: readonly ScriptText[] = [line`reboot || exit 1`];

function retryHead({ attempts }: Retries, label: ScriptText): readonly ScriptText[] {
  return [line`set attempts:int32 ${attempts}`, line`set i:int32 0`, line`:${label}`];
}

function retryTail(label: ScriptText): readonly ScriptText[] {
  return [
    line`:retry`,
    line`iseq \${i} \${attempts} && goto fail ||`,
    line`inc i`,
    line`echo Boot failed, retry \${i} of \${attempts}`,
    line`sleep \${i}`,
    line`goto ${label}`,
    line`:fail`,
    line`echo Giving up after \${attempts} attempts`,
    line`sleep 30`,
  ];
}

function timeout({ fileTimeoutMs }: Retries): ScriptText {
  return fileTimeoutMs === 0 ? line`` : line`--timeout ${fileTimeoutMs} `;
}
