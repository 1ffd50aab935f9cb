import { anyDriver, CONTRACT, type FerricPlugin, type HardwareType } from '@ferric/core';
import { createLibvirtDriver } from './libvirt-driver.js';
import { LIBVIRT_DRIVER_NAME } from './libvirt-options.js';

/**
 * A virtual machine. How it is booted and deployed is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/libvirt/__init__.py; order of the generic implementations: Ironic,
 * ironic/drivers/generic.py. Of its older names `pxe_libvirt_iscsi` and `fake_libvirt_fake` (setup.cfg) are gone: nothing deploys by iSCSI
 * any more, and the second was for testing the driver.
 */
const stagingLibvirt: HardwareType = {
  name: 'staging-libvirt',
  description: 'A virtual machine of a libvirt daemon',
  interfaces: {
    power: [LIBVIRT_DRIVER_NAME],
    management: [LIBVIRT_DRIVER_NAME],
    console: [LIBVIRT_DRIVER_NAME],
    boot: ['ipxe', 'pxe', 'http-ipxe', 'http', 'virtual-media'],
    deploy: ['direct', 'ansible', 'ramdisk', 'anaconda', 'bootc', 'custom-agent'],
    inspect: ['agent', 'out-of-band'],
    // Without a network service, which is Ironic's rule too, `noop` is the default.
    network: ['noop', 'flat', 'neutron'],
    raid: ['no-raid', 'agent'],
    rescue: ['no-rescue', 'agent'],
    storage: ['noop', 'cinder', 'external'],
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
