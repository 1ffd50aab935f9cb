import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIronicClient } from '../support/ironic-client.js';
import { groupIsAlive, type RunningProgram, startProgram } from '../support/program.js';
import { CONDUCTOR_PROGRAM, REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const LISTENING = /^Ferric conductor listening on (\S+), (\d+) virtual machines$/;
/** Time for all machines to get through, on a busy computer. */
const LIFE_LIMIT_MS = 180_000;

let temporary: TemporaryFolder;

beforeEach(async () => {
  temporary = await createTemporaryFolder();
});

afterEach(() => temporary[Symbol.asyncDispose]());

/** The demo as `npm run demo` starts it, with a place of its own for temporary files. */
function startDemo(...args: readonly string[]): RunningProgram {
  return startProgram(process.execPath, [CONDUCTOR_PROGRAM, 'demo', ...args], { cwd: REPOSITORY, env: { TMPDIR: temporary.path }, ownGroup: true });
}

async function expectNothingLeft(demo: RunningProgram, url: string): Promise<void> {
  expect(await readdir(temporary.path)).toEqual([]);
  expect(groupIsAlive(demo)).toBe(false);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
}

/** The steps that a machine is said to have passed, in order. */
function stepsPassed(lines: readonly string[], name = ''): readonly string[] {
  return lines.flatMap((line) => (new RegExp(`^✔ ${name} (\\w+): `).exec(line) ?? []).slice(1));
}

/** The rows of the table at the end, without its header. */
function tableRows(lines: readonly string[]): readonly (readonly string[])[] {
  const header = lines.findIndex((line) => /^Name +Driver +Provision state +Power state +Evidence$/.test(line));
  const rows = lines.slice(header + 2);
  return rows.slice(0, rows.indexOf('')).map((row) => row.split(/ {2,}/));
}

describe('the demo', () => {
  test('with --once takes a machine of every kind to its own system, prints a table and leaves nothing behind', async () => {
    await using demo = startDemo('--once');
    const [, url = '', machines] = await demo.waitForLine(LISTENING);
    expect(await demo.ended).toEqual({ code: 0, signal: null });

    const rows = tableRows(demo.stdout);
    expect(rows).toHaveLength(Number(machines));
    expect(rows.map(([, driver = '']) => driver).toSorted((a, b) => a.localeCompare(b))).toEqual(['fake-hardware', 'ilo5', 'ipmi', 'staging-amt', 'staging-iboot', 'staging-libvirt', 'staging-nm', 'staging-wol']);
    for (const [name, driver, ...facts] of rows) {
      expect([driver, ...facts]).toEqual([driver, 'active', 'power on', 'the machine itself runs from its own disk, which equals the image']);
      expect([driver, stepsPassed(demo.stdout, name)]).toEqual([driver, ['enrol', 'manage', 'inspect', 'provide', 'deploy']]);
      // What the conductor tells while it happens.
      for (const progress of ['got the script "clean"', 'clean step deploy.erase_devices finished', 'deploy step 2 of 6: deploy.write_image', 'deploy step 6 of 6: deploy.boot_instance']) {
        const line = demo.stdout.find((each) => each.startsWith(`› ${name} `) && each.includes(progress));
        expect([driver, progress, line]).toEqual([driver, progress, expect.any(String)]);
      }
    }
    expect(demo.stdout).toContain(`API:            ${url}/v1/nodes`);
    expect(demo.stderr).toEqual([]);
    await expectNothingLeft(demo, url);
  });

  test('stays up until it is interrupted, then stops everything and leaves nothing behind', async () => {
    await using demo = startDemo();
    const [, url = '', machines] = await demo.waitForLine(LISTENING);
    await demo.waitForLine(/^The rack stays up until you press Ctrl-C\.$/, { timeoutMs: LIFE_LIMIT_MS });

    const { nodes } = await createIronicClient(url).call('GET', '/v1/nodes');
    expect(nodes).toHaveLength(Number(machines));

    demo.signal('SIGINT');
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(demo.stdout.at(-1)).toBe('Stopped; nothing is left behind.');
    await expectNothingLeft(demo, url);
  });

  test('interrupted while machines are deployed stops at once and leaves nothing behind', async () => {
    await using demo = startDemo();
    const [, url = ''] = await demo.waitForLine(LISTENING);
    await demo.waitForLine(/^› \S+ deploy step 2 of 6: deploy\.write_image$/, { timeoutMs: LIFE_LIMIT_MS });
    demo.signal('SIGINT');
    expect(await demo.ended).toEqual({ code: 130, signal: null });
    expect(demo.stderr).toEqual([]);
    await expectNothingLeft(demo, url);
  });

  test('interrupted at its beginning stops at once, says so by its status and leaves nothing behind', async () => {
    await using demo = startDemo();
    const [, url = ''] = await demo.waitForLine(LISTENING);
    demo.signal('SIGINT');
    expect(await demo.ended).toEqual({ code: 130, signal: null });
    await expectNothingLeft(demo, url);
  });

  test('takes another port when the usual one is taken', async () => {
    await using first = startDemo();
    const [, firstUrl = ''] = await first.waitForLine(LISTENING);
    await using second = startDemo('--once', '--port', new URL(firstUrl).port);
    const [, secondUrl = ''] = await second.waitForLine(LISTENING);
    expect(secondUrl).not.toBe(firstUrl);
    expect(await second.ended).toEqual({ code: 0, signal: null });
  });

  test('without a driver that brings virtual machines says what to do', async () => {
    await using demo = startDemo('--once', '--project', `${REPOSITORY}/packages/core`);
    expect(await demo.ended).toEqual({ code: 1, signal: null });
    expect(demo.stdout).toContain('No installed driver package brings virtual machines. Install one, such as @ferric/driver-fake, and start again.');
    expect(await readdir(temporary.path)).toEqual([]);
  });
});
