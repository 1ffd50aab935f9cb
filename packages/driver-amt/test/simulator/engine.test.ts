import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { type AmtDevice, type EngineMode, POWER_STATE, startAmtDevice } from '../../src/simulator/index.js';
import { placeOf } from './support/caller.js';
import { openRaw } from './support/raw-http.js';

const PAGE = 'GET / HTTP/1.1\r\nHost: amt\r\n\r\n';

/** True when a connection is let in and answered. */
async function isThere(device: AmtDevice): Promise<boolean> {
  using raw = await openRaw(placeOf(device));
  raw.send(PAGE);
  return await raw.answer().then(() => true, () => false);
}

async function start(engine: EngineMode): Promise<readonly [AmtDevice, FakeClock]> {
  const clock = createFakeClock();
  return [await startAmtDevice({ engine, idleMs: 1000 }, clock), clock];
}

test('an engine that is always on does not sleep', async () => {
  const [device, clock] = await start('always');
  await using _device = device;
  await clock.advance(86_400_000);
  expect([await isThere(device), device.activity.wakes]).toEqual([true, 0]);
});

test('an engine that is on with the machine is gone with it', async () => {
  const [device, clock] = await start('with the machine');
  await using _device = device;
  expect([await isThere(device), await isThere(device), device.activity.lostConnections]).toEqual([false, false, 2]);
  await clock.advance(86_400_000);
  expect(await isThere(device)).toBe(false);
  device.machine.power.state = POWER_STATE.on;
  expect(await isThere(device)).toBe(true);
});

test('an engine that sleeps does so when the machine does not run and nobody asks; what comes then wakes it and is lost', async () => {
  const [device, clock] = await start('sleeps');
  await using _device = device;
  await clock.advance(59_999);
  expect([device.engine.isAsleep, await isThere(device)]).toEqual([false, true]);
  await clock.advance(60_000);
  expect(device.engine.isAsleep).toBe(true);
  expect([await isThere(device), await isThere(device)]).toEqual([false, false]);
  await clock.advance(499);
  expect(await isThere(device)).toBe(false);
  await clock.advance(1);
  expect([await isThere(device), device.activity.wakes, device.activity.lostConnections]).toEqual([true, 1, 3]);
  device.machine.power.state = POWER_STATE.on;
  await clock.advance(3_600_000);
  expect([device.engine.isAsleep, await isThere(device)]).toEqual([false, true]);
});

test('the silence that it takes is a setting of AMT', async () => {
  const [device, clock] = await start('sleeps');
  await using _device = device;
  device.machine.settings.write('AMT_GeneralSettings', '', { IdleWakeTimeout: 3 });
  await clock.advance(179_999);
  expect(device.engine.isAsleep).toBe(false);
  await clock.advance(1);
  expect(device.engine.isAsleep).toBe(true);
});

test('it may be put to sleep, and be silent instead of closing', async () => {
  const clock = createFakeClock();
  await using device = await startAmtDevice({}, clock);
  device.engine.loses = 'silence';
  device.engine.sleep();
  using raw = await openRaw(placeOf(device));
  raw.send(PAGE);
  await expect.poll(() => device.activity.lostConnections).toBe(1);
  await clock.advance(500);
  using next = await openRaw(placeOf(device));
  next.send(PAGE);
  expect([(await next.answer()).status, raw.unread().length, raw.socket.destroyed, device.activity.openConnections]).toEqual([200, 0, false, 1]);
});
