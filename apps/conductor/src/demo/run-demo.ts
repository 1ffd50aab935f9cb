import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FerricError } from '@ferric/core';
import { startConductor, type Conductor } from '../conductor.js';
import { readConfig } from '../config.js';
import { createLogger } from '../logger.js';
import { listenForStop } from '../stop-signal.js';
import { createDemoFiles, type DemoFiles } from './demo-files.js';
import { createIronicClient } from './ironic-client.js';
import type { LifeTools } from './life-step.js';
import { describeMachine } from './machine-life.js';
import { showLives } from './show-lives.js';
import { formatTable } from './table.js';
import { buildMachines, startVirtualRack, type DemoMachine } from './virtual-rack.js';

export interface DemoOptions {
  /** Stop after the machines went through their life. */
  readonly once: boolean;
  /** Preferred port; a free one when it is taken. */
  readonly port: number;
  readonly project: string;
}

/** Exit status of a program that was interrupted, as shells have it (128 + SIGINT). */
const INTERRUPTED = 130;

/** The agent of a real machine leaves it time to lose its power after its network; a simulated one is off at once. Milliseconds. */
const POWER_OFF_GRACE_MS = 100;

/** An agent on this computer that cannot be reached is gone. Milliseconds. */
const SILENCE_PROBE_MS = 100;

/** All machines ask from one address. */
const SCRIPTS_PER_MINUTE = 10_000;

/**
 * Starts a conductor with a virtual rack in a folder of its own, shows every machine going from enrol to its own system, and
 * leaves nothing behind.
 * @returns the exit status: 0 when every machine got through.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { received: interrupted } = stack.use(listenForStop());
  const stop = new AbortController();
  void interrupted.then(() => stop.abort());
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-demo-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  // Before the conductor, which so stops first: machines that go away under it would be news.
  const rack = stack.use(new AsyncDisposableStack());
  const devices = await startVirtualRack(options.project, rack);
  if (devices.length === 0) {
    print('No installed driver package brings virtual machines. Install one, such as @ferric/driver-fake, and start again.');
    return 1;
  }
  const files = await createDemoFiles(join(dataDir, 'images'));
  const conductor = stack.use(await startOnFreePort(options, dataDir, files));

  print(`Ferric conductor listening on ${conductor.url}, ${devices.length} virtual machines\n`);
  const tools: LifeTools = { client: createIronicClient(conductor.url, stop.signal), image: files.image, signal: stop.signal };
  try {
    const machines = await buildMachines(devices, tools.client, conductor.url, rack);
    const succeeded = await showLives(machines, conductor.url, tools);
    stop.signal.throwIfAborted();
    await printSummary(conductor, machines, tools);
    if (options.once) return succeeded ? 0 : 1;
    print('\nThe rack stays up until you press Ctrl-C.');
    await interrupted;
    print('\nStopped; nothing is left behind.');
    return succeeded ? 0 : 1;
  } catch (error) {
    if (error === stop.signal.reason) return INTERRUPTED;
    throw error;
  }
}

async function startOnFreePort(options: DemoOptions, dataDir: string, files: DemoFiles): Promise<Conductor> {
  const start = async (port: number): Promise<Conductor> => {
    const config = await readConfig({
      options: {
        port, dataDir, project: options.project, conductorName: 'demo',
        // The display shows what the timelines tell; warnings would tear it.
        logLevel: 'error',
        imageDirs: [files.folder], deployKernel: files.kernel, deployRamdisk: files.ramdisk,
        agentSilenceProbeMs: SILENCE_PROBE_MS, agentPowerOffGraceMs: POWER_OFF_GRACE_MS, scriptsPerMinute: SCRIPTS_PER_MINUTE,
      },
      environment: {},
    });
    return startConductor(config, { logger: createLogger(config.logLevel, config.conductorName) });
  };
  try {
    return await start(options.port);
  } catch (error) {
    const cause = FerricError.is(error) ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    if (cause?.code !== 'EADDRINUSE') throw error;
    return start(0);
  }
}

async function printSummary(conductor: Conductor, machines: readonly DemoMachine[], tools: LifeTools): Promise<void> {
  const results = await Promise.all(machines.map((machine) => describeMachine(tools, machine)));
  const rows = results.map((result) => [result.name, result.driver, result.provisionState, result.powerState, result.evidence]);
  print(`\n${formatTable(['Name', 'Driver', 'Provision state', 'Power state', 'Evidence'], rows)}`);
  print(`\nAPI:            ${conductor.url}/v1/nodes`);
  print(`Timeline:       ${conductor.url}/ferric/v1/nodes/${machines[0]?.device.name ?? ''}/timeline`);
  print(`With OpenStack: OS_AUTH_TYPE=none OS_ENDPOINT=${conductor.url} baremetal node list`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
