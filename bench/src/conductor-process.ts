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
}

/** Starts the built conductor on a free port with an empty data folder. */
export async function startConductorProcess(args: readonly string[] = []): Promise<ConductorProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-bench-'));
  const startedAt = performance.now();
  const process_ = spawn(
    process.execPath,
    [join(ROOT, 'apps/conductor/dist/main.js'), 'serve', '--port', '0', '--data-dir', dataDir, '--project', ROOT, '--log-level', 'warn', ...args],
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
    async [Symbol.asyncDispose]() {
      process_.kill('SIGTERM');
      await Promise.race([once(process_, 'exit'), pause(10_000).then(() => process_.kill('SIGKILL'))]);
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
