import { randomUUID } from 'node:crypto';
import { defineVendorMethod, INTERFACES, isSecretKey, type Port, type Portgroup, type VendorMethod } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { noArguments } from '@ferric/core/zod';
import { Registry } from 'prom-client';
import type { AllocationService } from '../../src/allocations/allocation-service.js';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import type { NodeEvent } from '../../src/events/node-event.js';
import { faults } from '../../src/fault.js';
import { EMPTY_PORT } from '../../src/resources/port-service.js';
import type { DriverFacts, DriverService, NodeService, VendorAnswer } from '../../src/nodes/node-service.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import { EMPTY_ALLOCATION, type Allocation } from '../../src/resources/allocation.js';
import type { Chassis } from '../../src/resources/chassis.js';
import type { DeployTemplate } from '../../src/resources/deploy-template.js';
import type { RecordService } from '../../src/resources/record-service.js';
import type { VolumeConnector, VolumeTarget } from '../../src/resources/volume.js';
import type { PortFilters } from '../../src/store/records/ports.js';
import type { ConductorRecord, NodeFilters, Page, RecordReader } from '../../src/store/store.js';
import { sampleNode } from './sample-node.js';

/** One call that changes something or reaches the machine: its name and arguments. */
export type FakeCall = readonly [name: string, ...args: unknown[]];

/** Services that keep everything in lists, for tests of the API alone. */
export interface FakeServices extends ApiDependencies {
  readonly nodes: { -readonly [Method in keyof NodeService]: NodeService[Method] };
  readonly logger: RecordingLogger;
  readonly clock: FakeClock;
  readonly kept: { readonly nodes: StoredNode[]; readonly ports: Port[]; readonly events: NodeEvent[]; readonly conductors: ConductorRecord[] };
  readonly calls: FakeCall[];
  /** What the next vendor call answers. */
  vendorAnswer: VendorAnswer;
  /** Makes every read of a node fail. */
  failure: Error | undefined;
  notReadyReason: string | null;
  /** Tells the API of events, as the store does after a commit. */
  commit(events: readonly NodeEvent[]): void;
  readonly listeners: ReadonlySet<(events: readonly NodeEvent[]) => void>;
}

export function createFakeServices(nodes: readonly StoredNode[] = []): FakeServices {
  const kept: FakeServices['kept'] = { nodes: [...nodes], ports: [], events: [], conductors: [] };
  const calls: FakeCall[] = [];
  const listeners = new Set<(events: readonly NodeEvent[]) => void>();
  const clock = createFakeClock();
  const services: FakeServices = {
    kept, calls, listeners, clock,
    logger: createRecordingLogger(),
    hostname: 'fake-conductor',
    softwareVersion: '0.0.0',
    metrics: new Registry(),
    isSecretKey: (driver) => (key) => isSecretKey(key) || (driver === 'fake-hardware' && key === 'fake_pin'),
    vendorAnswer: { kind: 'value', value: true },
    failure: undefined,
    notReadyReason: null,
    notReady: () => services.notReadyReason,
    nodes: fakeNodes(kept, calls, () => services),
    ports: fakePorts(kept, clock),
    drivers: fakeDrivers(calls, () => services.vendorAnswer),
    portgroups: fakeRecords<Portgroup>([], clock, faults.portgroupNotFound),
    allocations: fakeAllocations(clock),
    chassis: fakeRecords<Chassis>([], clock, faults.chassisNotFound),
    deployTemplates: fakeRecords<DeployTemplate>([], clock, faults.deployTemplateNotFound),
    volumeConnectors: fakeRecords<VolumeConnector>([], clock, faults.volumeConnectorNotFound),
    volumeTargets: fakeRecords<VolumeTarget>([], clock, faults.volumeTargetNotFound),
    store: {
      dialect: 'sqlite',
      nodes: {
        ...fakeReader(kept.nodes, (node, filters: NodeFilters) => matches(node, filters)),
        countByShard: async () => [],
        getByName: async (name) => kept.nodes.find((node) => node.name === name),
      },
      ports: fakeReader(kept.ports, (port, filters: PortFilters) =>
        port.nodeUuid === (filters.nodeUuid ?? port.nodeUuid) && port.address === (filters.address ?? port.address) && (filters.addresses?.includes(port.address) ?? true)),
      portgroups: fakeReader<Portgroup, object>([]),
      chassis: fakeReader<Chassis, object>([]),
      allocations: fakeReader<Allocation, object>([]),
      deployTemplates: fakeReader<DeployTemplate, object>([]),
      volumeConnectors: fakeReader<VolumeConnector, object>([]),
      volumeTargets: fakeReader<VolumeTarget, object>([]),
      inventories: { get: async () => undefined },
      events: {
        after: async (id, { nodeUuid, limit }) => kept.events.filter((event) => event.id > id && event.nodeUuid === (nodeUuid ?? event.nodeUuid)).slice(0, limit),
        latest: async (nodeUuid, { limit }) => kept.events.filter((event) => event.nodeUuid === nodeUuid).slice(-limit),
        get: async (nodeUuid, uuid) => kept.events.find((event) => event.nodeUuid === nodeUuid && event.uuid === uuid),
        lastId: async () => kept.events.at(-1)?.id ?? 0,
      },
      conductors: { list: async () => kept.conductors, announce: async () => undefined, remove: async () => undefined },
      async ping() {
        if (services.failure !== undefined) throw services.failure;
      },
      onCommitted(listener) {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
    },
    commit(events) {
      kept.events.push(...events);
      for (const listener of listeners) listener(events);
    },
  };
  return services;
}

function fakeNodes(kept: FakeServices['kept'], calls: FakeCall[], services: () => FakeServices): NodeService {
  const find = async (identifier: string): Promise<StoredNode> => {
    const { failure } = services();
    if (failure !== undefined) throw failure;
    const node = kept.nodes.find((each) => each.uuid === identifier || each.name === identifier);
    if (node === undefined) throw faults.nodeNotFound(identifier);
    return node;
  };
  const note = async <T>(result: T, ...call: FakeCall): Promise<T> => {
    calls.push(call);
    return result;
  };
  return {
    find,
    async create({ uuid, driver, interfaces, fields }, requester) {
      const base = sampleNode({ id: kept.nodes.length + 1, name: null, provisionState: requester.version < 11 ? 'available' : 'enroll' });
      const node = { ...base, ...fields, uuid: uuid ?? randomUUID(), driver, interfaces: { ...base.interfaces, ...interfaces } };
      kept.nodes.push(node);
      return note(node, 'create', { driver, interfaces, fields });
    },
    async update(identifier, edit, options) {
      const node = await find(identifier);
      const change = edit(node);
      const changed: StoredNode = { ...node, ...change.fields, ...(change.driver === undefined ? {} : { driver: change.driver }), updatedAt: new Date() };
      kept.nodes[kept.nodes.indexOf(node)] = changed;
      return note(changed, 'update', change, options);
    },
    async delete(identifier) {
      const node = await find(identifier);
      kept.nodes.splice(kept.nodes.indexOf(node), 1);
    },
    setMaintenance: async (identifier, request) => note(undefined, 'setMaintenance', (await find(identifier)).uuid, request),
    setProvisionState: async (identifier, request) => note((await find(identifier)).uuid, 'setProvisionState', request),
    setPowerState: async (identifier, request) => note((await find(identifier)).uuid, 'setPowerState', request),
    setTargetRaidConfig: async (identifier, configuration) => note(undefined, 'setTargetRaidConfig', (await find(identifier)).uuid, configuration),
    async validate(identifier) {
      await find(identifier);
      return { power: { result: true }, boot: { result: false, reason: 'no port' } };
    },
    async bootDevice(identifier) {
      await find(identifier);
      return { device: 'pxe', persistent: null };
    },
    async supportedBootDevices(identifier) {
      await find(identifier);
      return ['pxe', 'disk'];
    },
    setBootDevice: async (identifier, request) => note(undefined, 'setBootDevice', (await find(identifier)).uuid, request),
    async biosSettings(identifier) {
      await find(identifier);
      return [{ name: 'ProcTurbo', value: 'Enabled', allowableValues: ['Enabled', 'Disabled'], readOnly: false }];
    },
    async firmwareComponents(identifier) {
      await find(identifier);
      return [{ component: 'bmc', currentVersion: '2.81' }];
    },
    setBootMode: async (identifier, target) => note((await find(identifier)).uuid, 'setBootMode', target),
    setSecureBoot: async (identifier, enabled) => note((await find(identifier)).uuid, 'setSecureBoot', enabled),
    async console(identifier) {
      const { consoleEnabled } = await find(identifier);
      return { enabled: consoleEnabled, info: consoleEnabled ? {} : null };
    },
    setConsole: async (identifier, enabled) => note(undefined, 'setConsole', (await find(identifier)).uuid, enabled),
    injectNmi: async (identifier) => note(undefined, 'injectNmi', (await find(identifier)).uuid),
    async indicators(identifier) {
      await find(identifier);
      return [{ component: 'system', name: 'led', readonly: false, states: ['off', 'on'] }];
    },
    async indicator(identifier) {
      await find(identifier);
      return 'on';
    },
    setIndicator: async (identifier, indicator, state) => note(undefined, 'setIndicator', (await find(identifier)).uuid, indicator, state),
    async inventory(identifier) {
      const { uuid, name } = await find(identifier);
      if (name !== 'inspected') throw faults.inventoryNotFound(uuid);
      return { inventory: { cpu: { count: 4 } }, pluginData: {} };
    },
    setTraits: async (identifier, traits) => note(undefined, 'setTraits', (await find(identifier)).uuid, traits),
    addTrait: async (identifier, trait) => note(undefined, 'addTrait', (await find(identifier)).uuid, trait),
    removeTrait: async (identifier, trait) => note(undefined, 'removeTrait', (await find(identifier)).uuid, trait),
    async vifs(identifier) {
      await find(identifier);
      return [{ id: 'vif-1' }];
    },
    attachVif: async (identifier, request) => note(undefined, 'attachVif', (await find(identifier)).uuid, request),
    detachVif: async (identifier, vif) => note(undefined, 'detachVif', (await find(identifier)).uuid, vif),
    receiveNetworkEvents: (events) => note(undefined, 'receiveNetworkEvents', events),
    async vendorMethods(identifier) {
      await find(identifier);
      return { blink: BLINK };
    },
    async callVendorMethod(identifier, method, httpMethod, args, requester) {
      await find(identifier);
      return note(services().vendorAnswer, 'callVendorMethod', method, httpMethod, args, requester.signal);
    },
  };
}

const BLINK: VendorMethod = defineVendorMethod({
  description: 'Blinks.', httpMethods: ['POST'], async: true, attach: false, requireExclusiveLock: true, arguments: noArguments, call: async () => true,
});

/** Reads a list. Default: everything meets every filter. */
function fakeReader<Model extends { readonly uuid: string }, Filters>(
  records: readonly Model[],
  meets: (record: Model, filters: Filters) => boolean = () => true,
): RecordReader<Model, Filters> {
  return {
    get: async (uuid) => records.find((record) => record.uuid === uuid),
    list: async (filters, page) => takePage(records.filter((record) => meets(record, filters)), page),
    all: async (filters) => records.filter((record) => meets(record, filters)),
    one: async (filters) => records.find((record) => meets(record, filters)),
    count: async (filters) => records.filter((record) => meets(record, filters)).length,
  };
}

function fakeRecords<Model extends { readonly uuid: string }>(
  records: Model[],
  clock: FakeClock,
  notFound: (uuid: string) => Error,
  empty: Partial<Model> = {},
  check: (record: Model) => void = () => undefined,
): RecordService<Model> {
  const find = async (uuid: string): Promise<Model> => {
    const record = records.find((each) => each.uuid === uuid);
    if (record === undefined) throw notFound(uuid);
    return record;
  };
  return {
    find,
    async create(fields) {
      const record = { ...empty, createdAt: clock.now(), updatedAt: null, uuid: randomUUID(), ...fields } as unknown as Model;
      check(record);
      records.push(record);
      return record;
    },
    async update(uuid, edit) {
      const record = await find(uuid);
      const changed = { ...record, ...edit(record), updatedAt: clock.now() };
      records[records.indexOf(record)] = changed;
      return changed;
    },
    async delete(uuid) {
      records.splice(records.indexOf(await find(uuid)), 1);
    },
  };
}

/** None is ever fulfilled. */
function fakeAllocations(clock: FakeClock): AllocationService {
  const records = fakeRecords<Allocation>([], clock, faults.allocationNotFound, EMPTY_ALLOCATION);
  const ofNode = async (identifier: string): Promise<never> => {
    throw faults.nodeNotAllocated(identifier);
  };
  return { ...records, ofNode, deleteOfNode: ofNode, resume: async () => undefined };
}

function fakePorts({ ports, nodes }: FakeServices['kept'], clock: FakeClock): RecordService<Port> {
  return fakeRecords(ports, clock, faults.portNotFound, EMPTY_PORT, ({ nodeUuid, address }) => {
    if (!nodes.some((node) => node.uuid === nodeUuid)) throw faults.nodeNotFoundInBody(nodeUuid);
    if (ports.some((port) => port.address === address)) throw faults.portAddressTaken(address);
  });
}

function fakeDrivers(calls: FakeCall[], vendorAnswer: () => VendorAnswer): DriverService {
  const facts: DriverFacts = {
    name: 'fake-hardware',
    hosts: ['fake-conductor'],
    defaultInterfaces: Object.fromEntries(INTERFACES.map((name) => [name, 'fake'])) as DriverFacts['defaultInterfaces'],
    enabledInterfaces: Object.fromEntries(INTERFACES.map((name) => [name, ['fake']])) as unknown as DriverFacts['enabledInterfaces'],
  };
  const plain: DriverFacts = { ...facts, name: 'plain', defaultInterfaces: { ...facts.defaultInterfaces, raid: 'no-raid' } };
  const find = async (name: string): Promise<DriverFacts> => {
    const found = [facts, plain].find((each) => each.name === name);
    if (found === undefined) throw faults.driverNotFound(name);
    return found;
  };
  return {
    find,
    list: async () => [facts, plain],
    properties: async (name) => ({ fake_pin: `PIN of ${(await find(name)).name}. Optional.` }),
    vendorMethods: async () => ({ blink: BLINK }),
    async callVendorMethod(name, method, httpMethod, args) {
      calls.push(['callDriverMethod', (await find(name)).name, method, httpMethod, args]);
      return vendorAnswer();
    },
  };
}

function matches(node: StoredNode, filters: NodeFilters): boolean {
  return Object.entries(filters).every(([name, value]) => !(name in node) || node[name as keyof StoredNode] === value);
}

function takePage<Item extends { readonly uuid: string }>(items: readonly Item[], page: Page<string>): readonly Item[] | undefined {
  const key = page.sortKey as keyof Item;
  const sorted = page.sortKey === 'id' ? [...items] : items.toSorted((a, b) => String(a[key]).localeCompare(String(b[key])));
  if (page.sortDirection === 'desc') sorted.reverse();
  const before = page.marker === undefined ? -1 : sorted.findIndex((item) => item.uuid === page.marker);
  if (page.marker !== undefined && before === -1) return undefined;
  return sorted.slice(before + 1, before + 1 + page.limit);
}
