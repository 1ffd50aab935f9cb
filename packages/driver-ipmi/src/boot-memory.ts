import { BOOT_MODES, type BootDeviceName, type BootModeName, type DeviceMemory } from '@ferric/core';
import { IPMI_BOOT_DEVICES } from './boot-devices.js';

const MODE_KEY = 'boot_mode';
const DEVICE_KEY = 'persistent_boot_device';
const ONCE_KEY = 'boots_once';

/** What is remembered of the boot choices of a machine, because controllers do not keep it or forget it. */
export interface BootMemory {
  /** The firmware mode that was chosen; undefined when nobody did. */
  mode: BootModeName | undefined;
  /** For a controller that forgets it: the device for all boots. */
  persistentDevice: BootDeviceName | undefined;
  /** The next boot goes by a choice that counts once, and {@link BootMemory.persistentDevice} from the boot after it. */
  bootsOnce: boolean;
}

export function createBootMemory(memory: DeviceMemory): BootMemory {
  const put = (key: string, value: string | boolean | undefined): void => (value === undefined ? memory.delete(key) : memory.set(key, value));
  return {
    get mode() {
      return BOOT_MODES.find((mode) => mode === memory.get(MODE_KEY));
    },
    set mode(mode) {
      put(MODE_KEY, mode);
    },
    get persistentDevice() {
      return IPMI_BOOT_DEVICES.find((device) => device === memory.get(DEVICE_KEY));
    },
    set persistentDevice(device) {
      put(DEVICE_KEY, device);
    },
    get bootsOnce() {
      return memory.get(ONCE_KEY) === true;
    },
    set bootsOnce(once) {
      put(ONCE_KEY, once ? true : undefined);
    },
  };
}
