import { anyDriver, delay, type Capability } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createIlo5Driver, createIloDriver, type ServerGeneration } from '../../src/index.js';
import { plugin } from '../../src/plugin.js';
import { startVirtualDevice, type Machine } from '../../src/simulator/index.js';

type Optional = Exclude<Capability, 'power'>;
type Generation = Extract<ServerGeneration, 'gen8' | 'gen9' | 'gen10' | 'gen11'>;

const ALL: readonly Optional[] = ['bootDevice', 'bootMode', 'virtualMedia', 'sensors', 'inventory', 'firmware', 'indicators', 'eventLog', 'vendor', 'steps'];
const OF_FIRMWARE: readonly Optional[] = ['secureBoot', 'bios', 'nmi'];

interface Subject {
  readonly driver: 'ilo' | 'ilo5';
  readonly capabilities: readonly Optional[];
  /** The client stays, with its session, for the next device of the same machine; with an iLO 4 it speaks in two ways. */
  readonly pooledConnections: number;
}

const SUBJECTS: Readonly<Record<Generation, Subject>> = {
  gen8: { driver: 'ilo', capabilities: ALL, pooledConnections: 2 },
  gen9: { driver: 'ilo', capabilities: [...ALL, ...OF_FIRMWARE], pooledConnections: 2 },
  gen10: { driver: 'ilo5', capabilities: [...ALL, ...OF_FIRMWARE, 'httpBoot', 'raid'], pooledConnections: 1 },
  gen11: { driver: 'ilo5', capabilities: [...ALL, ...OF_FIRMWARE, 'httpBoot'], pooledConnections: 1 },
};

const DRIVERS = { ilo: createIloDriver, ilo5: createIlo5Driver } as const;

/** Real servers need minutes: the tests of the client see to those. */
const PAUSES = { powerMs: 20, postMs: 20, retryMs: 50, resetMs: 20, updateMs: 20 } as const;
const POST = { inPostMs: 30, heldForReads: 0, discoveryCompleteMs: 20 } as const;

/** Registers the rules for one generation over one kind of TLS. Each pair has a file of its own: rules mostly wait, and files do so side by side. */
export function testGeneration(generation: Generation, tls: 'modern' | 'legacy'): void {
  const { driver, capabilities, pooledConnections } = SUBJECTS[generation];
  testDriver(`${driver} on ${generation} over ${tls} TLS`, {
    createDriver: ({ gates, ...host }) => anyDriver(DRIVERS[driver]({ ...host, gate: (address, settings) => gates.gate(address, settings), pauses: PAUSES })),
    async startVirtualDevice(options) {
      const device = await startVirtualDevice({ ...options, generation, tls, post: POST });
      if (generation !== 'gen8') await setUpIscsi(device.ilo.machine);
      const more = { ilo_generation: generation };
      return {
        ...device, driverInfo: { ...device.driverInfo, ...more }, wrongDriverInfo: { ...device.wrongDriverInfo, ...more },
        get state() {
          return device.state;
        },
        get activity() {
          return device.activity;
        },
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      };
    },
    capabilities,
    plugin,
    pooledConnections,
    machinesAtOnce: 4,
  });
}

/** A server boots from iSCSI once it knows where to, and has found it when it was last on. Names as Gen9 and as later ones have them. */
async function setUpIscsi({ iscsi, boot, power }: Machine): Promise<void> {
  const target = { iSCSITargetName: 'iqn.2026-01.org.example:disk' };
  iscsi.write({ iSCSIBootSources: [{ ...target, iSCSIBootEnable: 'Enabled' }], iSCSISources: [{ ...target, iSCSIConnection: 'Enabled' }] });
  power.put(true);
  const isFound = (): boolean => power.postState === 'FinishedPost' && boot.sources.some(({ kind }) => kind === 'iscsi');
  while (!isFound()) await delay(5);
  power.put(false);
}
