/**
 * Deploys many simulated machines at the same time by one conductor, once with agents as patient as the real one is and once with quick ones.
 * Each round has a new conductor with an empty database, and new machines.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openApi } from '../api.ts';
import { startConductorProcess } from '../conductor-process.ts';
import { createFigure, describeMachine, type Figure, formatSpread } from '../figures.ts';
import { sampleMemory } from '../memory.ts';
import { deployAll, enrolMachines, readErrors } from './deployment.ts';
import { readEventLoopDelay } from './event-loop.ts';
import { startImageServer } from './image-server.ts';
import { startMachines } from './machines.ts';
import { PACING_NAMES, type PacingName } from './pacing.ts';

const IMAGE_BYTES = 1024 * 1024;
const MEMORY_SAMPLE_MS = 100;

interface Settings {
  readonly rounds: number;
  readonly machines: number;
  /** Processes that the machines are spread over. */
  readonly processes: number;
  readonly pacings: readonly PacingName[];
  /** Folder for a CPU profile of each conductor. Default: none is made, for it slows the conductor down. */
  readonly profile: string | undefined;
}

export async function run(args: readonly string[]): Promise<void> {
  const settings = readSettings(args);
  const { rounds, machines, processes } = settings;
  const figures = new Map(settings.pacings.map((pacing) => [pacing, createFigures(pacing, machines)]));
  const loads: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const [pacing, row] of figures) {
      process.stderr.write(`round ${round} of ${rounds}, ${pacing} agents\n`);
      loads.push((loadavg()[0] ?? Number.NaN).toFixed(1));
      await measure(row, settings, pacing);
    }
  }
  process.stdout.write(`${describeMachine()}, load before each run ${loads.join(' ')}, ${rounds} rounds, ${machines} machines in ${processes} processes; median (min .. max)\n`);
  for (const row of figures.values()) for (const figure of Object.values(row)) process.stdout.write(`${formatRow(figure)}\n`);
}

function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      machines: { type: 'string', default: '100' },
      processes: { type: 'string', default: '2' },
      pacing: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const pacings = PACING_NAMES.filter((name) => values.pacing === undefined || values.pacing === name);
  if (pacings.length === 0) throw new Error(`--pacing is one of ${PACING_NAMES.join(', ')}, not ${values.pacing}`);
  return { rounds: Number(values.rounds), machines: Number(values.machines), processes: Number(values.processes), pacings, profile: values.profile };
}

type RowName = 'wall' | 'delay' | 'longest' | 'cpu' | 'waited' | 'memory' | 'failures';

function createFigures(pacing: PacingName, machines: number): Readonly<Record<RowName, Figure>> {
  return {
    wall: createFigure(`${pacing} agents: all ${machines} active`, 's', '<= 15'),
    delay: createFigure(`${pacing} agents: event loop delay, p99`, 'ms', '<= 20'),
    longest: createFigure(`${pacing} agents: event loop delay, longest`, 'ms'),
    cpu: createFigure(`${pacing} agents: CPU of the conductor`, 's'),
    waited: createFigure(`${pacing} agents: wait of the conductor for a core`, 's'),
    memory: createFigure(`${pacing} agents: resident memory, highest`, 'MiB'),
    failures: createFigure(`${pacing} agents: failures`, 'nodes', '0'),
  };
}

async function measure(figures: Readonly<Record<RowName, Figure>>, { machines: count, processes, profile }: Settings, pacing: PacingName): Promise<void> {
  await using images = await startImageServer(IMAGE_BYTES);
  await using files = await createBootFiles();
  await using conductor = await startConductorProcess(files.args, profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]);
  await using machines = await startMachines({ count, conductorUrl: conductor.url, pacing }, processes);
  await using api = openApi(conductor.url);
  const names = await enrolMachines(api, machines.facts, images);

  const before = await conductor.cpu();
  using memory = sampleMemory(conductor, MEMORY_SAMPLE_MS);
  await readEventLoopDelay(conductor.url);
  const { seconds, active } = await deployAll(api, names);
  const { p99Ms, longestMs } = await readEventLoopDelay(conductor.url);
  figures.wall.values.push(seconds);
  figures.delay.values.push(p99Ms);
  figures.longest.values.push(longestMs);
  const { used, waited } = await conductor.cpu();
  figures.cpu.values.push(used - before.used);
  figures.waited.values.push(waited - before.waited);
  figures.memory.values.push(memory.peakMiB);

  // A node that says active without the image on its disk has failed too.
  figures.failures.values.push(count - Math.min(active, await machines.countWritten(images)));
  if (active < count) process.stderr.write(`${(await readErrors(api)).join('\n')}\n`);
}

interface BootFiles extends AsyncDisposable {
  readonly args: readonly string[];
}

/** A kernel and a ramdisk for machines that load them and run something else, and what the conductor must be told of them. */
async function createBootFiles(): Promise<BootFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'ferric-bench-boot-'));
  const file = async (name: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, name);
    return pathToFileURL(path).href;
  };
  return {
    // All machines come from one address here. Quick agents still report when their conductor has forgotten them, of which it warns.
    args: ['--image-dirs', folder, '--deploy-kernel', await file('kernel'), '--deploy-ramdisk', await file('ramdisk'), '--scripts-per-minute', '10000', '--log-level', 'error'],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function formatRow(figure: Figure): string {
  const aim = figure.aim === '' ? '' : `aim ${figure.aim}`;
  return `${figure.title.padEnd(48)} ${formatSpread(figure).padEnd(32)} ${aim}`.trimEnd();
}
