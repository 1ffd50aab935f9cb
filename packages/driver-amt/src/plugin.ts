import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createAmtDriver } from './amt-driver.js';
import { AMT_DRIVER_NAME } from './amt-options.js';

/**
 * A machine with Intel AMT. How it is booted and deployed is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/amt/__init__.py and setup.cfg.
 */
const stagingAmt: HardwareType = {
  name: 'staging-amt',
  description: 'A machine with Intel AMT (vPro), whose management engine speaks WS-Management',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: [AMT_DRIVER_NAME],
    management: [AMT_DRIVER_NAME],
    vendor: [AMT_DRIVER_NAME],
    inspect: ['agent', 'out-of-band'],
  },
  aliases: [
    { name: 'pxe_amt', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_amt', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [stagingAmt],
    drivers: [
      anyDriver(createAmtDriver({ logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }) })),
    ],
    strategies: [],
  }),
};
