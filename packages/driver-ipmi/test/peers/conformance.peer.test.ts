import { anyDriver, createDeviceMemory, FerricError, type AnyDriver, type BootDevice, type BootDeviceName } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createIpmiDriver } from '../../src/index.js';
import { plugin } from '../../src/plugin.js';
import { startVirtualIpmiSim } from './virtual-ipmi-sim.js';

/** Boot devices that OpenIPMI's BMC does not know: it answers "unspecified error". */
const UNKNOWN_BOOT_DEVICES: ReadonlySet<BootDeviceName> = new Set(['safe', 'floppy']);

/** The driver as it is used with this BMC, which keeps no valid boot flags, so that the firmware mode has to be known from elsewhere. */
function forThisBmc(driver: AnyDriver): AnyDriver {
  return {
    ...driver,
    open(info, context) {
      const device = driver.open(info, { ...context, memory: createDeviceMemory({ boot_mode: 'uefi' }) });
      return { ...device, ...(device.bootDevice === undefined ? {} : { bootDevice: knownBootDevices(device.bootDevice) }) };
    },
  };
}

function knownBootDevices(bootDevice: BootDevice): BootDevice {
  return {
    ...bootDevice,
    supported: new Set([...bootDevice.supported].filter((name) => !UNKNOWN_BOOT_DEVICES.has(name))),
    async set(name, ...rest) {
      if (UNKNOWN_BOOT_DEVICES.has(name)) throw new FerricError('UNSUPPORTED', `This BMC does not know ${name}`);
      await bootDevice.set(name, ...rest);
    },
  };
}

testDriver("ipmitool at OpenIPMI's BMC", {
  createDriver: ({ gates, ...host }) => forThisBmc(anyDriver(createIpmiDriver({ ...host, gate: (address, settings) => gates.gate(address, settings) }))),
  startVirtualDevice: startVirtualIpmiSim,
  capabilities: ['bootDevice', 'bootMode', 'sensors', 'eventLog', 'inventory', 'nmi', 'indicators', 'console', 'vendor'],
  plugin,
  pooledConnections: 1,
  machinesAtOnce: 8,
});
