import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAgentInitrd, buildLinuxDisk, diskImage } from '@ferric/lab';
import type { BootServer } from '@ferric/lab';
import { REPOSITORY } from './repository.js';

/** What real guests boot and are deployed with, in the folder that a conductor serves. */
export interface GuestFiles {
  readonly args: readonly string[];
  /** `file:///...` of a raw disk whose Linux reports to the boot server when it is up. */
  readonly image: string;
  readonly imageFile: string;
  readonly qcow2: string;
  /** `file:///...` of a raw disk that only says that it was booted. */
  readonly small: string;
}

/** Path on the boot server that the deployed system asks for when it is up. */
export const REPORT_PATH = '/up';

/** Builds kernel, ramdisk with our agent, and a system to deploy. */
export async function buildGuestFiles(folder: string, server: BootServer): Promise<GuestFiles> {
  const program = join(REPOSITORY, 'packages/agent/dist/agent-program.js');
  const { kernel, initrd } = await buildAgentInitrd({ program, directory: folder });
  await copyFile(kernel, join(folder, 'kernel'));
  const disk = await buildLinuxDisk({ directory: folder, reportUrl: `${server.guestUrl}${REPORT_PATH}` });
  server.serve(REPORT_PATH, 'thank you');
  const small = join(folder, 'small.raw');
  await writeFile(small, diskImage({ medium: 'DISK' }));
  return {
    args: [
      '--image-dirs', folder, '--deploy-kernel', `file://${join(folder, 'kernel')}`, '--deploy-ramdisk', `file://${initrd}`,
      '--power-sync-interval-ms', '0', '--log-level', 'warn',
    ],
    image: `file://${disk.raw}`,
    imageFile: disk.raw,
    qcow2: `file://${disk.qcow2}`,
    small: `file://${small}`,
  };
}

/** Kernel parameters of an agent that is reached through a port of 127.0.0.1, on a disk smaller than real ones. */
export function agentParameters(agentPort: number): string {
  return `quiet console=ttyS0 ipa-advertise-host=127.0.0.1 ipa-advertise-port=${agentPort} ferric-minimum-disk-mib=16`;
}
