import { STATE_AFTER_TARGET, type BootDeviceSetting, type DeviceMemory } from '@ferric/core';
import type { FakeClient, FakeSettingName } from './client/index.js';

/** What the device needs of a machine: a controller behind a client, or the memory of a node. */
export type FakeMachine = FakeClient;

/** Keys of the machine's memory. */
const POWER_KEY = 'fake_power_state';
const BOOT_DEVICE_KEY = 'fake_boot_device';
const SETTING_KEYS: Readonly<Record<FakeSettingName, string>> = {
  'boot mode': 'fake_boot_mode',
  'secure boot': 'fake_secure_boot',
  indicators: 'fake_indicators',
  bios: 'fake_bios',
  raid: 'fake_raid',
};

/** The setting of a machine that was never told: what Ironic's fake-hardware answers. */
const FIRST_BOOT_DEVICE = { device: 'pxe', persistent: false } as const;

/**
 * A machine that is nothing but its node's memory: changes take effect at once, and it is off until it is first switched on.
 * A conductor keeps that memory in its store, so the machine survives a restart.
 */
export function createMemoryMachine(memory: DeviceMemory): FakeMachine {
  return {
    readPower: async () => (memory.get(POWER_KEY) === 'power on' ? 'power on' : 'power off'),
    async changePower(target) {
      memory.set(POWER_KEY, STATE_AFTER_TARGET[target]);
    },
    readBootDevice: async () => (memory.get(BOOT_DEVICE_KEY) as BootDeviceSetting | undefined) ?? FIRST_BOOT_DEVICE,
    async changeBootDevice(device, persistent) {
      memory.set(BOOT_DEVICE_KEY, { device, persistent });
    },
    readSetting: async (name) => memory.get(SETTING_KEYS[name]) ?? null,
    async changeSetting(name, value) {
      if (value === null) memory.delete(SETTING_KEYS[name]);
      else memory.set(SETTING_KEYS[name], value);
    },
  };
}
