/**
 * Measures the conductor from outside, as one process on this machine; the load comes from this process over loopback.
 * Each figure is taken in several rounds, each with a new conductor, and the median is what counts: the machine may be busy.
 * With `--peer URL`, another server of the same API is measured in the same rounds, each scenario in turn with ours.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startConductorProcess, type ConductorProcess } from './conductor-process.ts';
import { METHOD, SCENARIOS } from './scenarios.ts';

interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly aim: string;
  readonly ours: number[];
  readonly peer: number[];
}

const { values: options } = parseArgs({ options: { peer: { type: 'string' }, rounds: { type: 'string', default: '3' } } });
const rounds = Number(options.rounds);
// A peer keeps its nodes from one run to the next.
const session = Date.now().toString(36);

const firstAnswer = figure('first answer after start', 'ms', '<= 1000');
const idle = figure('resident memory, idle', 'MiB', '<= 110');
const loaded = figure('resident memory, under load', 'MiB', '<= 180');
const figures = SCENARIOS.map(({ title, unit, aim }) => figure(title, unit, aim ?? ''));

function figure(title: string, unit: string, aim: string): Figure {
  return { title, unit, aim, ours: [], peer: [] };
}

async function measureRound(number: number): Promise<void> {
  await using conductor = await startConductorProcess();
  firstAnswer.ours.push(conductor.firstAnswerMs);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  idle.ours.push(await conductor.residentMiB());
  using memory = sampleMemory(conductor);
  for (const [index, scenario] of SCENARIOS.entries()) {
    figures[index]?.ours.push(await scenario.measure(conductor.url, `r${number}`));
    if (options.peer !== undefined) figures[index]?.peer.push(await scenario.measure(options.peer, `${session}r${number}`));
  }
  loaded.ours.push(Math.max(...memory.samples));
}

function sampleMemory(conductor: ConductorProcess): Disposable & { readonly samples: readonly number[] } {
  const samples: number[] = [];
  const timer = setInterval(() => void conductor.residentMiB().then((value) => samples.push(value)), 200);
  return { samples, [Symbol.dispose]: () => clearInterval(timer) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const format = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const spread = (values: readonly number[], unit: string): string =>
  `${format(median(values))} ${unit} (${format(Math.min(...values))} .. ${format(Math.max(...values))})`;

/** How many times better than the peer: faster, or more in the same time. */
function ratio({ ours, peer, unit }: Figure): string {
  const quotient = median(ours) / median(peer);
  return `${format(unit === 'ms' ? 1 / quotient : quotient)} x`;
}

for (let number = 1; number <= rounds; number += 1) {
  process.stderr.write(`round ${number} of ${rounds}\n`);
  await measureRound(number);
}

process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${rounds} rounds, ${METHOD}; median (min .. max)\n`);
for (const each of [firstAnswer, idle, ...figures, loaded]) {
  const aim = each.aim === '' ? '' : `aim ${each.aim}`;
  const peer = each.peer.length === 0 ? '' : `peer ${spread(each.peer, each.unit)}, ratio ${ratio(each)}`;
  process.stdout.write(`${each.title.padEnd(34)} ${spread(each.ours, each.unit).padEnd(32)} ${aim.padEnd(14)} ${peer}`.trimEnd().concat('\n'));
}
