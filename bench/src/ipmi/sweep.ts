import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createFigure, type Figure } from '../figures.ts';
import { startFleet } from './fleet.ts';
import type { SweepOrder, SweepResult } from './sweep-process.ts';

const PROGRAM = fileURLToPath(new URL('sweep-process.ts', import.meta.url));

/** As the conductor starts itself, for it is what looks after so many machines. See docs/decisions/0015-memory.md. */
const SMALL_MEMORY = {
  execArgv: ['--max-semi-space-size=2', '--heap-growing-percent=10'],
  env: { ...process.env, MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' },
};

type FigureName = 'wall' | 'cpu' | 'memory' | 'p99' | 'longest' | 'right' | 'children' | 'sessions';

export function createSweepFigures(): Readonly<Record<FigureName, Figure>> {
  return {
    wall: createFigure('sweep, wall time', 's', '<= 60'),
    cpu: createFigure('sweep, CPU of the process that reads', 's'),
    memory: createFigure('sweep, resident memory, highest', 'MiB', '<= 300'),
    p99: createFigure('sweep, event loop delay, p99', 'ms', '<= 20'),
    longest: createFigure('sweep, event loop delay, longest', 'ms'),
    right: createFigure('nodes read as they are, or found dead', 'nodes'),
    children: createFigure('child processes of the process that reads', 'processes', '0'),
    sessions: createFigure('sessions left open at the BMCs', 'sessions', '0'),
  };
}

/** Starts BMCs and a process that reads the power of each once, and writes down what it took. */
export async function measureSweep(
  figures: Readonly<Record<FigureName, Figure>>,
  { bmcs, atOnce, processes }: { readonly bmcs: number; readonly atOnce: number; readonly processes: number },
): Promise<void> {
  await using fleet = await startFleet(bmcs, processes);
  const result = await sweepOnce({ bmcs: fleet.bmcs, atOnce });
  figures.wall.values.push(result.seconds);
  figures.cpu.values.push(result.cpuSeconds);
  figures.memory.values.push(result.peakMiB);
  figures.p99.values.push(result.p99Ms);
  figures.longest.values.push(result.longestMs);
  figures.right.values.push(result.right);
  figures.children.values.push(result.children);
  figures.sessions.values.push(await fleet.countSessions());
  for (const problem of result.problems) process.stderr.write(`${problem}\n`);
}

async function sweepOnce(order: SweepOrder): Promise<SweepResult> {
  const child = fork(PROGRAM, SMALL_MEMORY);
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`The process that reads ended with ${String(code)}`);
  });
  failed.catch(() => undefined);
  child.send(order);
  const [result] = (await Promise.race([once(child, 'message'), failed])) as [SweepResult];
  child.disconnect();
  await ended;
  return result;
}
