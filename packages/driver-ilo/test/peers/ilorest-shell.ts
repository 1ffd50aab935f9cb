import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abortable } from '@ferric/core';

/** What one command came to. */
export interface Spoken {
  /** Return code of the command; undefined: it ended the conversation without saying one. */
  readonly code: number | undefined;
  /** What was printed, white space as one blank. */
  readonly text: string;
}

/** The interactive mode of HPE's own command, with a home of its own that goes with it. */
export interface IlorestShell extends AsyncDisposable {
  readonly home: string;
  say(command: string): Promise<Spoken>;
}

const PROMPT = 'iLOrest > ';
const CODE = /iLOrest return code: (\d+)\n/;
/** Longest time for one command; a firmware update is the slowest. Milliseconds. */
const LIMIT_MS = 40_000;

export async function startIlorest(tool: string, options: readonly string[]): Promise<IlorestShell> {
  const home = await mkdtemp(join(tmpdir(), 'ferric-ilorest-'));
  const config = join(home, 'redfish.conf');
  await writeFile(config, '');
  // Nothing of the environment but this: it could name a proxy, authorities or another home. Both streams become one, in the order in which they are written.
  const env = { PATH: '/usr/bin:/bin', HOME: home, LC_ALL: 'C.UTF-8', TERM: 'dumb', PYTHONUNBUFFERED: '1' };
  const args = ['--nologo', '--nocache', '--notab', '-v', '--config', config, '--cache-dir', home, ...options];
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', tool, ...args], { cwd: home, env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8');
  let printed = '';
  let wake: () => void = () => undefined;
  child.stdout.on('data', (text: string) => {
    printed += text;
    wake();
  });
  child.once('close', () => wake());

  /** Takes what was printed up to the next prompt, or to the end. */
  const readAnswer = async (): Promise<string> => {
    while (!printed.includes(PROMPT) && child.exitCode === null) {
      const change = new Promise<void>((resolve) => (wake = resolve));
      await abortable(AbortSignal.timeout(LIMIT_MS), change);
    }
    const [answer = '', ...rest] = printed.split(PROMPT);
    printed = rest.join(PROMPT);
    return answer;
  };
  await readAnswer();

  return {
    home,
    async say(command) {
      child.stdin.write(`${command}\n`);
      const answer = await readAnswer();
      const code = CODE.exec(answer)?.[1];
      return { code: code === undefined ? undefined : Number(code), text: answer.replace(CODE, '').replaceAll(/\s+/g, ' ').trim() };
    },
    async [Symbol.asyncDispose]() {
      // The end of its input makes it log out and go.
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      await ended;
      clearTimeout(timer);
      await rm(home, { recursive: true, force: true });
    },
  };
}
