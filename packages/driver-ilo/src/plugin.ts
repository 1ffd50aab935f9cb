import { anyDriver, CONTRACT, type FerricPlugin, GENERIC_IMPLEMENTATIONS, type HardwareType } from '@ferric/core';
import { createIloDrivers } from './ilo-driver.js';
import { createIloInspect } from './ilo-inspect.js';

/** Ironic's names of boot interfaces, best first, and the strategies behind them. */
const BOOT_STRATEGIES = { 'ilo-virtual-media': 'virtual-media', 'ilo-pxe': 'pxe', 'ilo-ipxe': 'ipxe' } as const;
const BOOT = Object.keys(BOOT_STRATEGIES);

/**
 * A ProLiant server whose iLO need not know more than RIBCL. Sources: Ironic, ironic/drivers/ilo.py; its answer to GET /v1/drivers/ilo, recorded.
 * Of its interfaces, `ilo` for the console is not there: it was a program beside the conductor that spoke IPMI.
 */
const ilo: HardwareType = {
  name: 'ilo',
  description: 'An HPE ProLiant server with iLO 4 (Gen8, Gen9) or later',
  interfaces: {
    ...GENERIC_IMPLEMENTATIONS,
    power: ['ilo'],
    management: ['ilo'],
    bios: ['ilo', 'no-bios'],
    vendor: ['ilo', 'no-vendor'],
    firmware: ['no-firmware', 'ilo'],
    boot: BOOT,
    inspect: ['ilo', 'agent', 'out-of-band'],
  },
  strategyNames: { boot: BOOT_STRATEGIES },
  aliases: [
    { name: 'iscsi_ilo', interfaces: { boot: 'ilo-virtual-media', deploy: 'direct' } },
    { name: 'agent_ilo', interfaces: { boot: 'ilo-virtual-media', deploy: 'direct' } },
    { name: 'pxe_ilo', interfaces: { boot: 'ilo-pxe', deploy: 'direct' } },
  ],
};

/** A ProLiant server with what only iLO 5 and later can do. Source: Ironic, ironic/drivers/ilo.py (Ilo5Hardware). */
const ilo5: HardwareType = {
  name: 'ilo5',
  description: 'An HPE ProLiant server with iLO 5 (Gen10) or later',
  interfaces: {
    ...ilo.interfaces,
    management: ['ilo5'],
    raid: ['ilo5', ...GENERIC_IMPLEMENTATIONS.raid],
    boot: [...BOOT, 'ilo-uefi-https'],
  },
  strategyNames: { boot: { ...BOOT_STRATEGIES, 'ilo-uefi-https': 'uefi-https' } },
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create: ({ logger, clock, gates, transcript }) => ({
    hardwareTypes: [ilo, ilo5],
    drivers: createIloDrivers({
      logger, clock, gate: (address, settings) => gates.gate(address, settings), ...(transcript === undefined ? {} : { transcript }),
    }).map(anyDriver),
    strategies: [createIloInspect()],
  }),
};
