import { randomUUID } from 'node:crypto';
import type { NodeInterfaces, Port } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { plugin as fakePlugin } from '@ferric/driver-fake/plugin';
import { DEFAULT_BOOT_SETTINGS, type BootSettings } from '@ferric/ipxe-config';
import type { Authenticator } from '../../src/api/auth/authenticator.js';
import { createApi } from '../../src/api/create-api.js';
import { createAgentService } from '../../src/agents/create-agent-service.js';
import { builtInStrategies } from '../../src/compose/built-in-strategies.js';
import type { LoadedPlugin } from '../../src/compose/load-plugins.js';
import { createRegistry } from '../../src/compose/registry.js';
import { configSchema } from '../../src/config.js';
import { createBootService } from '../../src/boot/create-boot-service.js';
import type { NodeEvent } from '../../src/events/node-event.js';
import { createMedia, type Media } from '../../src/media/create-media.js';
import type { ConductorContext } from '../../src/nodes/conductor-context.js';
import { createDriverService } from '../../src/nodes/create-driver-service.js';
import { createNodeService } from '../../src/nodes/create-node-service.js';
import { EMPTY_PORT } from '../../src/resources/port-service.js';
import { createResourceServices } from '../../src/resources/create-resource-services.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate, Store } from '../../src/store/store.js';
import { readAnswer, type ApiAnswer } from './api-client.js';
import { createOwnContext, type OwnContext } from './conductor-context.js';

export interface MachineRequest {
  readonly body?: unknown;
  /** Default: no version header, as boot loaders. */
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Network address of the client. */
  readonly from?: string;
}

/** The API as machines see it, on a real store, asked without a socket. The clock of limits and events stands still. */
export interface MachineApi extends AsyncDisposable {
  readonly context: ConductorContext;
  readonly store: Store;
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
  readonly started: OwnContext['started'];
  readonly app: ReturnType<typeof createApi>;
  readonly media: Media;
  readonly dataDirectory: string;
  /** Stores a node with a port. */
  addMachine(changes?: NodeUpdate & { readonly uuid?: string }, address?: string, interfaces?: Partial<NodeInterfaces>): Promise<{ readonly node: StoredNode; readonly port: Port }>;
  addPort(nodeUuid: string, address: string): Promise<Port>;
  request(method: string, url: string, options?: MachineRequest): Promise<ApiAnswer & { readonly bytes: Buffer }>;
  /** The request of an iPXE client. */
  boots(url: string, options?: MachineRequest & { readonly method?: string }): Promise<ApiAnswer & { readonly bytes: Buffer }>;
  /** The node's record now. */
  node(uuid: string): Promise<StoredNode>;
  /** After everything that was begun has been done. */
  settle(): Promise<void>;
  /** The node's events of these types, after everything that was begun has been written. */
  events(uuid: string, ...types: NodeEvent['type'][]): Promise<readonly NodeEvent[]>;
}

export interface MachineApiOptions {
  readonly boot?: Partial<BootSettings>;
  readonly imageDirs?: readonly string[];
  readonly scriptsPerMinute?: number;
  readonly requireTls?: boolean;
  readonly publicEndpoint?: string;
  /** Default: nobody has to say who he is. */
  readonly authenticator?: Authenticator;
  /** Where programs that make media are looked for. Default: the PATH of this process. */
  readonly searchPath?: string;
  readonly wrapStore?: (store: Store) => Store;
  /** More plugins than the strategies of every conductor and the fake driver. */
  readonly plugins?: readonly LoadedPlugin[];
  /** Whether the strategies that every conductor has are installed. Default true. */
  readonly strategies?: boolean;
}

export async function createMachineApi(options: MachineApiOptions = {}): Promise<MachineApi> {
  const { imageDirs = [], requireTls = true, publicEndpoint, scriptsPerMinute } = options;
  let plainStore: Store | undefined;
  const own = await createOwnContext((store) => {
    plainStore = store;
    return options.wrapStore?.(store) ?? store;
  });
  if (plainStore === undefined) throw new Error('The context opened no store');
  const direct = plainStore;
  const clock = createFakeClock(new Date('2026-11-21T08:00:00Z'));
  const logger = createRecordingLogger();
  const writing = new Set<Promise<void>>();
  const background: ConductorContext['background'] = {
    run(_name, task) {
      const promise = task(new AbortController().signal).finally(() => writing.delete(promise));
      writing.add(promise);
    },
  };
  const plugins = [...(options.strategies === false ? [] : [builtInStrategies(configSchema.parse({}))]), { packageName: '@ferric/driver-fake', version: '0.0.0', plugin: fakePlugin }, ...(options.plugins ?? [])];
  const registry = createRegistry(plugins, { logger, clock, gates: own.context.gates });
  const context: ConductorContext = { ...own.context, clock, logger, background, registry, devices: { ...own.context.devices, registry } };
  const { store } = context;
  const media = createMedia(
    { store, background, clock, logger, hostname: 'test' },
    { authorities: async () => [], dataDir: own.dataDirectory, imageDirs, listening: Promise.resolve('http://192.0.2.1:6385'), publicEndpoint, searchPath: options.searchPath },
  );
  const app = createApi({
    nodes: createNodeService(context),
    ...createResourceServices(context),
    drivers: createDriverService(context),
    agents: createAgentService(context, { agentHeartbeatTimeoutMs: 300_000, agentRequireTls: requireTls }),
    boot: createBootService(context, { boot: { ...DEFAULT_BOOT_SETTINGS, ...options.boot }, imageDirs }),
    media: media.service,
    store, logger, clock,
    hostname: 'test',
    softwareVersion: '0.0.0',
    isSecretKey: () => () => false,
    ...(publicEndpoint === undefined ? {} : { publicEndpoint }),
    ...(options.authenticator === undefined ? {} : { authenticator: options.authenticator }),
    ...(scriptsPerMinute === undefined ? {} : { scriptsPerMinute }),
  });
  const request: MachineApi['request'] = async (method, url, { body, version, headers = {}, from = '192.0.2.10' } = {}) => {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      remoteAddress: from,
      headers: {
        host: '192.0.2.1:6385',
        ...(version === undefined ? {} : { 'x-openstack-ironic-api-version': version }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { ...readAnswer(answer), bytes: answer.rawPayload };
  };
  const addPort: MachineApi['addPort'] = (nodeUuid, address) =>
    direct.write((transaction) => transaction.ports.insert({ ...EMPTY_PORT, uuid: randomUUID(), nodeUuid, address, createdAt: clock.now() }));
  const settle = async (): Promise<void> => {
    while (writing.size > 0) await Promise.all(writing);
  };
  return {
    context, store, clock, logger, app, media, request, addPort, settle,
    dataDirectory: own.dataDirectory,
    started: own.started,
    async addMachine({ uuid, ...changes } = {}, address = '52:54:00:12:34:56', interfaces = {}) {
      const plain = await own.add({});
      const made = await direct.write((transaction) => transaction.nodes.update(plain.uuid, { ...changes, interfaces: { ...plain.interfaces, ...interfaces } }));
      const node = uuid === undefined ? made : await renamed(direct, made, uuid);
      return { node, port: await addPort(node.uuid, address) };
    },
    boots: (url, { method = 'GET', headers = {}, ...rest } = {}) => request(method, url, { ...rest, headers: { 'user-agent': 'iPXE/1.0.0+git-20190125.36a4c85-5.1', ...headers } }),
    async node(uuid) {
      const found = await store.nodes.get(uuid);
      if (found === undefined) throw new Error(`There is no node ${uuid}`);
      return found;
    },
    async events(uuid, ...types) {
      await settle();
      return (await store.events.latest(uuid, { limit: 1000 })).filter(({ type }) => types.includes(type));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await settle();
      await registry[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** A store of which some members are others. */
export function wrapped(store: Store, members: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name in members) return members[name as keyof Store];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** The same node under another UUID, such as the one of a record. */
function renamed(store: Store, { id: _id, updatedAt: _updatedAt, ...node }: StoredNode, uuid: string): Promise<StoredNode> {
  return store.write(async ({ nodes }) => {
    await nodes.delete(node.uuid);
    return nodes.insert({ ...node, uuid });
  });
}
