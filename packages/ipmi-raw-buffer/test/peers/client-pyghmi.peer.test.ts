import { startPyghmiBmc, waitFor } from '@ferric/lab';
import { expect, test } from 'vitest';
import { controlChassis, createIpmiClient, getChassisStatus, getDeviceId, readBootFlags, setBootDevice } from '../../src/index.js';

test("pyghmi's BMC, which knows suite 3 only, is switched and told what to boot from", async () => {
  await using bmc = await startPyghmiBmc();
  const { host, port, username, password } = bmc;
  await using client = createIpmiClient({ host, port, username, password });
  expect((await getDeviceId(client)).ipmiVersion).toBe('2.0');
  expect((await client.session()).cipherSuite).toBe(3);
  expect((await getChassisStatus(client)).powerOn).toBe(false);
  await controlChassis(client, 'power on');
  expect((await getChassisStatus(client)).powerOn).toBe(true);
  await setBootDevice(client, { device: 'pxe' });
  expect((await readBootFlags(client)).device).toBe('pxe');
  await controlChassis(client, 'soft shutdown');
  // It tells through a pipe, which may be slower than its answer.
  await waitFor('three things told', () => bmc.told.length === 3 || undefined);
  expect(bmc.told).toEqual([{ order: 'on', power: 'on' }, { boot_device: 'network' }, { order: 'shutdown', power: 'off' }]);
});

test("pyghmi's BMC refuses a wrong password", async () => {
  await using bmc = await startPyghmiBmc();
  await using client = createIpmiClient({ host: bmc.host, port: bmc.port, username: bmc.username, password: 'wrong' });
  await expect(getDeviceId(client)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
});
