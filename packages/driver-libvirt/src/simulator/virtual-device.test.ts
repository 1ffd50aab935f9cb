import { connect } from 'node:net';
import { type FaultKind, normalizeMacAddress, optionIssues, type PowerChange } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logInAndOpen } from '../../test/simulator/log-in.js';
import { domain, errorOf, frame, RawClient, text, u32 } from '../../test/simulator/raw-client.js';
import { startVirtualDevice, type VirtualLibvirtDevice } from './virtual-device.js';

let device: VirtualLibvirtDevice;
const clients: RawClient[] = [];

beforeEach(async () => {
  device = await startVirtualDevice();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
  await device[Symbol.asyncDispose]();
});

async function stranger(): Promise<RawClient> {
  const client = await RawClient.connect(device.hypervisor);
  clients.push(client);
  return client;
}

async function openClient(): Promise<RawClient> {
  const client = await stranger();
  await logInAndOpen(client, device.driverInfo['sasl_username'] as string, device.driverInfo['sasl_password'] as string);
  return client;
}

const reference = (): string => domain(device.name, device.domain.uuid);
const CREATE = 9;
const STATE = 212;
const state = async (client: RawClient): Promise<number> => client.read(STATE, reference() + u32(0), (values) => values.int());

describe('a virtual device', () => {
  test('tells all that a node needs', async () => {
    const { port } = device.hypervisor;
    expect(device).toMatchObject({ hardwareType: 'staging-libvirt', name: expect.stringMatching(/^virtual-libvirt-/) as string });
    expect(device.driverInfo).toEqual({
      libvirt_uri: `qemu+tcp://127.0.0.1:${port}/system`, sasl_username: 'ferric', sasl_password: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
    });
    expect(device.wrongDriverInfo).toEqual({
      ...device.driverInfo, sasl_password: expect.not.stringMatching(device.driverInfo['sasl_password'] as string) as string,
    });
    expect(device.ports.map(({ address }) => normalizeMacAddress(address))).toEqual(device.ports.map(({ address }) => address));
    expect(device.state).toEqual({ power: 'power off', bootDevice: { device: 'disk', persistent: true } });
    expect(device.hypervisor.domains.map(({ name }) => name)).toEqual(['neighbour', device.name]);
  });

  test('takes a name, a place and a machine', async () => {
    const like = { macAddresses: ['52:54:00:00:00:07'], firmware: 'uefi', boot: ['network'] } as const;
    await using own = await startVirtualDevice({ name: 'rack-1', host: '127.0.0.1', domain: like });
    expect([own.name, own.domain.name, own.ports, own.state.bootDevice?.device]).toEqual(['rack-1', 'rack-1', [{ address: '52:54:00:00:00:07' }], 'pxe']);
    expect(own.domain.definition).toContain("<os firmware='efi'>");
  });

  test('tells of each change of its power, whoever made it', async () => {
    const seen: PowerChange[] = [];
    const watch = device.watchPower?.((change) => seen.push(change));
    const client = await openClient();
    await client.read(CREATE, reference(), () => undefined);
    device.state.power = 'power on';
    device.domain.act('reboot');
    device.domain.act('shut down');
    expect(seen).toEqual(['on', 'reset', 'off']);
    device.state.power = 'power on';
    device.domain.act('crash');
    device.state.power = 'power off';
    expect(seen).toEqual(['on', 'reset', 'off', 'on', 'off']);
    watch?.[Symbol.dispose]();
    device.state.power = 'power on';
    expect(seen).toHaveLength(5);
  });

  test.each(['name', 'uuid'] as const)('can be found by %s', async (findBy) => {
    await using own = await startVirtualDevice({ findBy });
    expect(own.driverInfo['libvirt_domain']).toBe(own.domain[findBy]);
    expect(own.wrongDriverInfo?.['libvirt_domain']).toBe(own.domain[findBy]);
  });

  test('two of them have nothing in common', async () => {
    await using other = await startVirtualDevice();
    expect([other.driverInfo['libvirt_uri'], other.driverInfo['sasl_password'], other.ports]).not.toEqual([
      device.driverInfo['libvirt_uri'], device.driverInfo['sasl_password'], device.ports,
    ]);
  });

  test('lets in who knows the password, and counts', async () => {
    const client = await openClient();
    expect(await state(client)).toBe(5);
    await client.call(CREATE, reference());
    expect(device.state.power).toBe('power on');
    const wrong = await stranger();
    const login = logInAndOpen(wrong, 'ferric', device.wrongDriverInfo?.['sasl_password'] as string);
    await expect(login).rejects.toThrow('45: authentication failed: authentication failed');
    expect(device.activity).toMatchObject({
      openConnections: 2, connections: 2, authenticationAttempts: 2, changeCommands: 1, mostConcurrentExchanges: 1,
    });
  });

  test('what the machine boots from follows its definition', async () => {
    const client = await openClient();
    const xml = await client.read(14, reference() + u32(3), (values) => values.text());
    const orders: readonly (readonly [string, string | null])[] = [
      ["<boot dev='network'/>", 'pxe'], ["<boot dev='cdrom'/>", 'cdrom'], ["<boot dev='fd'/>", 'floppy'], ["<boot dev='hd'/><boot dev='network'/>", 'disk'],
    ];
    for (const [order, name] of orders) {
      expect((await client.call(350, text(xml.replace(/<boot dev='hd'\/>\s*<boot dev='network'\/>/, order)) + u32(0))).status).toBe(0);
      expect(device.state.bootDevice).toEqual({ device: name, persistent: true });
    }
    const perDevice = xml.replaceAll(/<boot .*\/>/g, '').replace("<source network='default'/>", "$&<boot order='1'/>");
    expect((await client.call(350, text(perDevice) + u32(0))).status).toBe(0);
    expect(device.state.bootDevice?.device).toBe('pxe');
  });

  test('can be set by a person at the machine', async () => {
    const client = await openClient();
    device.state.power = 'power on';
    expect(await state(client)).toBe(1);
    device.state.power = 'power off';
    expect(await state(client)).toBe(5);
    device.state.bootDevice = { device: 'pxe', persistent: true };
    expect(await client.read(14, reference() + u32(0), (values) => values.text())).toMatch(/<boot dev='network'\/>\s*<boot dev='hd'\/>/);
  });

  test('is found by its own addresses, not by those of its neighbour', () => {
    expect(device.hypervisor.domain('neighbour').macAddresses).not.toEqual(device.ports.map(({ address }) => address));
  });
});

describe('faults', () => {
  test('are those that libvirt can show', () => {
    const kinds: readonly FaultKind[] = ['silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure'];
    expect([...device.faults.supported]).toEqual(kinds);
  });

  test('silence: it acts and does not answer', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'silence' });
    client.send(frame(CREATE, reference(), { serial: 900 }));
    await expect.poll(() => device.state.power).toBe('power on');
    const { calls } = device.hypervisor.activity;
    client.send(Buffer.concat([frame(1, '', { program: 0x6b656570, type: 2 }), frame(3, '', { serial: 901 })]));
    await expect.poll(() => device.hypervisor.activity.calls).toBe(calls + 1);
    device.faults.clear();
    expect(await state(client)).toBe(1);
    expect(client.messages).toEqual([]);
    expect(client.order.some(({ serial }) => serial >= 900)).toBe(false);
  });

  test('silence leaves room for the calls that follow it', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'silence', times: 20 });
    client.send(Buffer.concat(Array.from({ length: 20 }, (_, index) => frame(3, '', { serial: 900 + index }))));
    expect(await state(client)).toBe(5);
    expect(device.activity.mostConcurrentExchanges).toBe(21);
    client[Symbol.dispose]();
    await expect.poll(() => device.activity.openConnections).toBe(0);
    // What the first one waited for in vain does not count against the next.
    const next = await openClient();
    next.send(Buffer.concat(Array.from({ length: 5 }, (_, index) => frame(3, '', { serial: 900 + index }))));
    await next.until(() => next.messages.length === 5);
    expect(device.activity.mostConcurrentExchanges).toBe(21);
  });

  test('silence of events', async () => {
    const client = await openClient();
    await client.read(316, u32(0) + u32(0), (values) => values.int());
    device.faults.inject({ kind: 'silence' });
    device.state.power = 'power on';
    device.faults.clear();
    device.state.power = 'power off';
    await client.until(() => client.messages.length === 2);
    expect(client.messages.map(({ procedure }) => procedure)).toEqual([318, 318]);
  });

  test('refuse: nobody gets in, who is in stays, and after it is over all is as before', async () => {
    const client = await openClient();
    const { port } = device.hypervisor;
    device.faults.inject({ kind: 'refuse' });
    await expect(RawClient.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await state(client)).toBe(5);
    device.faults.clear();
    await expect.poll(async () => RawClient.connect({ port }).then((late) => clients.push(late) > 0, () => false)).toBe(true);
    expect(device.hypervisor.port).toBe(port);
  });

  test('refuse ends with the next fault too, and is not counted', async () => {
    for (const delayMs of [1, 2]) {
      device.faults.inject({ kind: 'refuse' });
      device.faults.inject({ kind: 'slow', delayMs });
    }
    await expect.poll(async () => RawClient.connect(device.hypervisor).then((late) => clients.push(late) > 0, () => false)).toBe(true);
    expect(() => device.faults.inject({ kind: 'refuse', times: 1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  test.each([['reset', 'reset'], ['close', 'closed']] as const)('%s: the connection goes, and the command is not carried out', async (kind, how) => {
    const client = await openClient();
    device.faults.inject({ kind, times: 1 });
    client.send(frame(CREATE, reference(), { serial: 900 }));
    expect(await client.ended).toBe(how);
    expect([device.state.power, device.activity.changeCommands]).toEqual(['power off', 1]);
    expect(await state(await openClient())).toBe(5);
  });

  test('half frame: it acts, and the answer stops in the middle', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'half frame', times: 1 });
    client.send(frame(STATE, reference() + u32(0), { serial: 900 }));
    await client.until(() => client.rest.length > 0);
    expect(client.rest.toString('hex')).toBe(`0000002420008086${u32(1)}${u32(STATE)}${u32(1)}`.slice(0, 36));
    client.send(frame(CREATE, reference(), { serial: 901 }));
    expect(await state(await openClient())).toBe(5);
    expect(client.order.some(({ serial }) => serial >= 900)).toBe(false);
  });

  test('garbage: bytes that no answer begins with', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'garbage', times: 1 });
    client.send(frame(CREATE, reference(), { serial: 900 }));
    await client.until(() => client.rest.length > 0);
    expect(client.rest.subarray(0, 4).toString()).toBe('HTTP');
    expect(device.state.power).toBe('power off');
  });

  test('slow: the answer is late, and not more than five are worked on at a time', async () => {
    const client = await openClient();
    const startedAt = performance.now();
    device.faults.inject({ kind: 'slow', delayMs: 30 });
    client.send(Buffer.concat(Array.from({ length: 10 }, (_, index) => frame(3, '', { serial: 900 + index }))));
    await client.until(() => client.messages.length === 10);
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(device.activity.mostConcurrentExchanges).toBe(10);
  });

  test('busy: no call about anything is answered, but clients get in', async () => {
    device.faults.inject({ kind: 'busy' });
    const client = await openClient();
    expect(await client.fail(STATE, reference() + u32(0))).toMatchObject({
      code: 68, domain: 10, message: expect.stringMatching(/^Timed out during operation: cannot acquire state change lock/) as string,
    });
    expect(await client.fail(CREATE, reference())).toMatchObject({ code: 68 });
    expect(device.state.power).toBe('power off');
  });

  test('wrong state: it says yes and does nothing', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'wrong state' });
    expect((await client.call(CREATE, reference())).status).toBe(0);
    expect(await client.read(196, reference() + u32(0), (values) => values.domain())).toEqual({ name: device.name, uuid: device.domain.uuid, id: -1 });
    const xml = device.domain.definition.replace("<boot dev='hd'/>", '');
    expect(await client.read(350, text(xml) + u32(0), (values) => values.domain())).toEqual({ name: device.name, uuid: device.domain.uuid, id: -1 });
    expect(await state(client)).toBe(5);
    expect([device.state.bootDevice?.device, device.activity.changeCommands]).toEqual(['disk', 3]);
  });

  test('command failure: it says that it failed, and still tells its state', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'command failure' });
    expect(errorOf(await client.call(CREATE, reference()))).toEqual({
      code: 9, domain: 10, message: 'operation failed: the simulated machine was told to fail',
    });
    expect(await state(client)).toBe(5);
  });

  test('are counted only by calls that they can spoil', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'command failure', times: 1 });
    for (let time = 0; time < 3; time += 1) await state(client);
    expect((await client.call(CREATE, reference())).status).toBe(1);
    expect((await client.call(CREATE, reference())).status).toBe(0);
  });

  test('that do not exist are refused', () => {
    const inject = (): void => device.faults.inject({ kind: 'explosion' as FaultKind });
    expect(inject).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('its end', () => {
  test('closes everything, twice if need be', async () => {
    const client = await openClient();
    device.faults.inject({ kind: 'silence' });
    client.send(frame(3, '', { serial: 900 }));
    await device[Symbol.asyncDispose]();
    await client.ended;
    expect(device.activity.openConnections).toBe(0);
    await device[Symbol.asyncDispose]();
    await expect(RawClient.connect(device.hypervisor)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('comes also while connections are refused', async () => {
    device.faults.inject({ kind: 'refuse' });
    await device[Symbol.asyncDispose]();
    device.faults.clear();
    await new Promise((resolve) => void setImmediate(resolve));
    await expect(RawClient.connect(device.hypervisor)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a client that breaks off at any point disturbs nobody', async () => {
    for (const bytes of ['', '0000', frame(66).toString('hex'), frame(1).toString('hex').slice(0, 40)]) {
      const socket = connect({ host: '127.0.0.1', port: device.hypervisor.port });
      socket.write(Buffer.from(bytes, 'hex'), () => socket.resetAndDestroy());
      await new Promise((resolve) => void socket.once('close', resolve));
    }
    await expect.poll(() => device.activity.openConnections).toBe(0);
    expect(await state(await openClient())).toBe(5);
  });
});

test('options that make no sense are refused, all at once', async () => {
  const error: unknown = await startVirtualDevice({ domain: { macAddresses: ['53:54:00:00:00:01'] } }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('multicast') as string });
  expect(optionIssues(error)).toEqual([]);
});
