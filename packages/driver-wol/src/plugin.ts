import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createWolDriver } from './wol-driver.js';
import { WOL_DRIVER_NAME } from './wol-options.js';

/**
 * A machine that a magic packet wakes. Everything else is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/wol/hardware.py.
 */
const stagingWol: HardwareType = {
  name: 'staging-wol',
  description: 'A machine that is woken by Wake-on-LAN and switched off by hand',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: [WOL_DRIVER_NAME],
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
