import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type PollOptions, waitFor } from '@ferric/lab';

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to the environment of this process, less what would change the programs under test. */
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, so that what it starts can be looked for afterwards. */
  readonly ownGroup?: boolean;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs beside the test and ends with it. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Lines so far. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly ended: Promise<ProgramEnd>;
  /** The first line of standard output that matches; fails when the program ends without it. */
  waitForLine(pattern: RegExp, options?: PollOptions): Promise<RegExpExecArray>;
  /** Sends a signal to this program alone. */
  signal(name: NodeJS.Signals): void;
  /** Ends it at once, as the kernel does when memory runs out. */
  kill(): Promise<void>;
}

/** Time for a program that was asked to end before it is killed. Milliseconds. */
const END_LIMIT_MS = 30_000;

// A test run that is cut short leaves no program behind.
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** This process's environment without what would change the programs under test. */
function cleanEnvironment(): Record<string, string> {
  const unwanted = /^(FERRIC_|VITEST|NODE_OPTIONS$|NODE_ENV$|OS_|npm_(?!config_)|INIT_CWD$|FORCE_COLOR$)/;
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined || unwanted.test(name) ? [] : [[name, value]])));
}

export function startProgram(file: string, args: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  });
  running.add(child);
  const end = Promise.withResolvers<ProgramEnd>();
  const stdout = collectLines(child.stdout);
  const stderr = collectLines(child.stderr);
  child.once('error', end.reject);
  child.once('close', (code, signal) => {
    running.delete(child);
    end.resolve({ code, signal });
  });
  // Whoever waits for the end gets the failure to start; nobody has to.
  end.promise.catch(() => undefined);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

  const stop = async (name: NodeJS.Signals): Promise<void> => {
    if (!hasEnded()) child.kill(name);
    await end.promise.catch(() => undefined);
  };
  return {
    pid: child.pid ?? -1,
    stdout,
    stderr,
    ended: end.promise,
    async waitForLine(pattern, poll) {
      const match = await waitFor(`a line like ${pattern.source} of ${file} ${args.join(' ')}`, () => {
        const found = stdout.map((line) => pattern.exec(line)).find((each) => each !== null);
        return found ?? (hasEnded() ? 'ended' : undefined);
      }, poll);
      if (match !== 'ended') return match;
      throw new Error(`${file} ${args.join(' ')} ended with ${child.exitCode ?? child.signalCode} and printed:\n${[...stdout, ...stderr].join('\n')}`);
    },
    signal: (name) => void child.kill(name),
    kill: () => stop('SIGKILL'),
    async [Symbol.asyncDispose]() {
      const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS).unref();
      await stop('SIGTERM');
      clearTimeout(limit);
    },
  };
}

/** What a program that ran to its end printed. */
export interface ProgramResult extends ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. `timeoutMs` defaults to 60000, after which it is killed and the call fails. */
export async function runProgram(file: string, args: readonly string[], options: ProgramOptions & PollOptions = {}): Promise<ProgramResult> {
  const program = startProgram(file, args, options);
  const { timeoutMs = 60_000 } = options;
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    program.signal('SIGKILL');
  }, timeoutMs);
  try {
    const end = await program.ended;
    const result = { ...end, stdout: program.stdout.join('\n'), stderr: program.stderr.join('\n') };
    if (late) throw new Error(`${file} ${args.join(' ')} did not end within ${timeoutMs} ms and printed:\n${result.stdout}\n${result.stderr}`);
    return result;
  } finally {
    clearTimeout(limit);
  }
}

/** Runs a program that must succeed, and yields its standard output. */
export async function succeed(file: string, args: readonly string[], options: ProgramOptions & PollOptions = {}): Promise<string> {
  const result = await runProgram(file, args, options);
  if (result.code !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${result.code ?? result.signal} and printed:\n${result.stdout}\n${result.stderr}`);
  }
  return result.stdout;
}

/** Whether any process of the group that a program started with `ownGroup` is still there. */
export function groupIsAlive(program: Pick<RunningProgram, 'pid'>): boolean {
  try {
    process.kill(-program.pid, 0);
    return true;
  } catch {
    return false;
  }
}

function collectLines(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => lines.push(line));
  return lines;
}

/** Resolves when a program has ended, with the time that took. Milliseconds. */
export async function timeUntilEnd(program: RunningProgram): Promise<number> {
  const startedAt = performance.now();
  await program.ended;
  return performance.now() - startedAt;
}

