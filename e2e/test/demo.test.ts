import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIronicClient } from '../support/ironic-client.js';
import { groupIsAlive, type RunningProgram, startProgram } from '../support/program.js';
import { CONDUCTOR_PROGRAM, REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const LISTENING = /^Ferric conductor listening on (\S+), (\d+) virtual machines$/;

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

/** The rows of the table at the end, without its header. */
function tableRows(lines: readonly string[]): readonly (readonly string[])[] {
  const header = lines.findIndex((line) => /^Name +Driver +Provision state +Power state +Evidence$/.test(line));
  const rows = lines.slice(header + 2);
  return rows.slice(0, rows.indexOf('')).map((row) => row.split(/ {2,}/));
}

describe('the demo', () => {
  test('with --once takes every virtual machine through its life, prints a table and leaves nothing behind', async () => {
    await using demo = startDemo('--once');
    const [, url = '', machines] = await demo.waitForLine(LISTENING);
    expect(await demo.ended).toEqual({ code: 0, signal: null });

    const rows = tableRows(demo.stdout);
    expect(rows).toHaveLength(Number(machines));
    expect(new Set(rows.map(([, driver]) => driver))).toEqual(new Set(['fake-hardware', 'staging-libvirt', 'staging-wol']));
    for (const [name, driver, provisionState, powerState, evidence] of rows) {
      expect([name, provisionState, powerState, evidence]).toEqual([
        name, driver === 'fake-hardware' ? 'active' : 'available', 'power on', 'the machine itself is on',
      ]);
    }
    expect(demo.stdout).toContain(`API:            ${url}/v1/nodes`);
    expect(demo.stderr).toEqual([]);
    await expectNothingLeft(demo, url);
  });

  test('stays up until it is interrupted, then stops everything and leaves nothing behind', async () => {
    await using demo = startDemo();
    const [, url = '', machines] = await demo.waitForLine(LISTENING);
    await demo.waitForLine(/^The rack stays up until you press Ctrl-C\.$/);

    const { nodes } = await createIronicClient(url).call('GET', '/v1/nodes');
    expect(nodes).toHaveLength(Number(machines));

    demo.signal('SIGINT');
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(demo.stdout.at(-1)).toBe('Stopped; nothing is left behind.');
    await expectNothingLeft(demo, url);
  });

  test('interrupted in the middle stops at once, says so by its status and leaves nothing behind', async () => {
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
