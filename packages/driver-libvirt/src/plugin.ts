import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createLibvirtDriver } from './libvirt-driver.js';
import { LIBVIRT_DRIVER_NAME } from './libvirt-options.js';

/**
 * A virtual machine. How it is booted and deployed is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/libvirt/__init__.py. Of its older names `pxe_libvirt_iscsi` and
 * `fake_libvirt_fake` (setup.cfg) are gone: nothing deploys by iSCSI any more, and the second was for testing the driver.
 */
const stagingLibvirt: HardwareType = {
  name: 'staging-libvirt',
  description: 'A virtual machine of a libvirt daemon',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: [LIBVIRT_DRIVER_NAME],
    management: [LIBVIRT_DRIVER_NAME],
    console: [LIBVIRT_DRIVER_NAME],
    boot: [...GENERIC_IMPLEMENTATIONS.boot, 'virtual-media'],
    inspect: ['agent', 'out-of-band'],
  },
  aliases: [
    { name: 'pxe_libvirt', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_libvirt', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'pxe_libvirt_agent', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [stagingLibvirt],
    drivers: [
      anyDriver(
        createLibvirtDriver({ logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }) }),
      ),
    ],
    strategies: [],
  }),
};
