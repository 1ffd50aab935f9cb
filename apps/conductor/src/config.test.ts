import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkCompanions, checkExposure, exposureWarning, optionName, readConfig, variableName } from './config.js';

describe('readConfig', () => {
  test('the command line wins over the environment, the environment over the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ferric-config-'));
    try {
      const file = join(folder, 'conductor.json');
      await writeFile(file, JSON.stringify({ port: 1001, host: '127.0.0.2', logLevel: 'debug' }));
      const config = await readConfig({ file, environment: { FERRIC_PORT: '1002', FERRIC_HOST: '127.0.0.3' }, options: { port: '1003' } });
      expect(config).toMatchObject({ port: 1003, host: '127.0.0.3', logLevel: 'debug' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('listens on this machine only unless told otherwise', async () => {
    const config = await readConfig({ environment: {}, options: {} });
    expect(config.host).toBe('127.0.0.1');
    expect(() => checkExposure(config)).not.toThrow();
    const open = { ...config, host: '0.0.0.0' };
    expect(() => checkExposure(open)).toThrow(/--host/);
    expect(() => checkExposure({ ...open, allowUnauthenticated: true })).not.toThrow();
    expect(() => checkExposure({ ...open, auth: 'http_basic' })).not.toThrow();
    expect(() => checkExposure({ ...config, host: '127.0.0.1.example.com' })).toThrow(/--host/);
  });

  test('passwords that others can read on the way are told', async () => {
    const config = await readConfig({ environment: {}, options: { host: '0.0.0.0', auth: 'http_basic', htpasswd: 'users' } });
    expect(exposureWarning(config)).toMatch(/^Passwords cross the network readable/);
    for (const safe of [{ host: '127.0.0.1' }, { tlsCert: 'cert.pem' }, { auth: 'none' as const }]) expect(exposureWarning({ ...config, ...safe })).toBeUndefined();
  });

  test.each([
    [{ auth: 'http_basic' }, /--htpasswd is required/],
    [{ htpasswd: 'users' }, /--auth must be http_basic where --htpasswd is given, got "none"/],
    [{ tlsCert: 'cert.pem' }, /--tls-key is required/],
    [{ tlsKey: 'key.pem' }, /--tls-cert is required/],
    [{ auth: 'http_basic', tlsKey: 'key.pem' }, /--htpasswd is required.*--tls-cert is required/],
  ])('%j lacks its companion', async (options, message) => {
    const config = await readConfig({ environment: {}, options });
    expect(() => checkCompanions(config)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) as string }));
  });

  test.each([{}, { auth: 'http_basic', htpasswd: 'users' }, { tlsCert: 'cert.pem', tlsKey: 'key.pem' }])('%j lacks nothing', async (options) => {
    const config = await readConfig({ environment: {}, options });
    expect(() => checkCompanions(config)).not.toThrow();
  });

  test('there is no other way to authenticate, and no file without a name', async () => {
    await expect(readConfig({ environment: {}, options: { auth: 'keystone' } })).rejects.toThrow(/--auth/);
    await expect(readConfig({ environment: {}, options: { auth: 'http_basic', htpasswd: '' } })).rejects.toThrow(/--htpasswd must be the path of a file/);
  });

  test('bad settings are named by where they came from, all at once', async () => {
    const reading = readConfig({ environment: { FERRIC_PORT: '70000' }, options: { logLevel: 'loud', workers: 'many' } });
    await expect(reading).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(reading).rejects.toThrow(/FERRIC_PORT.*70000/);
    await expect(reading).rejects.toThrow(/--log-level.*"loud"/);
    await expect(reading).rejects.toThrow(/--workers/);
  });

  test('a setting that does not exist is refused with the list of those that do', async () => {
    await expect(readConfig({ environment: {}, options: { prot: 1 } })).rejects.toThrow(/prot is not known.*port/);
  });

  test('the password of a database URL is never shown', async () => {
    const config = await readConfig({ environment: {}, options: { databaseUrl: 'postgresql://user:s3cret@127.0.0.1/ferric' } });
    expect(inspect(config)).not.toContain('s3cret');
    expect(config.databaseUrl?.reveal()).toContain('s3cret');
    await expect(readConfig({ environment: {}, options: { databaseUrl: 'mysql://user:s3cret@h/d' } })).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') as string }),
    );
  });

  test('lists come as text or as list', async () => {
    expect((await readConfig({ environment: { FERRIC_DRIVERS: 'a, b' }, options: {} })).drivers).toEqual(['a', 'b']);
    expect((await readConfig({ environment: {}, options: { imageDirs: '/srv/images, /srv/more' } })).imageDirs).toEqual(['/srv/images', '/srv/more']);
    expect((await readConfig({ environment: {}, options: {} })).imageDirs).toEqual([]);
  });

  test.each(['http://images.example/k', 'https://[2001:db8::1]/k?x=1', 'file:///srv/images/k'])('takes the boot file %s', async (deployKernel) => {
    expect((await readConfig({ environment: {}, options: { deployKernel } })).deployKernel).toBe(deployKernel);
  });

  test.each(['/srv/images/k', 'k', 'file://host/k', 'file:///a b', 'glance://x', 'http:///k', 'http://h/\n', ''])('refuses the boot file %j', async (deployKernel) => {
    await expect(readConfig({ environment: {}, options: { deployKernel } })).rejects.toThrow(/--deploy-kernel must be an address such as/);
  });

  test('safe things are the default, and the limits of scripts are those that scripts have', async () => {
    const config = await readConfig({ environment: {}, options: {} });
    expect(config).toMatchObject({ agentRequireTls: true, allowBootShell: false, kernelAppendParams: 'nofb vga=normal', bootAttempts: 10, scriptsPerMinute: 60 });
    await expect(readConfig({ environment: {}, options: { bootAttempts: 101, localBootExitCode: 256, agentHeartbeatTimeoutMs: 10 } })).rejects.toMatchObject({
      message: expect.stringMatching(/--boot-attempts.*--local-boot-exit-code.*--agent-heartbeat-timeout-ms/) as string,
    });
  });
});

describe('settings of the deploy agent', () => {
  test('erase priorities may be left to the agent, and 0 is not nothing', async () => {
    const [left, zero] = await Promise.all([readConfig({ environment: {}, options: {} }), readConfig({ environment: { FERRIC_ERASE_DEVICES_PRIORITY: '0' }, options: { eraseDevicesMetadataPriority: '20' } })]);
    expect([left.eraseDevicesPriority, left.eraseDevicesMetadataPriority]).toEqual([undefined, undefined]);
    expect([zero.eraseDevicesPriority, zero.eraseDevicesMetadataPriority]).toEqual([0, 20]);
  });

  test('values that mean nothing are refused', async () => {
    const options = { eraseDevicesPriority: -1, eraseDevicesMetadataPriority: 1.5, inspectionAddPorts: 'some', agentPowerOffGraceMs: -1, powerOffAfterDeployFailure: 'perhaps' };
    const reading = readConfig({ environment: {}, options });
    for (const name of ['erase-devices-priority', 'erase-devices-metadata-priority', 'inspection-add-ports', 'agent-power-off-grace-ms', 'power-off-after-deploy-failure']) {
      await expect(reading).rejects.toThrow(`--${name}`);
    }
  });
});

test('names of a setting', () => {
  expect(optionName('dataDir')).toBe('data-dir');
  expect(variableName('dataDir')).toBe('FERRIC_DATA_DIR');
});
