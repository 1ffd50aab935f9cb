import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createIpmiDriver } from './ipmi-driver.js';
import { IPMI_DRIVER_NAME } from './ipmi-options.js';

/**
 * A server with IPMI. How it is booted and deployed is done by strategies that work on any hardware.
 * Sources: Ironic, ironic/drivers/ipmi.py; its answer to GET /v1/drivers?detail=true, recorded. `ipmitool-socat` and
 * `ipmitool-shellinabox`, its consoles, are programs beside the conductor; here the console is `ipmitool`, and as there none is the default.
 */
const ipmi: HardwareType = {
  name: 'ipmi',
  description: 'A server with a management controller that speaks IPMI',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: [IPMI_DRIVER_NAME],
    management: [IPMI_DRIVER_NAME],
    vendor: [IPMI_DRIVER_NAME],
    console: ['no-console', IPMI_DRIVER_NAME],
    inspect: ['agent', 'out-of-band'],
  },
  aliases: [
    { name: 'pxe_ipmitool', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_ipmitool', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [ipmi],
    drivers: [
      anyDriver(createIpmiDriver({ logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }) })),
    ],
    strategies: [],
  }),
};
