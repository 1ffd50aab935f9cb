import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../workspaces.mjs';

const CHILD_MODULE = JSON.stringify(join(ROOT, 'tools', 'child.mjs'));

/** Starts a program that runs another program by the runner and ends with its exit code. */
function startRunner(program: string, options = '{}'): ChildProcessWithoutNullStreams {
  const command = JSON.stringify(['node', '--eval', program]);
  const runner = `import { runCommand } from ${CHILD_MODULE}; process.exitCode = await runCommand(${command}, ${options});`;
  return spawn('node', ['--input-type=module', '--eval', runner]);
}

async function readAll(runner: ChildProcessWithoutNullStreams): Promise<{ stdout: string; stderr: string; code: number | null }> {
  let stdout = '';
  let stderr = '';
  runner.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  runner.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(runner, 'close')) as [number | null];
  return { stdout, stderr, code };
}

describe('a command', () => {
  it('ends the runner with its own exit code', async () => {
    expect(await readAll(startRunner('process.exit(7)'))).toMatchObject({ code: 7 });
  });

  it('that a signal ended yields 128 and its number', async () => {
    expect(await readAll(startRunner(`process.kill(process.pid, 'SIGKILL')`))).toMatchObject({ code: 137 });
  });

  it('runs with the tools of the repository, in its root', async () => {
    const { stdout } = await readAll(startRunner(`console.log(process.cwd(), process.env.PATH.split(':')[0])`));
    expect(stdout).toBe(`${ROOT} ${join(ROOT, 'node_modules', '.bin')}\n`);
  });

  it('keeps standard output clean when it only prepares', async () => {
    expect(await readAll(startRunner(`console.log('noise')`, `{ output: 'stderr' }`))).toEqual({ stdout: '', stderr: 'noise\n', code: 0 });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('gets %s once, and may take its time to end', async (signal) => {
    const runner = startRunner(`
      let count = 0;
      process.on('${signal}', () => {
        count += 1;
        console.log('got it');
        setTimeout(() => { console.log(count); process.exit(3); }, 200);
      });
      setInterval(() => undefined, 1000);
      console.log('ready');
    `);
    await once(runner.stdout, 'data');
    runner.kill(signal);
    await once(runner.stdout, 'data');
    // npm passes on what the process group got already.
    runner.kill(signal);
    expect(await readAll(runner)).toEqual({ stdout: '1\n', stderr: '', code: 3 });
  });

  it('that does not exist is named', async () => {
    const runner = spawn('node', ['--input-type=module', '--eval', `import { runCommand } from ${CHILD_MODULE}; await runCommand(['no-such-tool']);`]);
    const { stderr, code } = await readAll(runner);
    expect(stderr).toContain('Cannot run no-such-tool');
    expect(code).toBe(1);
  });
});
