import { optionIssues } from '@ferric/core';
import { expect, test } from 'vitest';
import { GENERATIONS, startAmtDevice, startVirtualDevice } from '../../src/simulator/index.js';
import { callDevice } from './support/caller.js';

test('is what every virtual device is', async () => {
  await using machine = await startVirtualDevice({ name: 'desk-1', password: 'P@ssw0rd' });
  const { device } = machine;
  expect(machine).toMatchObject({ name: 'desk-1', hardwareType: 'staging-amt', state: { power: 'power off' } });
  expect(machine.driverInfo).toEqual({ amt_address: '127.0.0.1', amt_port: device.port, amt_username: 'admin', amt_password: 'P@ssw0rd', amt_protocol: 'http' });
  expect(machine.wrongDriverInfo).toEqual({ ...machine.driverInfo, amt_password: expect.not.stringMatching('P@ssw0rd') });
  expect(Object.keys(machine.state)).toEqual(['power']);
  using caller = callDevice(device);
  const [wired] = (await caller.enumerate('AMT_EthernetPortSettings')).texts('MACAddress');
  expect(machine.ports).toEqual([{ address: wired?.replaceAll('-', ':') }]);
  const seen: string[] = [];
  machine.watchPower?.((change) => seen.push(change));
  machine.state.power = 'power on';
  expect([seen, device.machine.power.state]).toEqual([['on'], 2]);
});

test('with TLS alone tells what it shows; the old need old TLS', async () => {
  await using machine = await startVirtualDevice({ generation: 16 });
  const { tlsPort, certificate } = machine.device;
  expect(machine.driverInfo).toMatchObject({ amt_port: tlsPort, amt_protocol: 'https', amt_tls_fingerprint: certificate?.fingerprint });
  expect(machine.driverInfo).not.toHaveProperty('amt_tls_profile');
  await using old = await startVirtualDevice({ generation: 11, protocols: 'https' });
  expect(old.driverInfo).toMatchObject({ amt_protocol: 'https', amt_tls_profile: 'legacy' });
});

test('can tell what it started from', async () => {
  await using machine = await startVirtualDevice({ showsBootDevice: true, bootsFrom: 'pxe' });
  expect(machine.state.bootDevice).toEqual({ device: 'pxe', persistent: false });
  machine.device.machine.boot.source = 'Intel(r) AMT: Force Hard-drive Boot';
  machine.device.machine.boot.role = 1;
  machine.state.power = 'power on';
  expect(machine.state).toMatchObject({ power: 'power on', bootDevice: { device: 'disk' } });
  machine.state.power = 'power off';
  machine.state.power = 'power on';
  expect(machine.state.bootDevice).toMatchObject({ device: 'pxe' });
});

test('leaves nothing behind, disposed as often as one likes', async () => {
  const machine = await startVirtualDevice();
  using caller = callDevice(machine.device);
  await caller.get('CIM_Chassis');
  await machine[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await expect(caller.get('CIM_Chassis')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(machine.activity.openConnections).toBe(0);
});

test.each([
  [{ port: 70_000 }, 'port'],
  [{ generation: 8 as 9 }, 'generation'],
  [{ generation: 16, protocols: 'http' }, 'protocols'],
  [{ maxConnections: 0 }, 'maxConnections'],
  [{ macAddress: '52-54-00-00-00-01' }, 'macAddress'],
  [{ platformGuid: 'abc' }, 'platformGuid'],
  [{ username: 'a:b' }, 'username'],
  [{ password: '' }, 'password'],
] as const)('cannot exist with %j', async (options, field) => {
  const error: unknown = await startAmtDevice(options).then(() => expect.fail('it started'), (reason: unknown) => reason);
  expect(optionIssues(error)).toMatchObject([{ field }]);
});

test('says when its port is taken, and leaves none open', async () => {
  await using first = await startAmtDevice();
  await expect(startAmtDevice({ protocols: 'both', tlsPort: first.port ?? 0 })).rejects.toMatchObject({ code: 'CONFLICT', details: { port: first.port } });
});

test.each(GENERATIONS)('generation %i answers every class that it has, and has no class of later ones', async (generation) => {
  await using device = await startAmtDevice({ generation });
  using caller = callDevice(device);
  expect((await caller.get('CIM_SoftwareIdentity', { InstanceID: 'AMT' })).text('VersionString')).toMatch(new RegExp(`^${generation}\\.`));
  const optional = { IPS_OptInService: 6, AMT_AuditLog: 6, IPS_ScreenSettingData: 9, IPS_PowerManagementService: 11, CIM_BootConfigSetting: 5 };
  for (const [name, since] of Object.entries(optional)) {
    const expected = generation >= since ? 200 : 400;
    expect([name, (await caller.get(name)).status]).toEqual([name, expected]);
  }
  const general = await caller.get('AMT_GeneralSettings');
  expect([general.text('HostName'), device.port === undefined]).toEqual([device.name, generation === 16]);
});
