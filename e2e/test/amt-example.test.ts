import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startVirtualDevice, type VirtualAmtDevice } from '@ferric/driver-amt/simulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ProgramResult, runProgram } from '../support/program.js';
import { REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const EXAMPLE = join(REPOSITORY, 'packages', 'driver-amt', 'examples', 'network-boot-all.ts');

interface Report {
  readonly total: number;
  readonly slowest: number;
  readonly machines: readonly { readonly name: string; readonly outcome: string; readonly seconds: number; readonly told: string }[];
}

let temporary: TemporaryFolder;

beforeEach(async () => {
  temporary = await createTemporaryFolder();
});

afterEach(() => temporary[Symbol.asyncDispose]());

const runExample = (...args: readonly string[]): Promise<ProgramResult> => runProgram(process.execPath, [EXAMPLE, ...args], { cwd: temporary.path });

async function writeMachines(text: string): Promise<string> {
  const path = join(temporary.path, 'machines.json');
  await writeFile(path, text);
  return path;
}

const boots = (machine: VirtualAmtDevice): readonly string[] => machine.device.machine.boot.history.map(({ target }) => target);

describe('the example that boots many machines from the network', () => {
  test('boots ten simulated ones at the same time', async () => {
    const { code, stdout, stderr } = await runExample('--simulated', '10', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { machines, total, slowest } = JSON.parse(stdout) as Report;
    expect(machines.map(({ name, outcome }) => [name, outcome])).toEqual(Array.from({ length: 10 }, (_, index) => [`amt-${index + 1}`, 'on']));
    const sum = machines.reduce((seconds, machine) => seconds + machine.seconds, 0);
    expect(slowest).toBe(Math.max(...machines.map(({ seconds }) => seconds)));
    // Against each other, not against a clock: one after the other they would take the sum.
    expect(total).toBeLessThan(sum / 3);
  });

  test('boots those of a list, and tells why one is not on', async () => {
    await using stack = new AsyncDisposableStack();
    const [off, running, locked] = await Promise.all(Array.from({ length: 3 }, async () => stack.use(await startVirtualDevice({ password: 'Planted-amt-1' }))));
    expect.assert(off !== undefined && running !== undefined && locked !== undefined);
    running.state.power = 'power on';
    const list = [
      { name: 'off', driver_info: off.driverInfo },
      { name: 'running', driver_info: running.driverInfo },
      { name: 'locked', driver_info: { ...(locked.driverInfo as object), amt_password: 'Planted-wrong-1' } },
      { name: 'incomplete', driver_info: { amt_address: '127.0.0.1' } },
    ];
    const { code, stdout, stderr } = await runExample('--machines', await writeMachines(JSON.stringify(list)));
    expect([code, stderr]).toEqual([1, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^off +on +[\d.]+ s {2}power on$/);
    expect(lines[1]).toMatch(/^running +on +[\d.]+ s {2}AMT accepted 'reset'/);
    expect(lines[2]).toMatch(/^locked +failed +[\d.]+ s {2}AUTH_FAILED: .*Correct amt_username and amt_password/);
    expect(lines[3]).toMatch(/^incomplete +failed +[\d.]+ s {2}INVALID_OPTIONS: .*amt_username is required.*amt_password is required/);
    expect(lines[4]).toMatch(/^2 of 4 on, in /);
    expect([off, running].map((machine) => boots(machine).at(-1))).toEqual(['pxe', 'pxe']);
    expect([boots(locked), locked.activity.authenticationAttempts]).toEqual([[], 1]);
    expect(stdout).not.toContain('Planted-');
  });

  test('follows a time limit', async () => {
    await using machine = await startVirtualDevice();
    machine.faults.inject({ kind: 'silence' });
    const list = await writeMachines(JSON.stringify([{ name: 'silent', driver_info: machine.driverInfo }]));
    const { code, stdout } = await runExample('--machines', list, '--timeout-seconds', '1.5', '--json');
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Report).machines).toMatchObject([{ name: 'silent', outcome: 'failed', told: expect.stringMatching(/^(TIMEOUT|UNREACHABLE): /) }]);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /One of --machines and --simulated/],
    ['both sources', ['--machines', 'a.json', '--simulated', '3'], /and not both/],
    ['no machine', ['--simulated', '0'], /--simulated takes a whole number from 1/],
    ['a number that is none', ['--simulated', 'ten'], /--simulated takes/],
    ['a time that is none', ['--simulated', '1', '--timeout-seconds', '0'], /--timeout-seconds takes/],
    ['an unknown option', ['--simulate', '10'], /--simulate/],
    ['a file that is not there', ['--machines', 'gone.json'], /gone\.json cannot be read: ENOENT/],
  ])('explains its usage after %s', async (_what, args, says) => {
    const { code, stdout, stderr } = await runExample(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
    expect(stderr.split('\n').at(-1)).toMatch(/^Usage: /);
  });

  test.each<[string, RegExp]>([['{"amt_password": "Planted-amt-1" ', /cannot be read: it is not JSON/], ['[]', /must hold a list of machines/], ['[{}]', /machine 1 must have a "name"/]])(
    'explains what is wrong with the list %j', async (text, says) => {
      const { code, stderr } = await runExample('--machines', await writeMachines(text));
      expect(code).toBe(2);
      expect(stderr).toMatch(says);
      expect(stderr).not.toContain('Planted-');
    },
  );
});
