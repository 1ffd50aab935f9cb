import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createIbootDriver } from './iboot-driver.js';
import { IBOOT_DRIVER_NAME } from './iboot-options.js';

/**
 * A machine behind a switched outlet. Everything but power is done by strategies that work on any hardware.
 * Source: OpenStack ironic-staging-drivers, documentation of the iBoot driver.
 */
const stagingIboot: HardwareType = {
  name: 'staging-iboot',
  description: 'A machine behind a relay of a Dataprobe iBoot unit, which switches its power over DxP',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: [IBOOT_DRIVER_NAME],
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
