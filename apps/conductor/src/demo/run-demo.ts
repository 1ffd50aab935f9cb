import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FerricError, type VirtualDevice } from '@ferric/core';
import { Listr } from 'listr2';
import { startConductor, type Conductor } from '../conductor.js';
import { readConfig } from '../config.js';
import { createLogger } from '../logger.js';
import { listenForStop } from '../stop-signal.js';
import { createIronicClient } from './ironic-client.js';
import { describeMachine, MACHINE_LIFE } from './machine-life.js';
import { formatTable } from './table.js';
import { startVirtualRack } from './virtual-rack.js';

export interface DemoOptions {
  /** Stop after the machines went through their life. */
  readonly once: boolean;
  /** Preferred port; a free one when it is taken. */
  readonly port: number;
  readonly project: string;
}

/**
 * Starts a conductor with a virtual rack in a folder of its own, shows every machine going from enrol to in use, and
 * leaves nothing behind.
 * @returns the exit status: 0 when every machine got through.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { received: interrupted } = stack.use(listenForStop());
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-demo-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  // Before the conductor, which so stops first: machines that go away under it would be news.
  const rack = await startVirtualRack(options.project, stack);
  if (rack.length === 0) {
    print('No installed driver package brings virtual machines. Install one, such as @ferric/driver-fake, and start again.');
    return 1;
  }
  const conductor = stack.use(await startOnFreePort(options, dataDir));

  print(`Ferric conductor listening on ${conductor.url}, ${rack.length} virtual machines\n`);
  const succeeded = await Promise.race([runLives(conductor, rack), interrupted.then(() => undefined)]);
  if (succeeded === undefined) return 130;
  await printSummary(conductor, rack);
  if (!options.once) {
    print('\nThe rack stays up until you press Ctrl-C.');
    await interrupted;
    print('\nStopped; nothing is left behind.');
  }
  return succeeded ? 0 : 1;
}

async function startOnFreePort(options: DemoOptions, dataDir: string): Promise<Conductor> {
  const start = async (port: number): Promise<Conductor> => {
    const config = await readConfig({ options: { port, dataDir, project: options.project, conductorName: 'demo', logLevel: 'warn' }, environment: {} });
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

async function runLives(conductor: Conductor, rack: readonly VirtualDevice[]): Promise<boolean> {
  const client = createIronicClient(conductor.url);
  const lives = new Listr(
    rack.map((machine) => ({
      title: `${machine.name} (${machine.hardwareType})`,
      task: async (_context: unknown, task: { title: string; output: string }) => {
        for (const step of MACHINE_LIFE) {
          task.output = `${step.title} ...`;
          const startedAt = performance.now();
          const result = await step.run(client, machine, machine.name);
          task.title = `${task.title}\n    ${step.title}: ${result} (${Math.round(performance.now() - startedAt)} ms)`;
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      collectErrors: true,
      // Its own answer to Ctrl-C is to end the process on the spot, with everything left behind.
      registerSignalListeners: false,
    },
  );
  await lives.run();
  return (lives.errors ?? []).length === 0;
}

async function printSummary(conductor: Conductor, rack: readonly VirtualDevice[]): Promise<void> {
  const client = createIronicClient(conductor.url);
  const results = await Promise.all(rack.map((machine) => describeMachine(client, machine, machine.name)));
  const rows = results.map((result) => [result.name, result.driver, result.provisionState, result.powerState, result.evidence]);
  print(`\n${formatTable(['Name', 'Driver', 'Provision state', 'Power state', 'Evidence'], rows)}`);
  print(`\nAPI:            ${conductor.url}/v1/nodes`);
  print(`Timeline:       ${conductor.url}/ferric/v1/nodes/${rack[0]?.name ?? ''}/timeline`);
  print(`With OpenStack: OS_AUTH_TYPE=none OS_ENDPOINT=${conductor.url} baremetal node list`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
