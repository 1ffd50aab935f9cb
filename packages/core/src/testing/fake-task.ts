import type { Device } from '../device/device.js';
import type { MediaServices } from '../driver/media-services.js';
import type { NodeChanges, StrategyServices, Task } from '../driver/strategy.js';
import { INTERFACES } from '../driver/interfaces.js';
import type { NodeInterfaces, NodeView } from '../node/node.js';
import type { PortView } from '../node/port.js';
import type { PortgroupView } from '../node/portgroup.js';
import { Secret } from '../secrets/secret.js';
import type { Clock } from '../time/clock.js';
import { systemClock } from '../time/clock.js';
import { createRecordingLogger, type RecordingLogger } from './recording-logger.js';

/** What a task for a test is made from; everything has a default but the device. */
export interface FakeTaskOptions {
  readonly device: Device;
  readonly node?: Partial<NodeView>;
  readonly ports?: readonly PortView[];
  readonly portgroups?: readonly PortgroupView[];
  readonly boot?: Task['boot'];
  readonly network?: Task['network'];
  readonly storage?: Task['storage'];
  readonly services?: Partial<StrategyServices>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** A task whose node lives in memory. */
export interface FakeTask extends Task {
  readonly logger: RecordingLogger;
  /** Everything told by {@link Task.progress}, in order. */
  readonly told: readonly string[];
  /** Everything kept, in order. */
  readonly kept: readonly NodeChanges[];
  /** Merges changes as a conductor does, such as those that a strategy returned or that a machine's report brings. */
  apply(changes: NodeChanges | undefined): void;
}

/** A node as it is right after it was enrolled. */
export function sampleNode(fields: Partial<NodeView> = {}): NodeView {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  return {
    uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', name: null, driver: 'fake-hardware',
    driverInfo: {}, driverInternalInfo: {}, instanceInfo: {}, instanceUuid: null, chassisUuid: null, properties: {}, extra: {}, networkData: {},
    interfaces: Object.fromEntries(INTERFACES.map((name) => [name, 'fake'])) as NodeInterfaces,
    resourceClass: null, conductorGroup: '', owner: null, lessee: null, description: null, shard: null, allocationUuid: null, traits: [],
    powerState: null, targetPowerState: null, provisionState: 'enroll', targetProvisionState: null, provisionUpdatedAt: null, lastError: null,
    fault: null, maintenance: false, maintenanceReason: null, automatedClean: null, protected: false, protectedReason: null, retired: false,
    retiredReason: null, consoleEnabled: false, bootMode: null, secureBoot: null, cleanStep: {}, deployStep: {}, raidConfig: {}, targetRaidConfig: {},
    inspectionStartedAt: null, inspectionFinishedAt: null, createdAt, updatedAt: null,
    ...fields,
  };
}

/** Serves nothing, at the addresses that a conductor would give. */
const FAKE_MEDIA: MediaServices = {
  conductorUrl: async () => 'http://192.0.2.1:6385',
  controllerUrl: async () => 'http://192.0.2.1:6385',
  authorities: async () => [],
  address: async (_node, reference) => (reference.startsWith('file:') ? `http://192.0.2.1:6385/images${new URL(reference).pathname}` : reference),
  publish: async (node, key, { kind }) => new Secret(`http://192.0.2.1:6385/ferric/v1/media/${node.uuid}/${key.reveal()}/${kind}`),
  withdraw: async () => undefined,
};

/** A task for tests of strategies. */
export function createFakeTask(options: FakeTaskOptions): FakeTask {
  let node = sampleNode(options.node);
  let ports = options.ports ?? [];
  let portgroups = options.portgroups ?? [];
  const told: string[] = [];
  const kept: NodeChanges[] = [];
  const apply = (changes: NodeChanges | undefined): void => {
    if (changes === undefined) return;
    node = {
      ...node,
      properties: merge(node.properties, changes.properties),
      instanceInfo: merge(node.instanceInfo, changes.instanceInfo),
      driverInternalInfo: merge(node.driverInternalInfo, changes.driverInternalInfo),
      raidConfig: changes.raidConfig ?? node.raidConfig,
    };
    ports = ports.map((port) => ({ ...port, internalInfo: merge(port.internalInfo, changes.portInfo?.[port.uuid]) }));
    portgroups = portgroups.map((portgroup) => ({ ...portgroup, internalInfo: merge(portgroup.internalInfo, changes.portgroupInfo?.[portgroup.uuid]) }));
  };
  return {
    get node() {
      return node;
    },
    get ports() {
      return ports;
    },
    get portgroups() {
      return portgroups;
    },
    device: options.device,
    boot: options.boot,
    network: options.network,
    storage: options.storage,
    services: {
      conductorUrl: () => 'http://192.0.2.1:6385',
      downloadUrl: async (_node, reference) => (reference.startsWith('file:') ? `http://192.0.2.1:6385/images${new URL(reference).pathname}` : reference),
      fileChecksum: async () => 'ab'.repeat(32),
      buildConfigDrive: async () => new Secret('H4sIAAAAAAAAAwMAAAAAAAAAAAA='),
      media: FAKE_MEDIA,
      ...options.services,
    },
    clock: options.clock ?? systemClock,
    logger: createRecordingLogger(),
    signal: options.signal ?? new AbortController().signal,
    told,
    kept,
    apply,
    progress: (message) => void told.push(message),
    async keep(changes) {
      kept.push(changes);
      apply(changes);
    },
  };
}

function merge<T>(before: Readonly<Record<string, T>>, changes: Readonly<Record<string, T>> | undefined): Record<string, T> {
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
}
