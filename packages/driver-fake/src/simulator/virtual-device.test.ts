import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { normalizeMacAddress, type PowerChange, type VirtualDevice } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { fakeDriverInfo } from '../fake-options.js';
import { startVirtualDevice } from './virtual-device.js';

// The simulator is driven here with bytes written by hand, not with the client of this package.

const passwordOf = (device: VirtualDevice): string => device.driverInfo['fake_password'] as string;

/** Everything the controller sends until it hangs up. */
async function send(device: VirtualDevice, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: device.driverInfo['fake_port'] as number });
  socket.write(bytes);
  return text(socket);
}

describe('a virtual device', () => {
  test('tells all that a node needs', async () => {
    await using device = await startVirtualDevice();
    await using named = await startVirtualDevice({ name: 'rack-1' });
    expect(device).toMatchObject({ hardwareType: 'fake-hardware', state: { power: 'power off', bootDevice: { device: 'pxe', persistent: false } } });
    expect(named.name).toBe('rack-1');
    expect(device.name).not.toBe(named.name);
    expect(fakeDriverInfo.parse(device.driverInfo)).toMatchObject({ fake_address: '127.0.0.1' });
    expect(passwordOf(device)).not.toBe(device.wrongDriverInfo?.['fake_password']);
    expect(device.ports.map((port) => normalizeMacAddress(port.address))).toEqual(device.ports.map((port) => port.address));
  });

  test('speaks lines of JSON', async () => {
    await using device = await startVirtualDevice();
    const password = passwordOf(device);
    expect(await send(device, `{"command":"read power","password":"${password}"}\n`)).toBe('{"result":"power off"}\n');
    expect(await send(device, `{"command":"change power","target":"rebooting","password":"${password}"}\n`)).toBe('{"result":"accepted"}\n');
    expect(device.state.power).toBe('power on');
    const change = `{"command":"change boot device","device":"pxe","persistent":true,"password":"${password}"}\n`;
    expect(await send(device, change)).toBe('{"result":"accepted"}\n');
    expect(await send(device, `{"command":"read boot device","password":"${password}"}\n`)).toBe('{"result":{"device":"pxe","persistent":true}}\n');
    expect(device.activity).toMatchObject({ changeCommands: 2, authenticationAttempts: 4, mostConcurrentExchanges: 1 });
  });

  test.each([
    ['not JSON', 'hello', 'wrong password'],
    ['no object', '"read power"', 'wrong password'],
    ['a wrong password', '{"command":"read power","password":"guess"}', 'wrong password'],
    ['an unknown command', '{"command":"constructor","password":"PASSWORD"}', 'failed'],
    ['an unknown target', '{"command":"change power","target":"toString","password":"PASSWORD"}', 'failed'],
    ['an unknown boot device', '{"command":"change boot device","device":"disk","persistent":false,"password":"PASSWORD"}', 'failed'],
  ])('refuses %s and changes nothing', async (_what, line, refusal) => {
    await using device = await startVirtualDevice();
    expect(await send(device, `${line.replace('PASSWORD', passwordOf(device))}\n`)).toBe(`{"refusal":"${refusal}"}\n`);
    expect(device.state).toEqual({ power: 'power off', bootDevice: { device: 'pxe', persistent: false } });
  });

  test('tells of each change of its power, whoever made it', async () => {
    await using device = await startVirtualDevice();
    const seen: PowerChange[] = [];
    const watch = device.watchPower?.((change) => seen.push(change));
    const change = (target: string): Promise<string> =>
      send(device, `{"command":"change power","target":"${target}","password":"${passwordOf(device)}"}\n`);
    await change('rebooting');
    await change('power on');
    await change('soft rebooting');
    device.state.power = 'power off';
    await change('soft power off');
    await change('power on');
    expect(seen).toEqual(['on', 'reset', 'off', 'on']);
    watch?.[Symbol.dispose]();
    await change('power off');
    expect(seen).toHaveLength(4);
  });

  test('hangs up on a request that does not end', async () => {
    await using device = await startVirtualDevice();
    expect(await send(device, 'x'.repeat(100_000))).toBe('');
  });

  test('shows the faults below the protocol on the wire, and then carries out nothing', async () => {
    await using device = await startVirtualDevice();
    const change = `{"command":"change power","target":"power on","password":"${passwordOf(device)}"}\n`;
    device.faults.inject({ kind: 'close' });
    expect(await send(device, change)).toBe('');
    device.faults.inject({ kind: 'garbage' });
    expect(await send(device, change)).toContain('\u0016\u0003');
    device.faults.inject({ kind: 'reset' });
    await expect(send(device, change)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(device.state.power).toBe('power off');
  });

  test('stops in the middle of an answer', async () => {
    await using device = await startVirtualDevice();
    device.faults.inject({ kind: 'half frame' });
    const socket = connect({ host: '127.0.0.1', port: device.driverInfo['fake_port'] as number });
    socket.write(`{"command":"read power","password":"${passwordOf(device)}"}\n`);
    const [half] = (await once(socket, 'data')) as [Buffer];
    expect(half.toString()).toBe('{"result":"');
    expect(device.activity.openConnections).toBe(1);
    socket.destroy();
    await expect.poll(() => device.activity.openConnections).toBe(0);
  });

  test('closes everything when disposed, twice if need be', async () => {
    const device = await startVirtualDevice();
    device.faults.inject({ kind: 'silence' });
    const answer = send(device, '{"command":"read power"}\n');
    await expect.poll(() => device.activity.mostConcurrentExchanges).toBe(1);
    await device[Symbol.asyncDispose]();
    expect(await answer).toBe('');
    expect(device.activity.openConnections).toBe(0);
    await device[Symbol.asyncDispose]();
    await expect(send(device, '\n')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
