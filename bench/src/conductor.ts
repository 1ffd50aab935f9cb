/**
 * Measures the conductor from outside, as one process on this machine; the load comes from this process over loopback.
 * Each figure is taken in several rounds, each with a new conductor.
 * With `--peer URL`, another server of the same API is measured in the same rounds, each scenario in turn with ours.
 */
import { parseArgs } from 'node:util';
import { startConductorProcess } from './conductor-process.ts';
import { createFigure, describeMachine, type Figure, formatNumber, formatSpread, ratio } from './figures.ts';
import { sampleMemory } from './memory.ts';
import { METHOD, SCENARIOS } from './scenarios.ts';

interface Settings {
  readonly rounds: number;
  readonly peer: string | undefined;
}

/** The same scenario on both servers. */
interface Pair {
  readonly ours: Figure;
  readonly peer: number[];
}

interface Figures {
  readonly firstAnswer: Pair;
  readonly idle: Pair;
  readonly scenarios: readonly Pair[];
  readonly loaded: Pair;
}

const MEMORY_SAMPLE_MS = 200;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { peer: { type: 'string' }, rounds: { type: 'string', default: '3' } } });
  const settings: Settings = { rounds: Number(values.rounds), peer: values.peer };
  const figures: Figures = {
    firstAnswer: pair('first answer after start', 'ms', '<= 1000'),
    idle: pair('resident memory, idle', 'MiB', '<= 110'),
    scenarios: SCENARIOS.map(({ title, unit, aim }) => pair(title, unit, aim)),
    loaded: pair('resident memory, under load', 'MiB', '<= 180'),
  };
  // A peer keeps its nodes from one run to the next.
  const session = Date.now().toString(36);
  for (let number = 1; number <= settings.rounds; number += 1) {
    process.stderr.write(`round ${number} of ${settings.rounds}\n`);
    await measureRound(figures, settings, `r${number}`, session);
  }
  process.stdout.write(`${describeMachine()}, ${settings.rounds} rounds, ${METHOD}; median (min .. max)\n`);
  for (const each of [figures.firstAnswer, figures.idle, ...figures.scenarios, figures.loaded]) process.stdout.write(`${formatRow(each)}\n`);
}

function pair(title: string, unit: Figure['unit'], aim?: string): Pair {
  return { ours: createFigure(title, unit, aim), peer: [] };
}

async function measureRound(figures: Figures, { peer }: Settings, round: string, session: string): Promise<void> {
  await using conductor = await startConductorProcess();
  figures.firstAnswer.ours.values.push(conductor.firstAnswerMs);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  figures.idle.ours.values.push(await conductor.residentMiB());
  using memory = sampleMemory(conductor, MEMORY_SAMPLE_MS);
  for (const [index, scenario] of SCENARIOS.entries()) {
    const figure = figures.scenarios[index];
    figure?.ours.values.push(await scenario.measure(conductor.url, round));
    if (peer !== undefined) figure?.peer.push(await scenario.measure(peer, `${session}${round}`));
  }
  figures.loaded.ours.values.push(memory.peakMiB);
}

function formatRow({ ours, peer }: Pair): string {
  const aim = ours.aim === '' ? '' : `aim ${ours.aim}`;
  const other = { values: peer, unit: ours.unit };
  const beside = peer.length === 0 ? '' : `peer ${formatSpread(other)}, ratio ${formatNumber(ratio(ours, other))} x`;
  return `${ours.title.padEnd(34)} ${formatSpread(ours).padEnd(32)} ${aim.padEnd(14)} ${beside}`.trimEnd();
}
