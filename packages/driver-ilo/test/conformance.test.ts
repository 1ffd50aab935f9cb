import { anyDriver, delay, type Capability } from '@ferric/core';
import { testDriver } from '@ferric/core/conformance';
import { createIlo5Driver, createIloDriver, type IloDriverName, type ServerGeneration } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { startVirtualDevice, type Machine } from '../src/simulator/index.js';

type Optional = Exclude<Capability, 'power'>;

const ALL: readonly Optional[] = ['bootDevice', 'bootMode', 'virtualMedia', 'sensors', 'inventory', 'firmware', 'indicators', 'eventLog', 'vendor', 'steps'];
const OF_FIRMWARE: readonly Optional[] = ['secureBoot', 'bios', 'nmi'];

interface Subject {
  readonly driver: IloDriverName;
  readonly generation: Extract<ServerGeneration, 'gen8' | 'gen9' | 'gen10' | 'gen11'>;
  readonly capabilities: readonly Optional[];
  readonly tls: 'modern' | 'legacy';
}

const SUBJECTS: readonly Subject[] = [
  { driver: 'ilo', generation: 'gen8', capabilities: ALL, tls: 'modern' },
  { driver: 'ilo', generation: 'gen8', capabilities: ALL, tls: 'legacy' },
  { driver: 'ilo', generation: 'gen9', capabilities: [...ALL, ...OF_FIRMWARE], tls: 'modern' },
  { driver: 'ilo', generation: 'gen9', capabilities: [...ALL, ...OF_FIRMWARE], tls: 'legacy' },
  { driver: 'ilo5', generation: 'gen10', capabilities: [...ALL, ...OF_FIRMWARE, 'raid'], tls: 'modern' },
  { driver: 'ilo5', generation: 'gen11', capabilities: [...ALL, ...OF_FIRMWARE], tls: 'modern' },
];

/** Real servers need minutes: the tests of the client see to those. */
const PAUSES = { powerMs: 20, postMs: 20, retryMs: 50, resetMs: 20, updateMs: 20 } as const;
const POST = { inPostMs: 30, heldForReads: 0, discoveryCompleteMs: 20 } as const;

/** A server boots from iSCSI once it knows where to, and has found it when it was last on. Names as Gen9 and as later ones have them. */
async function setUpIscsi({ iscsi, boot, power }: Machine): Promise<void> {
  const target = { iSCSITargetName: 'iqn.2026-01.org.example:disk' };
  iscsi.write({ iSCSIBootSources: [{ ...target, iSCSIBootEnable: 'Enabled' }], iSCSISources: [{ ...target, iSCSIConnection: 'Enabled' }] });
  power.put(true);
  const isFound = (): boolean => power.postState === 'FinishedPost' && boot.sources.some(({ kind }) => kind === 'iscsi');
  while (!isFound()) await delay(5);
  power.put(false);
}

const driverConnections = (generation: Subject['generation']): number => (generation === 'gen8' || generation === 'gen9' ? 2 : 1);

for (const { driver: name, generation, capabilities, tls } of SUBJECTS) {
  const create = name === 'ilo' ? createIloDriver : createIlo5Driver;
  testDriver(`${name} on ${generation} over ${tls} TLS`, {
    createDriver: ({ gates, ...host }) => anyDriver(create({ ...host, gate: (address, settings) => gates.gate(address, settings), pauses: PAUSES })),
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
    // The client stays, with its session, for the next device of the same machine; with an iLO 4 it speaks in two ways.
    pooledConnections: driverConnections(generation),
    machinesAtOnce: 2,
  });
}
