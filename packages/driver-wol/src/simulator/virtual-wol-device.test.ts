import { optionIssues, type PowerChange } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { wake } from '../client/wake.js';
import { startVirtualDevice, type VirtualWolDevice } from './virtual-wol-device.js';

const MAC = '52:54:00:cf:2d:31';
const OTHER = '52:54:00:cf:2d:32';
const SECURE_ON = '11:22:33:44:55:66';

/** Sends to the machine and waits until it has acted on it. */
async function wakeAndSettle(device: VirtualWolDevice, mac: string, secureOn?: string): Promise<void> {
  await wake(mac, { host: device.host, ports: device.port, ...(secureOn === undefined ? {} : { secureOn }) });
  await device.settled();
}

test('describes itself as a node', async () => {
  await using device = await startVirtualDevice({ macAddresses: ['52-54-00-CF-2D-31', OTHER], secureOn: SECURE_ON, name: 'desk' });
  expect(device).toMatchObject({
    name: 'desk',
    hardwareType: 'staging-wol',
    driverInfo: { wol_host: '127.0.0.1', wol_port: device.port, wol_secureon: SECURE_ON },
    ports: [{ address: MAC }, { address: OTHER }],
    state: { power: 'power off' },
  });
  expect(device).not.toHaveProperty('wrongDriverInfo');
});

test('makes up a name and an address of its own', async () => {
  await using first = await startVirtualDevice();
  await using second = await startVirtualDevice();
  expect(first.ports[0]?.address).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  expect(first.ports[0]?.address).not.toBe(second.ports[0]?.address);
  expect(first.name).toMatch(/^virtual-wol-[0-9a-f]{6}$/);
  expect(first.driverInfo).not.toHaveProperty('wol_secureon');
});

describe('wakes', () => {
  test.each([MAC, OTHER])('by any of its addresses: %s', async (mac) => {
    await using device = await startVirtualDevice({ macAddresses: [MAC, OTHER] });
    await wakeAndSettle(device, mac);
    expect(device.state.power).toBe('power on');
    expect(device.activity).toMatchObject({ changeCommands: 1, authenticationAttempts: 0, mostConcurrentExchanges: 1 });
  });

  test.each([SECURE_ON, '192.168.1.1', '11-22-33-44-55-66'])('with its SecureOn password %s', async (secureOn) => {
    await using device = await startVirtualDevice({ macAddresses: [MAC], secureOn });
    await wakeAndSettle(device, MAC, secureOn);
    expect(device.state.power).toBe('power on');
  });

  test('with a password that it does not ask for', async () => {
    await using device = await startVirtualDevice({ macAddresses: [MAC] });
    await wakeAndSettle(device, MAC, SECURE_ON);
    expect(device.state.power).toBe('power on');
  });
});

test('tells of each change of its power, whoever made it', async () => {
  await using device = await startVirtualDevice({ macAddresses: [MAC] });
  const seen: PowerChange[] = [];
  const watch = device.watchPower?.((change) => seen.push(change));
  await wakeAndSettle(device, MAC);
  await wakeAndSettle(device, MAC);
  device.state.power = 'power off';
  expect(seen).toEqual(['on', 'off']);
  watch?.[Symbol.dispose]();
  await wakeAndSettle(device, MAC);
  expect(seen).toHaveLength(2);
});

describe('stays off', () => {
  test('when another machine is meant', async () => {
    await using device = await startVirtualDevice({ macAddresses: [MAC] });
    await wakeAndSettle(device, OTHER);
    expect([device.state.power, device.packets.length, device.activity.changeCommands]).toEqual(['power off', 1, 0]);
  });

  test.each([undefined, '11:22:33:44:55:67', '192.168.1.1'])('when the password is %s instead of its own', async (secureOn) => {
    await using device = await startVirtualDevice({ macAddresses: [MAC], secureOn: SECURE_ON });
    await wakeAndSettle(device, MAC, secureOn);
    expect([device.state.power, device.activity.authenticationAttempts]).toEqual(['power off', 1]);
  });

  test('as often as the fault says', async () => {
    await using device = await startVirtualDevice({ macAddresses: [MAC] });
    device.faults.inject({ kind: 'wrong state', times: 2 });
    const states: string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await wakeAndSettle(device, MAC);
      states.push(device.state.power);
    }
    expect(states).toEqual(['power off', 'power off', 'power on']);
  });
});

test('shows only the fault that means something without answers', async () => {
  await using device = await startVirtualDevice();
  expect([...device.faults.supported]).toEqual(['wrong state']);
  expect(() => device.faults.inject({ kind: 'silence' })).toThrow(/wrong state/);
});

test.each([
  [{ macAddresses: ['01:00:5e:00:00:01'] }, 'macAddresses'],
  [{ macAddresses: ['x'] }, 'macAddresses'],
  [{ secureOn: '1.2.3' }, 'secureOn'],
])('refuses %j', async (options, field) => {
  const error: unknown = await startVirtualDevice(options).catch((reason: unknown) => reason);
  expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
});
