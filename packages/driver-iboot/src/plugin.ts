import { anyDriver, CONTRACT, type FerricPlugin, type HardwareType } from '@ferric/core';
import { createIbootDriver } from './iboot-driver.js';
import { IBOOT_DRIVER_NAME } from './iboot-options.js';

/**
 * A machine behind a switched outlet. Everything but power is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, documentation of the iBoot driver; order of the generic implementations: Ironic,
 * ironic/drivers/generic.py.
 */
const stagingIboot: HardwareType = {
  name: 'staging-iboot',
  description: 'A machine behind a relay of a Dataprobe iBoot unit, which switches its power over DxP',
  interfaces: {
    power: [IBOOT_DRIVER_NAME],
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
    { name: 'pxe_iboot', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_iboot', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [stagingIboot],
    drivers: [anyDriver(createIbootDriver({ logger, clock, gate: (address) => gates.gate(address), ...(transcript === undefined ? {} : { transcript }) }))],
    strategies: [],
  }),
};
