import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateRegistry, silentLogger, systemClock, type JsonValue, type ProvisionState } from '@ferric/core';
import { plugin as fakePlugin } from '@ferric/driver-fake/plugin';
import { createBackgroundTasks } from '../../src/background-tasks.js';
import { createStrategyServices } from '../../src/boot/strategy-services.js';
import { createRegistry } from '../../src/compose/registry.js';
import { configSchema } from '../../src/config.js';
import { createMedia } from '../../src/media/create-media.js';
import type { ConductorContext } from '../../src/nodes/conductor-context.js';
import { newNode } from '../../src/nodes/node-creation.js';
import { createNodeLocks } from '../../src/nodes/node-locks.js';
import type { StoredNode, Work } from '../../src/nodes/stored-node.js';
import { openStore } from '../../src/store/open-store.js';
import type { NodeUpdate, Store } from '../../src/store/store.js';

/** The parts of a conductor on an empty SQLite store, without its timers, its engine and its API. */
export interface OwnContext extends AsyncDisposable {
  readonly context: ConductorContext;
  readonly dataDirectory: string;
  /** Work that was handed to the engine, which is not there. */
  readonly started: readonly Work[];
  /** Stores a fake node in this state. */
  add(driverInfo?: Record<string, JsonValue>, changes?: NodeUpdate & { readonly provisionState?: ProvisionState }): Promise<StoredNode>;
}

/** `wrapStore` stands between the parts and the store. */
export async function createOwnContext(wrapStore: (store: Store) => Store = (store) => store): Promise<OwnContext> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'ferric-context-'));
  const opened = await openStore({ dataDirectory, hostname: 'test' });
  const store = wrapStore(opened);
  const clock = systemClock;
  const gates = createGateRegistry(clock);
  const host = { logger: silentLogger, clock, gates };
  const registry = createRegistry([{ packageName: '@ferric/driver-fake', version: '0.0.0', plugin: fakePlugin }], host);
  const background = createBackgroundTasks(silentLogger);
  const started: Work[] = [];
  const media = createMedia(
    { store, background, clock, logger: silentLogger, hostname: 'test' },
    { authorities: async () => [], dataDir: dataDirectory, imageDirs: [], listening: Promise.resolve('http://127.0.0.1:6385') },
  );
  const context: ConductorContext = {
    store, registry, background, ...host,
    hostname: 'test',
    settings: configSchema.parse({}),
    locks: createNodeLocks({ store, clock, hostname: 'test', lockWaitMs: 1000 }),
    devices: { registry, ...host },
    services: createStrategyServices({ clock, logger: silentLogger, media: media.services }, { imageDirs: [] }),
    works: { start: (work) => void started.push(work) },
  };
  return {
    context, dataDirectory, started,
    async add(driverInfo = {}, changes = {}) {
      const node = newNode(registry, { driver: 'fake-hardware', interfaces: {}, fields: { driverInfo } }, 82, clock.now());
      return opened.write(async (transaction) => {
        const { uuid } = await transaction.nodes.insert(node);
        return transaction.nodes.update(uuid, { provisionState: 'manageable', powerState: 'power off', ...changes });
      });
    },
    async [Symbol.asyncDispose]() {
      await background[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
