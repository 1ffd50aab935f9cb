import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { type Hypervisor, openWitness, type Witness } from '../libvirtd/witness.ts';
import { run } from '../system/programs.ts';
import { startPeerVirtualDevice } from './peer-virtual-device.ts';

let libvirtd: PrivateLibvirtd;
beforeAll(async () => void (libvirtd = await startPrivateLibvirtd({ unixAuth: 'sasl' })));
afterAll(async () => libvirtd?.[Symbol.asyncDispose]());

describe.each(['test', 'qemu'] as const)('a machine of the %s driver', (hypervisor: Hypervisor) => {
  let witness: Witness;
  beforeAll(async () => void (witness = await openWitness(libvirtd, hypervisor)));
  afterAll(async () => witness?.[Symbol.asyncDispose]());

  test.each(['unix', 'tcp'] as const)('is reached through %s, and counts what virsh does', async (transport) => {
    await using device = await startPeerVirtualDevice({ libvirtd, witness, transport });
    const uri = device.driverInfo['libvirt_uri'] as string;
    const virsh = (...args: readonly string[]): Promise<string> => run('virsh', ['--quiet', '--connect', uri, ...args], { env: libvirtd.environment });
    expect([device.state.power, device.activity.connections]).toEqual(['power off', 0]);
    await virsh('start', device.domain);
    expect(device.state.power).toBe('power on');
    expect(await virsh('domiflist', device.domain)).toContain(device.ports[0]?.address);
    await virsh('destroy', device.domain);
    expect(device.state.power).toBe('power off');
    // virsh is gone as soon as it has answered; that its connection is closed shows at the proxy a moment later.
    await expect.poll(() => device.activity.openConnections).toBe(0);
    expect(device.activity).toMatchObject({ connections: 3, changeCommands: 2, authenticationAttempts: transport === 'unix' ? 3 : 0 });
    expect(device.wrongDriverInfo === undefined).toBe(transport === 'tcp');
  });

  test('is set by whoever stands at it, and keeps its boot device in its definition', async () => {
    await using device = await startPeerVirtualDevice({ libvirtd, witness });
    for (const power of ['power on', 'power on', 'power off', 'power on'] as const) {
      device.state.power = power;
      expect(device.state.power).toBe(power);
    }
    expect(device.state.bootDevice).toEqual({ device: 'disk', persistent: null });
    expect(device.activity.changeCommands).toBe(0);
  });

  test('is gone when it is disposed', async () => {
    const device = await startPeerVirtualDevice({ libvirtd, witness });
    device.state.power = 'power on';
    await device[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    expect(witness.exists(device.domain)).toBe(false);
    expect(existsSync(`${libvirtd.directory}/${device.domain}.sock`)).toBe(false);
  });
});

test('a proxy does not stand in front of what it cannot read', async () => {
  await using encrypted = await startPrivateLibvirtd({ tcpAuth: 'sasl' });
  await using witness = await openWitness(encrypted, 'test');
  await expect(startPeerVirtualDevice({ libvirtd: encrypted, witness, transport: 'tcp' })).rejects.toThrow('TCP with SASL');
  expect(witness.command('list', '--all', '--name')).toBe('test');
});
