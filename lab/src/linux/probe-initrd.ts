import { cpioArchive, withFolders } from './cpio.ts';
import { PROBE_INIT } from './init-scripts.ts';
import { busyboxEntries, initEntries } from './initrd-parts.ts';

/**
 * An initrd for the kernel of {@link findKernel} that prints the command line as the probe kernel does, and switches the machine off: where the
 * firmware is UEFI, which takes no probe.
 */
export async function probeInitrd(): Promise<Uint8Array> {
  return cpioArchive(withFolders([...initEntries(PROBE_INIT), ...(await busyboxEntries())]));
}
