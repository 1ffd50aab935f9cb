import { Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { ipmiDriverInfo } from '../ipmi-options.js';
import { startVirtualDevice } from './virtual-device.js';

test('a machine that is off and was installed', async () => {
  await using device = await startVirtualDevice({ name: 'one' });
  expect(device).toMatchObject({ name: 'one', hardwareType: 'ipmi', state: { power: 'power off', bootDevice: { device: 'disk', persistent: true } } });
  expect(device.ports).toEqual([{ address: expect.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/) }]);
  await using again = await startVirtualDevice({ name: 'one' });
  expect(again.ports).toEqual(device.ports);
  expect(ipmiDriverInfo.parse(device.driverInfo)).toMatchObject({ ipmi_address: '127.0.0.1', ipmi_port: device.bmc.port, ipmi_username: 'admin' });
  expect(device.wrongDriverInfo).toMatchObject({ ipmi_address: '127.0.0.1', ipmi_username: 'admin' });
  expect(device.wrongDriverInfo?.['ipmi_password']).not.toBe(device.driverInfo['ipmi_password']);
});

test('what was asked for', async () => {
  await using device = await startVirtualDevice({
    hardwareType: 'acme', bmc: { users: [{ name: '', password: new Secret('q7-rosebud-31') }], kgKey: 'c0ffee', power: 'power on' },
  });
  expect(device).toMatchObject({ hardwareType: 'acme', state: { power: 'power on' } });
  expect(device.driverInfo).toEqual({ ipmi_address: '127.0.0.1', ipmi_port: device.bmc.port, ipmi_password: 'q7-rosebud-31', ipmi_hex_kg_key: 'c0ffee' });
});

test('its state is that of the machine behind the BMC, and changes are told', async () => {
  await using device = await startVirtualDevice();
  const seen: string[] = [];
  using _watch = device.watchPower?.((change) => seen.push(change));
  device.state.power = 'power on';
  device.state.power = 'power on';
  device.state.power = 'power off';
  expect([seen, device.bmc.machine.power]).toEqual([['on', 'off'], 'power off']);
  device.state.bootDevice = { device: 'pxe', persistent: false };
  expect(device.bmc.machine.bootChoice).toEqual({ device: 'pxe', efi: true, persistent: false });
  device.state.bootDevice = { device: null, persistent: null };
  expect([device.bmc.machine.bootChoice, device.state.bootDevice]).toEqual([undefined, { device: null, persistent: null }]);
});

test('its faults are those of the common vocabulary', async () => {
  await using device = await startVirtualDevice();
  expect([...device.faults.supported].toSorted()).toEqual(['busy', 'command failure', 'garbage', 'half frame', 'silence', 'slow', 'wrong state']);
  expect(() => device.faults.inject({ kind: 'reset' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
});
