import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the test. Disposing ends it and waits for its end. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  /** Resolves when the program prints this on either stream; fails with all it said when it ends before. */
  waitForText(text: string): Promise<void>;
}

/** Starts a program. */
export function startChild(file: string, ...args: readonly string[]): Child {
  const child = spawn(file, args, { stdio: 'pipe' });
  let said = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('latin1')).slice(-10_000);
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'close');
  // Whoever waits is told; nobody waiting must not end the test run.
  ended.catch(() => undefined);
  return {
    process: child,
    async waitForText(text) {
      const heard = Promise.withResolvers<void>();
      const check = (): void => {
        if (said.includes(text)) heard.resolve();
      };
      listeners.add(check);
      check();
      const early = ended.then(() => {
        throw new Error(`${[file, ...args].join(' ')} ended before it said ${JSON.stringify(text)}: ${said}`);
      });
      early.catch(() => undefined);
      await Promise.race([heard.promise, early]).finally(() => listeners.delete(check));
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}
