import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@ferric/core';
import { plugin as fakePlugin } from '@ferric/driver-fake/plugin';
import { plugin as iloPlugin } from '@ferric/driver-ilo/plugin';
import { plugin as ipmiPlugin } from '@ferric/driver-ipmi/plugin';
import { startConductor } from '../../../src/conductor.js';
import { readConfig } from '../../../src/config.js';
import type { ReplayTarget } from './replay.js';

/** A real conductor with the drivers that the recorded one had too, and named like it. */
export async function startReplayConductor(): Promise<ReplayTarget & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-replay-'));
  started.defer(() => rm(dataDir, { recursive: true, force: true }));
  const config = await readConfig({ options: { dataDir, port: 0, conductorName: 'peer1', powerSyncIntervalMs: 0 }, environment: {} });
  const loaded = [
    { packageName: '@ferric/driver-fake', version: '0.0.0', plugin: fakePlugin },
    { packageName: '@ferric/driver-ipmi', version: '0.0.0', plugin: ipmiPlugin },
    { packageName: '@ferric/driver-ilo', version: '0.0.0', plugin: iloPlugin },
  ];
  const conductor = started.use(await startConductor(config, { logger: silentLogger, plugins: { loaded, refused: [] } }));
  const running = started.move();
  return { base: conductor.url, fetch: (url, init) => fetch(url, init), [Symbol.asyncDispose]: () => running.disposeAsync() };
}
