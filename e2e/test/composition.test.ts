import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createNpmProject, type NpmProject, packPackages } from '../support/packages.js';
import { runProgram } from '../support/program.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

let temporary: TemporaryFolder;
let project: NpmProject;
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  const packed = await packPackages(['packages/core', 'packages/agent', 'packages/ipxe-config', 'packages/virtual-media', 'packages/driver-wol', 'packages/driver-fake', 'apps/conductor'], temporary.path);
  tarballs = new Map(packed.map((each) => [each.name, each.tarball]));
  const folder = join(temporary.path, 'rack');
  await mkdir(folder);
  project = await createNpmProject(folder);
  await project.install(...['core', 'agent', 'ipxe-config', 'virtual-media', 'conductor', 'driver-wol'].map((name) => tarball(`@ferric/${name}`)));
});

afterAll(() => temporary[Symbol.asyncDispose]());

function tarball(name: string): string {
  const path = tarballs.get(name);
  if (path === undefined) throw new Error(`${name} was not packed`);
  return path;
}

function start(): Promise<RunningConductor> {
  const { folder } = project;
  return startConductor({ dataDir: join(temporary.path, 'data'), project: folder, program: join(folder, 'node_modules', '.bin', 'ferric-conductor') });
}

async function driverNames({ api }: RunningConductor): Promise<readonly string[]> {
  const { drivers } = (await api.call('GET', '/v1/drivers')) as unknown as { drivers: readonly { name: string }[] };
  return drivers.map((driver) => driver.name);
}

/** Packages that somebody got wrong, and what the conductor must say of each. */
const BROKEN = {
  'driver-of-tomorrow': {
    manifest: { ferric: { contract: 99 }, exports: { './plugin': './plugin.js' } },
    plugin: 'throw new Error("it must not even be imported");',
    reason: 'it was made for contract 99, this conductor speaks contract 1',
  },
  'driver-without-entry': { manifest: { ferric: { contract: 1 }, exports: { '.': './plugin.js' } }, plugin: '', reason: 'its package.json exports no "./plugin"' },
  'driver-without-plugin': {
    manifest: { ferric: { contract: 1 }, exports: { './plugin': './plugin.js' } },
    plugin: 'export const driver = {};',
    reason: 'its "./plugin" exports no "plugin"',
  },
  'driver-that-throws': {
    manifest: { ferric: { contract: 1 }, exports: { './plugin': './plugin.js' } },
    plugin: 'throw new Error("no such device");',
    reason: 'it could not be loaded: no such device',
  },
  'driver-with-two-opinions': {
    manifest: { ferric: { contract: 1 }, exports: { './plugin': './plugin.js' } },
    plugin: 'export const plugin = { contract: 2, create: () => ({ hardwareTypes: [], drivers: [], strategies: [] }) };',
    reason: 'its plugin speaks contract 2, its package.json says 1',
  },
  'driver-that-fails-to-start': {
    manifest: { ferric: { contract: 1 }, exports: { './plugin': './plugin.js' } },
    plugin: 'export const plugin = { contract: 1, create() { throw new Error("out of order"); } };',
    reason: 'its plugin failed to start: out of order',
  },
  'driver-that-claims-too-much': {
    manifest: { ferric: { contract: 1 }, exports: { './plugin': './plugin.js' } },
    plugin: `export const plugin = { contract: 1, create: () => ({ drivers: [], strategies: [], hardwareTypes: [
      { name: 'staging-wol', description: 'a name that is taken', interfaces: { power: ['staging-wol'] } } ] }) };`,
    reason: 'Hardware type staging-wol is already provided by another package',
  },
} as const;

async function writeBrokenPackages(): Promise<readonly string[]> {
  return Promise.all(
    Object.entries(BROKEN).map(async ([name, { manifest, plugin }]) => {
      const folder = join(temporary.path, name);
      await mkdir(folder);
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', ...manifest }));
      await writeFile(join(folder, 'plugin.js'), plugin);
      return folder;
    }),
  );
}

describe('a conductor, installed by npm into somebody else\'s project', () => {
  test('starts by its name and has the hardware types of the one driver that is installed', async () => {
    await using conductor = await start();
    expect(await driverNames(conductor)).toEqual(['staging-wol']);
    const refused = await conductor.api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware' } });
    expect(refused.status).toBe(400);
    expect(refused.fault()).toContain('fake-hardware');
    await conductor.api.call('POST', '/v1/nodes', { name: 'sleeper', driver: 'staging-wol' });
    expect(await conductor.stop()).toEqual({ code: 0, signal: null });
  });

  test('runs with npx and tells its version', async () => {
    const result = await runProgram('npx', ['--no-install', 'ferric-conductor', '--version'], { cwd: project.folder });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  test('after another driver was installed and a restart has both; broken packages are refused with a reason, and the rest works', async () => {
    await project.install(tarball('@ferric/driver-fake'), ...(await writeBrokenPackages()));
    await using conductor = await start();
    expect(await driverNames(conductor)).toEqual(['fake-hardware', 'staging-wol']);

    const told = new Map(conductor.log().filter((line) => line['msg'] === 'Driver package refused').map((line) => [line['package'], line['reason']]));
    const started = conductor.log().find((line) => line['msg'] === 'Conductor started') as { refused: { name: string; reason: string }[] } | undefined;
    const refused = new Map(started?.refused.map(({ name, reason }) => [name, reason]));
    for (const [name, { reason }] of Object.entries(BROKEN)) {
      expect([name, refused.get(name)]).toEqual([name, reason]);
      // Each on a line of its own, for those who search their log by the name of the package.
      expect([name, told.get(name)]).toEqual([name, reason]);
    }
    expect(refused.size).toBe(Object.keys(BROKEN).length);

    expect(await conductor.api.node('sleeper')).toMatchObject({ driver: 'staging-wol', provision_state: 'enroll' });
    await conductor.api.call('POST', '/v1/nodes', { name: 'worker', driver: 'fake-hardware' });
    await conductor.api.provision('worker', 'manage', 'manageable');
    await conductor.api.provision('worker', 'provide', 'available');
    await conductor.api.provision('worker', 'active', 'active');
  });

  test('can be told which packages to use instead of all', async () => {
    const { folder } = project;
    await using conductor = await startConductor({
      dataDir: join(temporary.path, 'data'), project: folder, program: join(folder, 'node_modules', '.bin', 'ferric-conductor'),
      args: ['--drivers', '@ferric/driver-fake,not-installed'],
    });
    expect(await driverNames(conductor)).toEqual(['fake-hardware']);
    expect(conductor.log().find((line) => line['package'] === 'not-installed')).toMatchObject({ reason: 'it is not installed' });
    // A node whose driver is gone is still there, and says what it lacks when it is used.
    expect(await conductor.api.node('sleeper')).toMatchObject({ driver: 'staging-wol' });
    const refusal = await conductor.api.request('PUT', '/v1/nodes/sleeper/states/power', { body: { target: 'power on' } });
    expect(refusal.status).toBe(400);
    expect(refusal.fault()).toContain("'staging-wol' is not installed");
    await conductor.api.call('DELETE', '/v1/nodes/sleeper');
  });
});
