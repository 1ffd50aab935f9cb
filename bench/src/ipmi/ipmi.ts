/**
 * Measures the IPMI client against ipmitool on the same BMC (OpenIPMI's simulator), in the same rounds and in turn; then lets one process read the
 * power of thousands of simulated BMCs, some of them dead and some slow.
 */
import { parseArgs } from 'node:util';
import { startIpmiSim } from '@ferric/lab';
import { describeMachine, formatNumber, formatSpread, ratio } from '../figures.ts';
import { measureInTurn } from '../subjects.ts';
import { createSubjects } from './subjects.ts';
import { createSweepFigures, measureSweep } from './sweep.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      bmcs: { type: 'string', default: '10000' },
      sweeps: { type: 'string', default: '3' },
      'at-once': { type: 'string', default: '200' },
      processes: { type: 'string', default: '4' },
    },
  });
  const rounds = Number(values.rounds);
  const sweeps = Number(values.sweeps);
  process.stdout.write(`${describeMachine()}; median (min .. max)\n`);
  if (rounds > 0) await compare(rounds, Number(values.seconds));
  if (sweeps > 0) await sweep(sweeps, { bmcs: Number(values.bmcs), atOnce: Number(values['at-once']), processes: Number(values.processes) });
}

async function compare(rounds: number, seconds: number): Promise<void> {
  await using bmc = await startIpmiSim({ nodeManager: false });
  await using subjects = await createSubjects(bmc, seconds);
  await measureInTurn(subjects.list, rounds);
  process.stdout.write(`Get Device ID at OpenIPMI's simulator, cipher suite 3, ${rounds} rounds of ${seconds} s each, in turn\n`);
  for (const { figure } of subjects.list) process.stdout.write(`${figure.title.padEnd(58)} ${formatSpread(figure)}\n`);
  for (const { text, ours, other, aim } of subjects.comparisons) process.stdout.write(`${text.padEnd(58)} ${formatNumber(ratio(ours, other))} x (aim ${aim})\n`);
}

async function sweep(sweeps: number, settings: { readonly bmcs: number; readonly atOnce: number; readonly processes: number }): Promise<void> {
  const figures = createSweepFigures();
  for (let round = 1; round <= sweeps; round += 1) {
    process.stderr.write(`sweep ${round} of ${sweeps}\n`);
    await measureSweep(figures, settings);
  }
  const { bmcs, atOnce, processes } = settings;
  process.stdout.write(`One power reading of each of ${bmcs} BMCs, ${atOnce} at a time; 5 % dead, 5 % slow by 0.5 s a packet; simulators in ${processes} processes; ${sweeps} sweeps\n`);
  for (const figure of Object.values(figures)) {
    process.stdout.write(`${figure.title.padEnd(58)} ${formatSpread(figure).padEnd(32)} ${figure.aim === '' ? '' : `aim ${figure.aim}`}`.trimEnd().concat('\n'));
  }
}
