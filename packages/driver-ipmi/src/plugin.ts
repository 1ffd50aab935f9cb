import { anyDriver, CONTRACT, type FerricPlugin, type HardwareType } from '@ferric/core';
import { createIpmiDriver } from './ipmi-driver.js';
import { IPMI_DRIVER_NAME } from './ipmi-options.js';

/**
 * A server with IPMI. How it is booted and deployed is done by strategies that work on any hardware.
 * Sources: Ironic, ironic/drivers/ipmi.py and ironic/drivers/generic.py; its answer to GET /v1/drivers?detail=true, recorded. `ipmitool-socat` and
 * `ipmitool-shellinabox`, its consoles, are programs beside the conductor; here the console is `ipmitool`, and as there none is the default.
 */
const ipmi: HardwareType = {
  name: 'ipmi',
  description: 'A server with a management controller that speaks IPMI',
  interfaces: {
    power: [IPMI_DRIVER_NAME],
    management: [IPMI_DRIVER_NAME],
    vendor: [IPMI_DRIVER_NAME],
    console: ['no-console', IPMI_DRIVER_NAME],
    boot: ['ipxe', 'pxe', 'http-ipxe', 'http'],
    deploy: ['direct', 'ansible', 'ramdisk', 'anaconda', 'bootc', 'custom-agent'],
    inspect: ['agent', 'out-of-band'],
    // Without a network service, which is Ironic's rule too, `noop` is the default.
    network: ['noop', 'flat', 'neutron'],
    raid: ['no-raid', 'agent'],
    rescue: ['no-rescue', 'agent'],
    storage: ['noop', 'cinder', 'external'],
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
