import { randomUUID } from 'node:crypto';
import { defineVendorMethod, INTERFACES, isSecretKey, type Port, type VendorMethod } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { noArguments } from '@ferric/core/zod';
import { Registry } from 'prom-client';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import type { NodeEvent } from '../../src/events/node-event.js';
import { faults } from '../../src/fault.js';
import { EMPTY_PORT } from '../../src/nodes/create-port-service.js';
import type { DriverFacts, DriverService, NodeService, PortService, VendorAnswer } from '../../src/nodes/node-service.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { ConductorRecord, NodeFilters, Page } from '../../src/store/store.js';
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
    store: {
      nodes: {
        get: async (uuid) => kept.nodes.find((node) => node.uuid === uuid),
        getByName: async (name) => kept.nodes.find((node) => node.name === name),
        list: async (filters, page) => takePage(kept.nodes.filter((node) => matches(node, filters)), page),
        count: async () => kept.nodes.length,
      },
      ports: {
        get: async (uuid) => kept.ports.find((port) => port.uuid === uuid),
        list: async (filters, page) =>
          takePage(kept.ports.filter((port) => port.nodeUuid === (filters.nodeUuid ?? port.nodeUuid) && port.address === (filters.address ?? port.address)), page),
        ofNode: async (nodeUuid) => kept.ports.filter((port) => port.nodeUuid === nodeUuid),
        byAddresses: async (addresses) => kept.ports.filter((port) => addresses.includes(port.address)),
      },
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
    async inventory(identifier) {
      const { uuid, name } = await find(identifier);
      if (name !== 'inspected') throw faults.inventoryNotFound(uuid);
      return { inventory: { cpu: { count: 4 } }, pluginData: {} };
    },
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

function fakePorts({ ports, nodes }: FakeServices['kept'], clock: FakeClock): PortService {
  const find = async (uuid: string): Promise<Port> => {
    const port = ports.find((each) => each.uuid === uuid);
    if (port === undefined) throw faults.portNotFound(uuid);
    return port;
  };
  return {
    find,
    async create(fields) {
      if (!nodes.some((node) => node.uuid === fields.nodeUuid)) throw faults.nodeNotFoundInBody(fields.nodeUuid);
      if (ports.some((port) => port.address === fields.address)) throw faults.portAddressTaken(fields.address);
      const port: Port = { ...EMPTY_PORT, createdAt: clock.now(), updatedAt: null, ...fields, uuid: fields.uuid ?? randomUUID() };
      ports.push(port);
      return port;
    },
    async update(uuid, edit) {
      const port = await find(uuid);
      const changed = { ...port, ...edit(port), updatedAt: clock.now() };
      ports[ports.indexOf(port)] = changed;
      return changed;
    },
    async delete(uuid) {
      ports.splice(ports.indexOf(await find(uuid)), 1);
    },
  };
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
