import { fileURLToPath } from 'node:url';
import { findFile, run } from '@ferric/lab';
import { expect, test } from 'vitest';
import { startConfigured, USER } from './simulator-bench.js';

interface Seen {
  readonly power: readonly string[];
  readonly boot: unknown;
  readonly sensors: Readonly<Record<string, unknown>>;
  readonly inventory: Readonly<Record<string, unknown>>;
  readonly events: unknown;
  readonly device: readonly number[];
  readonly network: unknown;
  readonly users: unknown;
}

test('pyghmi sees what the simulator was told to be', async () => {
  findFile('python3-pyghmi', '/usr/lib/python3/dist-packages/pyghmi/ipmi/command.py');
  await using bmc = await startConfigured();
  const told = { host: bmc.host, port: bmc.port, user: USER.name, password: USER.password };
  const client = fileURLToPath(new URL('simulator_client.py', import.meta.url));
  const seen = JSON.parse(await run('/usr/bin/python3', [client], { input: JSON.stringify(told), timeoutMs: 60_000 })) as Seen;
  expect(seen.power).toEqual(['off', 'on', 'off', 'on']);
  expect(seen.boot).toEqual({ bootdev: 'network', persistent: true, uefimode: true });
  expect(bmc.machine).toMatchObject({ power: 'power on', bootChoice: { device: 'pxe', efi: true, persistent: true } });
  expect(seen.sensors).toMatchObject({ 'CPU1 Temp': [41, []], 'Fan 1': [5400, []], 'PS1 Input': [112, []], 'PS1 Status': [null, ['Present']] });
  expect(seen.inventory).toMatchObject({ 'Board serial number': 'VBS0001', 'Product name': 'Virtual Server', 'Serial Number': 'VSS0001', 'Asset Number': 'ASSET-1' });
  expect(seen.events).toEqual([
    ['Event Log', 'Log clear', Date.UTC(2026, 0, 15, 12, 0) / 1000],
    ['CPU1 Temp', 'Upper non-critical', Date.UTC(2026, 0, 15, 12, 10) / 1000],
    ['CPU1 Temp', 'Upper non-critical deasserted', Date.UTC(2026, 0, 15, 12, 11) / 1000],
  ]);
  expect(Buffer.from(seen.device).toString('hex')).toBe('4205073102df570100bc0adeadbeef');
  expect(seen.network).toMatchObject({ ipv4_address: '198.51.100.7/23', mac_address: '52:54:00:aa:bb:cc', ipv4_gateway: '198.51.100.1', ipv4_configuration: 'Static' });
  expect(seen.users).toEqual([[2, 'admin', 'administrator'], [3, 'operator', 'operator']]);
  expect(bmc.activity).toMatchObject({ openSessions: 0, authenticationAttempts: 1 });
});
