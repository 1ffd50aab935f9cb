import { errorCode } from '@ferric/core';
import { expect, test } from 'vitest';
import { createIloBench } from '../test/ilo-bench.js';
import { createIloDrivers } from './ilo-driver.js';
import { createFakeIlo } from '../test/fake-ilo.js';
import { HOLD_OFF_MS } from './client-pool.js';
import { iloDriverInfo } from './ilo-options.js';

const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no error', errorCode);

test('nothing is made before the first call, and then one client for all devices of an iLO', async () => {
  await using bench = createIloBench();
  const other = bench.open();
  expect(bench.ilo.opened).toBe(0);
  await bench.device.power.read();
  await other.power.read();
  expect(bench.ilo.opened).toBe(1);
  await bench.open({ ilo_username: 'someone' }).power.read();
  await bench.open({ client_port: 8443 }).power.read();
  await bench.open({ client_timeout: 5 }).power.read();
  await bench.open({ ilo_tls_profile: 'legacy' }).power.read();
  expect(bench.ilo.settings.map(({ username, port, timeoutMs, tls }) => [username, port, timeoutMs, tls?.profile])).toEqual([
    ['admin', 443, 60_000, 'modern'], ['someone', 443, 60_000, 'modern'], ['admin', 8443, 60_000, 'modern'], ['admin', 443, 5000, 'modern'], ['admin', 443, 60_000, 'legacy'],
  ]);
});

test('the two drivers of a plugin share their clients, which live until both are closed', async () => {
  const ilo = createFakeIlo();
  const [first, second] = createIloDrivers({ createClient: ilo.create });
  expect.assert(first !== undefined && second !== undefined);
  const info = iloDriverInfo.parse({ ilo_address: '192.0.2.10', ilo_username: 'admin', ilo_password: 'first' });
  await first.open(info).power.read();
  await second.open(info).power.read();
  expect(ilo.opened).toBe(1);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  expect(ilo.closed).toBe(0);
  await second[Symbol.asyncDispose]();
  expect(ilo.closed).toBe(1);
});

test('a client is kept for a while after its last device was closed', async () => {
  await using bench = createIloBench();
  await bench.device.power.read();
  await bench.device[Symbol.asyncDispose]();
  await bench.clock.advance(299_000);
  await bench.open().power.read();
  await bench.clock.advance(600_000);
  expect([bench.ilo.opened, bench.ilo.closed]).toEqual([1, 0]);
  const third = bench.open();
  await third.power.read();
  await third[Symbol.asyncDispose]();
});

test('one that nobody uses any more is closed', async () => {
  await using bench = createIloBench();
  await bench.device.power.read();
  await bench.device[Symbol.asyncDispose]();
  await bench.clock.advance(300_000);
  expect([bench.ilo.opened, bench.ilo.closed]).toEqual([1, 1]);
});

test('refused credentials are not tried again at once, by no device, and then with a new client', async () => {
  await using bench = createIloBench();
  bench.ilo.password = 'other';
  for (const device of [bench.device, bench.device, bench.open()]) expect(await codeOf(device.power.read())).toBe('AUTH_FAILED');
  expect(bench.ilo.refused).toBe(1);
  bench.ilo.password = 'first';
  await bench.clock.advance(HOLD_OFF_MS - 1);
  expect(await codeOf(bench.device.power.read())).toBe('AUTH_FAILED');
  await bench.clock.advance(1);
  expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
  expect([bench.ilo.opened, bench.ilo.closed]).toEqual([2, 1]);
});

test('old TLS is warned of', async () => {
  await using bench = createIloBench();
  await bench.device.power.read();
  bench.ilo.settings[0]?.onLegacyTls?.({ peer: { host: '192.0.2.10', port: 443 }, protocol: 'TLSv1', cipher: 'AES128-SHA' });
  expect(bench.host.logger.at('warn').map(({ fields }) => fields)).toEqual([{ address: '192.0.2.10:443', protocol: 'TLSv1', cipher: 'AES128-SHA' }]);
});
