import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { IPMI_DRIVER_NAME } from '@ferric/driver-ipmi';
import { createNmDriver, NM_DRIVER_NAME } from './nm-driver.js';

/** The device of this driver has all of IPMI, so that a machine has one session. Nodes that come with Ironic's names keep them. */
const DEVICE = [NM_DRIVER_NAME, IPMI_DRIVER_NAME];

/**
 * A server with IPMI and Intel Node Manager: the hardware type `ipmi` with vendor methods for power policies.
 * Sources: ironic-staging-drivers, doc/source/drivers/intel_nm.rst (`agent_ipmitool_nm` is the name in its older issues); Ironic,
 * ironic/drivers/ipmi.py.
 */
const stagingNm: HardwareType = {
  name: 'staging-nm',
  description: 'A server with a management controller that speaks IPMI, and Intel Node Manager behind it',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: DEVICE,
    management: DEVICE,
    vendor: DEVICE,
    console: ['no-console', ...DEVICE],
    inspect: ['agent', 'out-of-band'],
  },
  aliases: [{ name: 'agent_ipmitool_nm', interfaces: { boot: 'pxe', deploy: 'direct' } }],
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [stagingNm],
    drivers: [
      anyDriver(createNmDriver({ logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }) })),
    ],
    strategies: [],
  }),
};
