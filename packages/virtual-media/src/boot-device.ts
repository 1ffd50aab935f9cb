import type { BootDeviceName, Task } from '@ferric/core';
import { BOOT_DEVICE_PERSISTENCE, readPersistence } from '@ferric/ipxe-config';

/** What the next boot, or every boot from now on, is from; how long it counts is up to `driver_info.force_persistent_boot_device`. */
export async function setBootDevice({ node, device, signal }: Task, name: BootDeviceName, boots: 'ramdisk' | 'instance'): Promise<void> {
  const persistent = BOOT_DEVICE_PERSISTENCE[readPersistence(node)][boots];
  if (device.bootDevice?.supported.has(name) === true) await device.bootDevice.set(name, { persistent }, { signal });
}
