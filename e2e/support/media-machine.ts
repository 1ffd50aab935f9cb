import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createVirtualDisk, mediumCommandLine, type NetworkBoot, startNetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import { startVirtualDevice, type VirtualLibvirtDevice } from '@ferric/driver-libvirt/simulator';
import { QUICK } from './simulated-machine.js';

/** A simulated virtual machine that boots from its CD-ROM drive or its disk, and nothing from the network. */
export interface MediaMachine extends AsyncDisposable {
  readonly device: VirtualLibvirtDevice;
  readonly boot: NetworkBoot;
  readonly disk: VirtualDisk;
  readonly mac: string;
  /** What is in its drive at its next start. */
  readonly inDrive: string | undefined;
}

const GIBIBYTE = 1024 ** 3;

/** UEFI: media can then be made without the boot loader for BIOS, which need not be installed. */
export async function startMediaMachine(): Promise<MediaMachine> {
  const device = await startVirtualDevice({ domain: { firmware: 'uefi' } });
  const disk = createVirtualDisk({ sizeBytes: 8 * GIBIBYTE });
  const boot = startNetworkBoot({ device, disk, agent: { bootMode: 'uefi', pacing: { ...QUICK, shutdownMs: 300 } }, cdrom: async () => cdromCommandLine(device) });
  return {
    device, boot, disk,
    mac: device.ports[0]?.address ?? '',
    get inDrive() {
      return sourceOf(device.domain.definition);
    },
    async [Symbol.asyncDispose]() {
      await boot[Symbol.asyncDispose]();
      await device[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    },
  };
}

function cdromCommandLine({ domain, hypervisor }: VirtualLibvirtDevice): string | undefined {
  if (domain.bootedFrom?.[0] !== 'cdrom') return undefined;
  const path = sourceOf(domain.liveDefinition ?? '');
  const volume = hypervisor.volumes().find((each) => each.path === path);
  return volume === undefined ? undefined : mediumCommandLine(volume.content());
}

function sourceOf(definition: string): string | undefined {
  const [drive = ''] = /<disk [^>]*device=['"]cdrom['"][^]*?<\/disk>/.exec(definition) ?? [];
  return /<source file=['"]([^'"]*)['"]/.exec(drive)?.[1];
}

/** What lies in place of a CD: the configuration of its boot loader, which is what simulated firmware reads. */
const XORRISO = `#!/bin/sh
for root; do :; done
previous=
for word; do
  if [ "$previous" = -o ]; then image=$word; fi
  previous=$word
done
cat "$root/isolinux/isolinux.cfg" > "$image"
`;

/** A folder with a stand-in for the program that makes CDs, so that no package has to be installed. Yields a PATH with it. */
export async function createMediaTools(folder: string): Promise<string> {
  const programs = join(folder, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'xorriso'), XORRISO);
  await chmod(join(programs, 'xorriso'), 0o755);
  return `${programs}:/usr/bin:/bin`;
}
