import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startConductor } from '../support/conductor.ts';
import { runProgram } from '../support/program.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { SUITE_PACKAGE, type SuiteModule } from './modules.ts';
import { type ModuleResult, readOutcomes } from './results.ts';

/** Debian's own interpreter: another one that comes first in the path knows none of its packages. */
const PYTHON = '/usr/bin/python3';
const OPENSTACK = '/usr/bin/openstack';
const RUNNER = fileURLToPath(new URL('run_modules.py', import.meta.url));

/** Runs one module against a conductor of its own, that has the fake driver only and an empty data folder. It never fails: what broke is part of the result. */
export async function runModule(module: SuiteModule, timeoutMs: number): Promise<ModuleResult> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  try {
    await using temporary = await createTemporaryFolder();
    await using conductor = await startConductor({ dataDir: join(temporary.path, 'data'), args: ['--drivers', '@ferric/driver-fake', '--log-level', 'error'] });
    await prepareFolder(temporary.path, conductor.api.url);
    const { code, stdout, stderr } = await runProgram(PYTHON, ['-W', 'ignore', RUNNER, `${SUITE_PACKAGE}.${module.name}`], {
      cwd: temporary.path,
      env: {
        IRONICCLIENT_TEST_CONFIG: join(temporary.path, 'test.conf'),
        PYTHONDONTWRITEBYTECODE: '1',
        // The client also reads settings from its home.
        HOME: temporary.path,
        XDG_CONFIG_HOME: temporary.path,
        LANG: 'C.UTF-8',
      },
      timeoutMs,
    });
    const tests = readOutcomes(stdout.split('\n'));
    const broken = code === 0 ? undefined : `Python ended with ${code}: ${stderr}`;
    return { module, tests, seconds: seconds(), ...(broken === undefined ? {} : { broken }) };
  } catch (error) {
    return { module, tests: [], seconds: seconds(), broken: error instanceof Error ? error.message : String(error) };
  }
}

/** What the suite looks for in its working folder: its configuration, and the client where tox would have put it. */
async function prepareFolder(folder: string, url: string): Promise<void> {
  const programs = join(folder, '.tox', 'functional', 'bin');
  await mkdir(programs, { recursive: true });
  await symlink(OPENSTACK, join(programs, 'openstack'));
  await writeFile(join(folder, 'test.conf'), `[functional]\nauth_strategy = noauth\nironic_url = ${url}\n`);
}
