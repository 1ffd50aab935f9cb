import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, JsonValue } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { plugin as fakePlugin } from '@ferric/driver-fake/plugin';
import { plugin as libvirtPlugin } from '@ferric/driver-libvirt/plugin';
import { plugin as wolPlugin } from '@ferric/driver-wol/plugin';
import type { LoadedPlugin } from '../../src/compose/load-plugins.js';
import { configSchema, startConductor, type Conductor, type ConductorConfig } from '../../src/index.js';

const PLUGINS = {
  loaded: [
    { packageName: '@ferric/driver-fake', version: '0.0.0', plugin: fakePlugin },
    { packageName: '@ferric/driver-libvirt', version: '0.0.0', plugin: libvirtPlugin },
    { packageName: '@ferric/driver-wol', version: '0.0.0', plugin: wolPlugin },
  ],
  refused: [],
};

type Json = Record<string, JsonValue>;

/** A conductor inside the test with its data in a folder of its own. */
export interface RunningConductor extends AsyncDisposable {
  readonly conductor: Conductor;
  readonly dataDir: string;
  readonly logger: ReturnType<typeof createRecordingLogger>;
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Json }>;
  /** Enrols a fake node and returns its UUID. */
  enrol(name: string, driverInfo?: Json, more?: Json): Promise<string>;
  node(identifier: string): Promise<Json>;
  /** Asks for a verb and waits until the node is there and free. */
  provision(identifier: string, target: string, until: string): Promise<Json>;
  waitFor(identifier: string, done: (node: Json) => boolean): Promise<Json>;
  timeline(identifier: string): Promise<Json[]>;
}

/** Starts a conductor with an empty store, or continues one. */
export type RunConductor = (settings?: Partial<ConductorConfig>, extra?: readonly LoadedPlugin[]) => Promise<RunningConductor>;

const DEADLINE_MS = 10_000;
const POLL_MS = 10;

/** Starts one; `dataDir` continues an earlier one, which then keeps its folder. */
export async function runConductor(
  settings: Partial<ConductorConfig> = {}, extra: readonly LoadedPlugin[] = [], { clock }: { readonly clock?: Clock } = {},
): Promise<RunningConductor> {
  const owned = settings.dataDir === undefined;
  const dataDir = settings.dataDir ?? (await mkdtemp(join(tmpdir(), 'ferric-conductor-')));
  const logger = createRecordingLogger();
  const config = { ...configSchema.parse({ port: 0, conductorName: 'test', powerSyncIntervalMs: 0 }), ...settings, dataDir };
  const conductor = await startConductor(config, { logger, ...(clock === undefined ? {} : { clock }), plugins: { ...PLUGINS, loaded: [...PLUGINS.loaded, ...extra] } });

  const call: RunningConductor['call'] = async (method, path, body) => {
    const response = await fetch(`${conductor.url}${path}`, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': '1.82', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
  const node: RunningConductor['node'] = async (identifier) => (await call('GET', `/v1/nodes/${identifier}`)).body;
  const waitFor: RunningConductor['waitFor'] = async (identifier, done) => {
    const endsAt = Date.now() + DEADLINE_MS;
    for (;;) {
      const current = await node(identifier);
      if (done(current)) return current;
      if (Date.now() > endsAt) throw new Error(`Node did not get there in time: ${JSON.stringify(current)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };

  return {
    conductor, dataDir, logger, call, node, waitFor,
    async enrol(name, driverInfo = {}, more = {}) {
      const { status, body } = await call('POST', '/v1/nodes', { name, driver: 'fake-hardware', driver_info: driverInfo, ...more });
      if (status !== 201) throw new Error(`Enrolling answered ${status}: ${JSON.stringify(body)}`);
      return String(body['uuid']);
    },
    async provision(identifier, target, until) {
      const { status, body } = await call('PUT', `/v1/nodes/${identifier}/states/provision`, { target });
      if (status !== 202) throw new Error(`${target} answered ${status}: ${JSON.stringify(body)}`);
      return waitFor(identifier, (current) => current['provision_state'] === until && current['reservation'] === null);
    },
    timeline: async (identifier) => (await call('GET', `/ferric/v1/nodes/${identifier}/timeline?limit=1000`)).body['events'] as unknown as Json[],
    async [Symbol.asyncDispose]() {
      await conductor.close();
      if (owned) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
