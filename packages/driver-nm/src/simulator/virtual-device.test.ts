import { createIpmiClient } from '@ferric/ipmi-raw-buffer';
import { expect, test } from 'vitest';
import { startVirtualDevice } from './virtual-device.js';

const request = (command: number, ...body: readonly number[]) =>
  ({ netFn: 0x2e, command, data: Uint8Array.of(0x57, 0x01, 0x00, ...body), bridge: [{ channel: 6, address: 0x88 }] }) as const;

test('a machine whose Node Manager is where its options say, and which counts its changes', async () => {
  await using device = await startVirtualDevice({ name: 'one', nodeManager: { slaveAddress: 0x88, channel: 6, version: [2, 1, 9, 4, 5] } });
  expect(device).toMatchObject({ name: 'one', hardwareType: 'staging-nm', state: { power: 'power off' }, access: { host: '127.0.0.1', port: device.bmc.port, username: 'admin' } });
  await using client = createIpmiClient(device.access);
  expect(Buffer.from((await client.raw(request(0xca))).data).toString('hex')).toBe('5701000201090405');
  const before = device.activity.changeCommands;
  expect(await client.raw(request(0xc0, 0x00, 0x00, 0x00))).toMatchObject({ completionCode: 0 });
  expect([device.nodeManager.globalEnabled, device.activity.changeCommands - before]).toEqual([false, 1]);
  expect(device.activity).toMatchObject({ openConnections: 1, authenticationAttempts: 1, mostConcurrentExchanges: 1 });
});

test('a machine without one', async () => {
  await using device = await startVirtualDevice({ nodeManager: null });
  await using client = createIpmiClient(device.access);
  await expect(client.raw({ ...request(0xca), bridge: [{ channel: 0, address: 0x2c }] })).rejects.toMatchObject({ details: { command: '0x34' } });
});
