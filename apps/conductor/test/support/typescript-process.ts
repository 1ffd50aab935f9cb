import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of the tests in a process of its own, for what only the end of a process can show. */
export interface TypescriptProcess extends AsyncDisposable {
  readonly pid: number;
  /** Lines it has printed so far. */
  readonly lines: readonly string[];
  /** Waits until it has printed a line that fits. Rejects with its errors when it ends before. */
  lineThat(fits: (line: string, lines: readonly string[]) => boolean): Promise<string>;
  /** Ends it the hard way, as a power cut would, and waits until it is gone and all that it printed is read. */
  kill(): Promise<void>;
}

/**
 * Starts a TypeScript file with this Node.
 * @param file a URL, such as `new URL('./writer-process.ts', import.meta.url)`.
 * @param argument handed over as JSON in the first argument.
 */
export function startTypescript(file: URL, argument: unknown): TypescriptProcess {
  const hooks = new URL('./resolve-typescript.mjs', import.meta.url);
  const child = spawn(
    process.execPath,
    ['--conditions=@ferric/source', '--disable-warning=ExperimentalWarning', '--import', hooks.href, fileURLToPath(file), JSON.stringify(argument)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return new RunningProcess(child);
}

class RunningProcess implements TypescriptProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #errors = '';
  #ended = false;

  constructor(child: ChildProcess) {
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('The process was started without pipes.');
    this.#child = child;
    createInterface({ input: stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#closed = once(child, 'close').then(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async lineThat(fits: (line: string, lines: readonly string[]) => boolean): Promise<string> {
    for (let next = 0; ; ) {
      for (; next < this.lines.length; next += 1) {
        const line = this.lines[next] ?? '';
        if (fits(line, this.lines)) return line;
      }
      const { exitCode, signalCode } = this.#child;
      if (this.#ended) throw new Error(`The process ended too early (status ${exitCode}, signal ${signalCode}):\n${this.#errors}`);
      const news = Promise.withResolvers<void>();
      this.#waiting.add(news.resolve);
      await news.promise;
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
