import { execFile, execFileSync, type ExecFileException } from 'node:child_process';

export interface ProgramOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** For standard input. Default: nothing. */
  readonly input?: string;
  /** Folder in which it starts. Default: that of this process. */
  readonly cwd?: string;
  /** Milliseconds, default 30000; then the program is killed and the call fails. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Runs a program to its end and yields what it printed. Fails with what it said when its exit code is not 0. */
export async function run(file: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const child = execFile(file, [...args], settingsOf(options), (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failure(file, args, error, stdout, stderr));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** The same at once: nothing else goes on in this process meanwhile. */
export function runSync(file: string, args: readonly string[], options: ProgramOptions = {}): string {
  try {
    return execFileSync(file, [...args], { ...settingsOf(options), input: options.input ?? '', stdio: 'pipe' });
  } catch (error) {
    const ended = error as ExecFileException & { readonly stdout?: string; readonly stderr?: string };
    throw failure(file, args, ended, ended.stdout ?? '', ended.stderr ?? '');
  }
}

function settingsOf({ cwd, env, timeoutMs = DEFAULT_TIMEOUT_MS }: ProgramOptions): {
  readonly cwd: string | undefined;
  readonly encoding: 'utf8';
  readonly env: NodeJS.ProcessEnv;
  readonly timeout: number;
  readonly killSignal: 'SIGKILL';
  readonly maxBuffer: number;
} {
  // Messages are compared with English texts.
  return { cwd, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', ...env }, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES };
}

function failure(file: string, args: readonly string[], error: Error & { readonly code?: string | number | null | undefined }, stdout: string, stderr: string): Error {
  const said = [stderr, stdout].map((text) => text.trim()).filter((text) => text !== '').join('\n');
  return new Error(`${[file, ...args].join(' ')} failed (${error.code ?? error.message}): ${said}`, { cause: error });
}
