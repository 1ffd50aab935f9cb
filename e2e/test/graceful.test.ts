import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startVirtualHypervisor } from '@ferric/driver-libvirt/simulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startConductor } from '../support/conductor.js';
import type { IronicClient, Resource } from '../support/ironic-client.js';
import { type ProgramResult, runProgram, timeUntilEnd } from '../support/program.js';
import { CONDUCTOR_PROGRAM, REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const DRAIN_MS = 10_000;

let temporary: TemporaryFolder;
let dataDir: string;

beforeEach(async () => {
  temporary = await createTemporaryFolder();
  dataDir = join(temporary.path, 'data');
});

afterEach(() => temporary[Symbol.asyncDispose]());

async function createAvailableNode(api: IronicClient, name: string, driverInfo: Record<string, number>): Promise<Resource> {
  await api.call('POST', '/v1/nodes', { name, driver: 'fake-hardware', driver_info: driverInfo });
  await api.provision(name, 'manage', 'manageable');
  return api.provision(name, 'provide', 'available');
}

describe('a conductor that is told to stop', () => {
  test('ends in time although work runs, and the work goes on with the next start', async () => {
    await using first = await startConductor({ dataDir, args: ['--drain-timeout-ms', String(DRAIN_MS)] });
    await createAvailableNode(first.api, 'slow', { fake_deploy_delay_ms: 3000 });
    await first.api.call('PUT', '/v1/nodes/slow/states/provision', { target: 'active' });
    await first.api.waitForNode('slow', (node) => (node['deploy_step'] as { step?: string })['step'] === 'deploy');

    first.program.signal('SIGTERM');
    expect(await timeUntilEnd(first.program)).toBeLessThan(DRAIN_MS);
    expect(await first.program.ended).toEqual({ code: 0, signal: null });

    await using second = await startConductor({ dataDir });
    const node = await second.api.waitForNode('slow', (seen) => seen['provision_state'] === 'active' && seen['reservation'] === null);
    expect(node).toMatchObject({ last_error: null, power_state: 'power on', target_provision_state: null, deploy_step: {} });
    const types = (await second.api.timeline('slow')).filter(({ type }) => type.startsWith('step-') || type === 'work-failed').map(({ type }) => type);
    expect(types).toEqual(['step-started', 'step-started', 'step-finished']);
  });

  test('closes the connections that it only keeps for later, and ends well', async () => {
    await using hypervisor = await startVirtualHypervisor({ domains: [{ name: 'idle' }] });
    await using conductor = await startConductor({ dataDir, args: ['--power-sync-interval-ms', '0'] });
    await conductor.api.call('POST', '/v1/nodes', { name: 'idle', driver: 'staging-libvirt', driver_info: { libvirt_uri: hypervisor.uri, libvirt_domain: 'idle' } });
    await conductor.api.provision('idle', 'manage', 'manageable');
    expect(hypervisor.activity.openConnections).toBe(1);
    expect(await conductor.stop()).toEqual({ code: 0, signal: null });
    await expect.poll(() => hypervisor.activity.openConnections).toBe(0);
  });

  test('finishes the requests in flight before it ends', async () => {
    await using conductor = await startConductor({ dataDir, args: ['--drain-timeout-ms', String(DRAIN_MS)] });
    await createAvailableNode(conductor.api, 'busy', { fake_vendor_delay_ms: 1000 });
    const call = conductor.api.request('POST', '/v1/nodes/busy/vendor_passthru/third_method_sync', { body: { bar: 'meow' } });
    await conductor.api.waitForNode('busy', (node) => node['reservation'] === 'e2e');

    conductor.program.signal('SIGTERM');
    const ending = timeUntilEnd(conductor.program);
    const answer = await call;
    expect([answer.status, answer.text]).toEqual([200, 'true']);
    // The answer ends the connection; a client that keeps it open must not hold the conductor up.
    expect(await ending).toBeLessThan(DRAIN_MS - 1000);
    expect(await conductor.program.ended).toEqual({ code: 0, signal: null });
    expect(conductor.log().map((line) => line['msg'])).not.toContain('Stopped before everything was finished; work goes on with the next start');
  });

  test('does not wait longer than it was told for what will not end', async () => {
    await using conductor = await startConductor({ dataDir, args: ['--drain-timeout-ms', '500'] });
    await createAvailableNode(conductor.api, 'stuck', { fake_vendor_delay_ms: 30_000 });
    const call = conductor.api.request('POST', '/v1/nodes/stuck/vendor_passthru/third_method_sync', { body: { bar: 'meow' } }).catch((error: unknown) => error);
    await conductor.api.waitForNode('stuck', (node) => node['reservation'] === 'e2e');

    conductor.program.signal('SIGTERM');
    expect(await timeUntilEnd(conductor.program)).toBeLessThan(5000);
    expect(await conductor.program.ended).toEqual({ code: 0, signal: null });
    expect(await call).toBeInstanceOf(Error);

    await using next = await startConductor({ dataDir });
    expect(await next.api.node('stuck')).toMatchObject({ reservation: null, provision_state: 'available' });
  });

  test('ends an event stream in good order', async () => {
    await using conductor = await startConductor({ dataDir });
    const response = await fetch(`${conductor.api.url}/ferric/v1/events`);
    const body = response.text();
    conductor.program.signal('SIGTERM');
    expect(await body).toContain(': connected');
    expect(await conductor.program.ended).toEqual({ code: 0, signal: null });
  });
});

describe('one data folder', () => {
  test('belongs to one conductor: the second is refused and told who has it, the first goes on', async () => {
    await using first = await startConductor({ dataDir });
    const second = await serve('--data-dir', dataDir);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`The data folder ${dataDir} is in use by the conductor with pid ${first.program.pid}`);
    expect(second.stderr).toContain('--data-dir');
    expect(second.stdout).toBe('');
    expect((await first.api.request('GET', '/v1/nodes')).status).toBe(200);
  });

  test('is free again after a kill', async () => {
    await using first = await startConductor({ dataDir });
    await first.api.call('POST', '/v1/nodes', { name: 'kept', driver: 'fake-hardware' });
    await first.kill();
    await using second = await startConductor({ dataDir });
    expect(await second.api.node('kept')).toMatchObject({ provision_state: 'enroll', driver: 'fake-hardware' });
  });
});

describe('an unsafe or wrong configuration', () => {
  test('an address beyond this machine needs --allow-unauthenticated', async () => {
    const refused = await serve('--data-dir', dataDir, '--host', '0.0.0.0');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--host');
    expect(refused.stderr).toContain('--allow-unauthenticated');
    expect(refused.stdout).toBe('');

    await using allowed = await startConductor({ dataDir, args: ['--host', '0.0.0.0', '--allow-unauthenticated'] });
    expect((await fetch(`http://127.0.0.1:${allowed.port}/v1/nodes`)).status).toBe(200);
  });

  test.each([
    ['the command line', ['--power-sync-workers', 'many'], {}, ['--power-sync-workers', 'many']],
    ['the environment', [], { FERRIC_PORT: '70000' }, ['FERRIC_PORT', '70000']],
    ['the command line, twice', ['--log-level', 'loud', '--workers', '0'], {}, ['--log-level', 'loud', '--workers']],
  ])('is refused with its name: %s', async (_where, args, env, words) => {
    const result = await serve('--data-dir', dataDir, ...args, env);
    expect(result.code).toBe(2);
    for (const word of words) expect(result.stderr).toContain(word);
  });

  test('is refused with its name: the file', async () => {
    const file = join(temporary.path, 'ferric.json');
    await writeFile(file, JSON.stringify({ prot: 6385 }));
    const result = await serve('--data-dir', dataDir, '--config', file);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('prot');

    await writeFile(file, '{ "port": 63');
    const broken = await serve('--data-dir', dataDir, '--config', file);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain(file);
  });

  test('a secret in a refused setting is not printed', async () => {
    const result = await serve('--data-dir', dataDir, '--database-url', 'mysql://ferric:planted-password@127.0.0.1/ferric');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--database-url');
    expect(result.stderr).not.toContain('planted-password');
  });

  test('a project that is none is refused with a hint', async () => {
    const result = await serve('--data-dir', dataDir, '--project', temporary.path);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(join(temporary.path, 'package.json'));
    expect(result.stderr).toContain('--project');
  });

  test('a port that is taken is named', async () => {
    await using first = await startConductor({ dataDir });
    const second = await serve('--data-dir', join(temporary.path, 'other'), '--port', String(first.port));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`127.0.0.1:${first.port}`);
  });
});

/** Runs a conductor that is expected to refuse to start. The last argument may be more of the environment. */
function serve(...args: readonly (string | Record<string, string>)[]): Promise<ProgramResult> {
  const words = args.filter((each) => typeof each === 'string');
  const env = args.find((each) => typeof each !== 'string') ?? {};
  const project = words.includes('--project') ? [] : ['--project', REPOSITORY];
  const port = words.includes('--port') || 'FERRIC_PORT' in env ? [] : ['--port', '0'];
  return runProgram(process.execPath, [CONDUCTOR_PROGRAM, 'serve', ...project, ...port, ...words], { env });
}
