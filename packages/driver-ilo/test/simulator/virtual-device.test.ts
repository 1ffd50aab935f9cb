import type { BootDeviceName } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { startVirtualDevice } from '../../src/simulator/index.js';
import { ask } from './bench.js';

test.each([
  ['gen8', 'ilo'],
  ['gen9', 'ilo'],
  ['gen10', 'ilo5'],
  ['gen11', 'ilo5'],
] as const)('%s is what the hardware type %s manages', async (generation, hardwareType) => {
  await using device = await startVirtualDevice({ generation });
  const { ilo } = device;
  expect(device).toMatchObject({ hardwareType, name: ilo.name, ports: ilo.machine.hardware.networkPorts.map(({ macAddress }) => ({ address: macAddress })) });
  expect(device.driverInfo).toEqual({
    ilo_address: '127.0.0.1', ilo_username: 'Administrator', ilo_password: ilo.password, client_port: ilo.port, ilo_tls_fingerprint: ilo.fingerprint,
  });
  expect(device.wrongDriverInfo).toEqual({ ...device.driverInfo, ilo_password: expect.not.stringContaining(ilo.password) as string });
});

test('old encryption is said', async () => {
  await using device = await startVirtualDevice({ generation: 'gen8', tls: 'legacy' });
  expect(device.driverInfo['ilo_tls_profile']).toBe('legacy');
});

test('a device is a Gen10 unless it is told otherwise, off, and starts from its disk', async () => {
  await using device = await startVirtualDevice();
  expect([device.ilo.machine.identity.generation, device.state.power, device.state.bootDevice]).toEqual(['gen10', 'power off', { device: 'disk', persistent: true }]);
});

test('power is watched and set as a person at the machine would', async () => {
  await using device = await startVirtualDevice();
  const seen: string[] = [];
  using _watch = device.watchPower?.((change) => seen.push(change));
  device.state.power = 'power on';
  const system = (await ask(device.ilo, '/redfish/v1/Systems/1/')).json() as { PowerState: string; Oem: { Hpe: { PostState: string } } };
  expect([system.PowerState, system.Oem.Hpe.PostState]).toEqual(['On', 'FinishedPost']);
  device.state.power = 'power off';
  expect([seen, device.activity.changeCommands]).toEqual([['on', 'off'], 0]);
});

describe('what a start boots from is told when its self-test is over', () => {
  test('the device that counted once; then the state tells', async () => {
    await using device = await startVirtualDevice({ post: { heldForReads: 0, inPostMs: 10, discoveryCompleteMs: 0 } });
    device.state.bootDevice = { device: 'pxe', persistent: false };
    device.ilo.machine.power.switchOn();
    expect([await device.bootsFrom?.(), device.ilo.machine.power.isInPost, await device.bootsFrom?.()]).toEqual(['pxe', false, 'disk']);
  });

  test('nothing when it goes off before', async () => {
    await using device = await startVirtualDevice();
    device.ilo.machine.power.switchOn();
    const told = device.bootsFrom?.();
    device.state.power = 'power off';
    expect(await told).toBeNull();
  });
});

describe.each(['gen9', 'gen10', 'gen11'] as const)('%s boots from what it is told', (generation) => {
  test.each<[BootDeviceName, boolean]>([
    ['pxe', true],
    ['pxe', false],
    ['cdrom', false],
    ['disk', true],
    ['bios', false],
  ])('%s, persistent: %s', async (device, persistent) => {
    await using machine = await startVirtualDevice({ generation });
    machine.state.bootDevice = { device, persistent };
    expect(machine.state.bootDevice).toEqual({ device, persistent });
    machine.state.bootDevice = { device: null, persistent: null };
    expect(machine.state.bootDevice).toEqual({ device: 'disk', persistent: true });
  });
});
