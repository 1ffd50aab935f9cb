import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A conductor that runs as a process of its own, as users run it. */
export interface ConductorProcess extends AsyncDisposable {
  readonly url: string;
  /** From spawning the process to the first answer of the API. Milliseconds. */
  readonly firstAnswerMs: number;
  /** Resident memory now. MiB. */
  residentMiB(): Promise<number>;
  /** CPU time so far. */
  cpu(): Promise<CpuTime>;
}

/** CPU time of a process. Seconds. */
export interface CpuTime {
  /** User and system, of all its threads. */
  readonly used: number;
  /** How long its main thread was ready to run and waited for a core: what others on the machine cost it. */
  readonly waited: number;
}

/** Clock ticks of `/proc/PID/stat` in a second: Linux tells programs 100, whatever its kernel was built with. Source: Linux, include/asm-generic/param.h (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Starts the built conductor on a free port with an empty data folder.
 * @param nodeArgs for Node.js itself: `--cpu-prof`
 */
export async function startConductorProcess(args: readonly string[] = [], nodeArgs: readonly string[] = []): Promise<ConductorProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-bench-'));
  const startedAt = performance.now();
  const process_ = spawn(
    process.execPath,
    [
      ...nodeArgs, join(ROOT, 'apps/conductor/dist/main.js'),
      'serve', '--port', '0', '--data-dir', dataDir, '--project', ROOT, '--log-level', 'warn', ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await readUrl(process_);
  await (await fetch(`${url}/v1`)).arrayBuffer();
  const firstAnswerMs = performance.now() - startedAt;
  return {
    url,
    firstAnswerMs,
    async residentMiB() {
      const status = await readFile(`/proc/${process_.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
    async cpu() {
      const fields = (await readFile(`/proc/${process_.pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
      // Source: Linux, Documentation/scheduler/sched-stats.rst (/proc/PID/schedstat), in nanoseconds.
      const [, waited] = (await readFile(`/proc/${process_.pid}/schedstat`, 'utf8')).split(' ');
      // Fields 14 and 15 of proc(5), counted from the third on, behind the name that may hold anything.
      return { used: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, waited: Number(waited) / 1e9 };
    },
    async [Symbol.asyncDispose]() {
      process_.kill('SIGTERM');
      await Promise.race([once(process_, 'exit'), pause(10_000, undefined, { ref: false }).then(() => process_.kill('SIGKILL'))]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function readUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The conductor has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The conductor ended before it listened');
}
