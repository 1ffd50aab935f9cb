import { mkdir } from 'node:fs/promises';
import { createGateRegistry, delay, FerricError, isSecretKey, silentLogger, systemClock, type Clock, type Logger, type TranscriptSink } from '@ferric/core';
import { Registry as MetricsRegistry, collectDefaultMetrics } from 'prom-client';
import { createAgentService } from './agents/create-agent-service.js';
import { createApi } from './api/create-api.js';
import { createBackgroundTasks } from './background-tasks.js';
import { createBootService } from './boot/create-boot-service.js';
import { createStrategyServices } from './boot/strategy-services.js';
import { bootSettings, builtInStrategies } from './compose/built-in-strategies.js';
import { loadPlugins, type LoadedPlugins } from './compose/load-plugins.js';
import { createRegistry } from './compose/registry.js';
import type { ConductorConfig } from './config.js';
import { openEntrance } from './entrance.js';
import { openAuthorities } from './media/authorities.js';
import { createMedia } from './media/create-media.js';
import type { ConductorContext } from './nodes/conductor-context.js';
import { createDriverService } from './nodes/create-driver-service.js';
import { createNodeService } from './nodes/create-node-service.js';
import { secretFieldsOf } from './nodes/node-device.js';
import { createNodeLocks } from './nodes/node-locks.js';
import { createResourceServices } from './resources/create-resource-services.js';
import { SOFTWARE_VERSION } from './software-version.js';
import { openStore } from './store/open-store.js';
import { createPowerSync } from './sync/power-sync.js';
import { openJournal, pruneJournal } from './workflows/backend.js';
import { createWorkflowEngine } from './workflows/engine.js';
import { createWorkHandlers } from './workflows/handlers.js';
import { createReconciler } from './workflows/reconciler.js';

/** A conductor that runs. */
export interface Conductor extends AsyncDisposable {
  /** Where the API answers: `http://127.0.0.1:6385`, `https:` with a certificate. */
  readonly url: string;
  /** Packages that were not loaded, with reasons. */
  readonly refused: LoadedPlugins['refused'];
  /** Stops: no new requests, requests in flight are finished, work is left for the next start. Idempotent. */
  close(): Promise<void>;
}

export interface ConductorDependencies {
  /** Default: silent. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Plugins to use instead of those of the project; for tests and for embedding. */
  readonly plugins?: LoadedPlugins;
  readonly transcript?: TranscriptSink;
}

/** Sign of life of this conductor. Milliseconds; as in Ironic (heartbeat_interval). */
const ANNOUNCE_INTERVAL_MS = 10_000;
/** How often the files of the certificate are looked at. Milliseconds. */
const CERTIFICATE_INTERVAL_MS = 60_000;
const PRUNE_INTERVAL_MS = 60 * 60 * 1000;

/**
 * Starts a conductor: composes the drivers, opens the store, resumes promised work, listens.
 * @throws INVALID_OPTIONS for a bad configuration, CONFLICT when another conductor uses the data folder.
 */
export async function startConductor(config: ConductorConfig, dependencies: ConductorDependencies = {}): Promise<Conductor> {
  const logger = dependencies.logger ?? silentLogger;
  const clock = dependencies.clock ?? systemClock;
  await using started = new AsyncDisposableStack();
  const entrance = started.use(await openEntrance(config, { clock, logger }));
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });

  const store = started.use(
    await openStore({ databaseUrl: config.databaseUrl?.reveal(), dataDirectory: config.dataDir, hostname: config.conductorName, logger, clock }),
  );
  const plugins =
    dependencies.plugins ??
    (await loadPlugins({ projectDirectory: config.project, ...(config.drivers === undefined ? {} : { names: config.drivers }) }, logger));
  const gates = createGateRegistry(clock);
  const host = { logger, clock, gates, ...(dependencies.transcript === undefined ? {} : { transcript: dependencies.transcript }) };
  const registry = started.use(createRegistry([builtInStrategies(config), ...plugins.loaded], host, plugins.refused));
  const background = started.use(createBackgroundTasks(logger));
  const listening = Promise.withResolvers<string>();
  const authorities = await openAuthorities({ chain: () => entrance.certificateChain, file: config.mediaCa }, { logger });
  const media = createMedia({ store, background, clock, logger, hostname: config.conductorName }, { ...config, authorities, listening: listening.promise });
  // What is left over takes room, but keeps nobody from starting.
  await media.sweep().catch((error: unknown) => logger.warn({ error }, 'Left-over virtual media could not be removed; it is tried again every hour'));

  const context: ConductorContext = {
    store, registry, gates, clock, logger, background,
    hostname: config.conductorName,
    settings: config,
    locks: createNodeLocks({ store, clock, hostname: config.conductorName, lockWaitMs: config.lockWaitMs }),
    devices: { registry, ...host },
    services: createStrategyServices({ clock, logger, media: media.services }, config),
    works: {
      start: (work, nodeUuid) =>
        void engine
          .start({ nodeUuid, key: work.key, kind: work.kind, input: work.input })
          .catch((error: unknown) => logger.error({ node: nodeUuid, error }, 'Work could not be started; the reconciler tries again')),
    },
  };
  const journal = { databaseUrl: config.databaseUrl?.reveal(), dataDirectory: config.dataDir };
  const backend = await openJournal(journal);
  const engine = started.use(
    createWorkflowEngine({ backend, handlers: createWorkHandlers(context), logger, concurrency: config.workers, pollIntervalMs: 500 }),
  );
  const reconciler = createReconciler(context, engine);
  const powerSync = createPowerSync(context, {
    workers: config.powerSyncWorkers,
    readTimeoutMs: config.powerSyncTimeoutMs,
    maxFailures: config.powerSyncMaxFailures,
    force: config.powerSyncForce,
  });

  const announce = (): Promise<void> =>
    store.conductors.announce({
      hostname: config.conductorName,
      conductorGroup: config.conductorGroup,
      drivers: registry.hardwareTypes.map((type) => type.name),
    });
  await announce();
  // A conductor that stopped in good order is gone; one that died stays in the list as not alive.
  started.defer(() => store.conductors.remove(config.conductorName));
  await reconciler.run();
  // Work that waits for the address ends with a start that fails.
  started.defer(() => listening.reject(new FerricError('ABORTED', 'The conductor stopped before it listened')));
  engine.run();
  const resources = createResourceServices(context);
  await resources.allocations.resume();

  const metrics = new MetricsRegistry();
  collectDefaultMetrics({ register: metrics });
  const secretFields = secretFieldsOf(registry);
  let draining = false;
  const api = createApi({
    nodes: createNodeService(context),
    ...resources,
    drivers: createDriverService(context),
    agents: createAgentService(context, config),
    boot: createBootService(context, { boot: bootSettings(config), imageDirs: config.imageDirs }),
    media: media.service,
    store, logger, clock, metrics,
    hostname: config.conductorName,
    softwareVersion: SOFTWARE_VERSION,
    scriptsPerMinute: config.scriptsPerMinute,
    ...(config.publicEndpoint === undefined ? {} : { publicEndpoint: config.publicEndpoint }),
    ...entrance.parts,
    isSecretKey: () => (key) => secretFields.has(key) || isSecretKey(key),
    notReady: () => (draining ? 'the conductor is stopping' : null),
    powerConfirmedAt: (nodeUuid) => powerSync.lastConfirmed(nodeUuid),
  });
  started.defer(() => api.close());

  repeat('announce', ANNOUNCE_INTERVAL_MS, announce);
  repeat('reconcile', config.reconcileIntervalMs, () => reconciler.run());
  repeat('allocate', config.reconcileIntervalMs, () => resources.allocations.resume());
  if (config.powerSyncIntervalMs > 0) repeat('power sync', config.powerSyncIntervalMs, (signal) => powerSync.run(signal));
  repeat('power recovery', config.powerRecoveryIntervalMs, (signal) => powerSync.recover(signal));
  repeat('renew certificate', CERTIFICATE_INTERVAL_MS, () => entrance.renew(api));
  repeat('prune journal', PRUNE_INTERVAL_MS, () => pruneJournal(journal, clock.now()));
  repeat('sweep media', PRUNE_INTERVAL_MS, () => media.sweep());
  repeat('prune events', PRUNE_INTERVAL_MS, () =>
    store.pruneEvents({ before: new Date(clock.now().getTime() - config.keepEventsDays * 86_400_000), keepPerNode: config.keepEventsPerNode }),
  );

  function repeat(name: string, intervalMs: number, task: (signal: AbortSignal) => Promise<unknown>): void {
    background.run(name, async (signal) => {
      for (;;) {
        await delay(intervalMs, { signal, clock });
        await task(signal).catch((error: unknown) => {
          if (!signal.aborted) logger.error({ task: name, error }, 'Regular task failed; it is tried again');
        });
      }
    });
  }

  const url = await entrance.listen(api);
  listening.resolve(url);
  const running = started.move();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    draining = true;
    closing ??= running.disposeAsync();
    return closing;
  };
  return {
    url,
    refused: registry.refused,
    close,
    [Symbol.asyncDispose]: close,
  };
}
