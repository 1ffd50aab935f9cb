import { line, scriptOf } from '../checks/script-text.js';

/**
 * Boots the local disk: BIOS by its first drive, UEFI by the firmware's next boot entry, for iPXE reaches no local disk there.
 * @param exitCode with what iPXE ends so that the firmware goes on
 */
export function diskScript(exitCode: number): string {
  return scriptOf([
    line`iseq \${platform} pcbios && goto bios ||`,
    line`exit ${exitCode}`,
    line`:bios`,
    line`sanboot --no-describe --drive 0x80 || exit ${exitCode}`,
  ]);
}
