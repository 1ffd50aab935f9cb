import { anyDriver, CONTRACT, type FerricPlugin, type HardwareType } from '@ferric/core';
import { createWolDriver } from './wol-driver.js';
import { WOL_DRIVER_NAME } from './wol-options.js';

/**
 * A machine that a magic packet wakes. Everything else is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/wol/hardware.py; order of the generic
 * implementations: Ironic, ironic/drivers/generic.py.
 */
const stagingWol: HardwareType = {
  name: 'staging-wol',
  description: 'A machine that is woken by Wake-on-LAN and switched off by hand',
  interfaces: {
    power: [WOL_DRIVER_NAME],
    boot: ['ipxe', 'pxe', 'http-ipxe', 'http'],
    deploy: ['direct', 'ansible', 'ramdisk', 'anaconda', 'bootc', 'custom-agent'],
    inspect: ['agent'],
    // Without a network service, which is Ironic's rule too, `noop` is the default.
    network: ['noop', 'flat', 'neutron'],
    raid: ['no-raid', 'agent'],
    rescue: ['no-rescue', 'agent'],
    storage: ['noop', 'cinder', 'external'],
  },
  aliases: [
    { name: 'pxe_wol', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_wol', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, transcript }) => ({
    hardwareTypes: [stagingWol],
    drivers: [anyDriver(createWolDriver({ logger, clock, ...(transcript === undefined ? {} : { transcript }) }))],
    strategies: [],
  }),
};
