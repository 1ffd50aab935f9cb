import { Secret, TranscriptRecorder } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAmtClient } from '../../src/client/amt-client.js';
import type { AmtClient } from '../../src/client/index.js';
import { type AmtDevice, type AmtDeviceOptions, startAmtDevice } from '../../src/simulator/index.js';

let device: AmtDevice;
let client: AmtClient;
let transcript: TranscriptRecorder;

async function start(options: AmtDeviceOptions): Promise<void> {
  device = await startAmtDevice(options);
  transcript = new TranscriptRecorder();
  const { host, port, tlsPort, username, certificate } = device;
  const access = certificate === undefined ? { protocol: 'http' as const, port } : { protocol: 'https' as const, port: tlsPort, tls: { fingerprint: certificate.fingerprint } };
  client = createAmtClient({ ...access, host, username, password: new Secret(device.password), awakeIntervalMs: 0, transcript });
}

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
});

describe.each([5, 6, 9, 11, 12, 15, 16] as const)('AMT %d', (generation) => {
  beforeEach(() => start({ generation }));

  test('tells what it is made of, and has what the generation has', async () => {
    const inventory = await client.inventory.readInventory();
    expect(inventory.unreadableClasses).toEqual({});
    expect(inventory.missingClasses).toEqual([]);
    expect(inventory.system?.name).toBe('ManagedSystem');
    expect(inventory.networkPorts?.[0]?.macAddress).toBe(device.machine.identity.macAddress);
    expect(inventory.firmware?.amt).toMatch(new RegExp(`^${generation}\\.`));
    expect(inventory.memoryModules).not.toEqual([]);
    expect(inventory.uuid).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  test('reads its settings and its logs', async () => {
    expect(await client.settings.readControlMode()).toMatchObject({ mode: 'admin control' });
    expect((await client.settings.readGeneral()).digestRealm).toBe(device.machine.identity.realm);
    expect((await client.consent.read()).supported).toBe(generation > 5);
    const events = await client.logs.readEvents();
    expect(events.map(({ message }) => message)).toContain('Authentication failed 10 times');
    expect((await client.logs.readEventLogStatus()).records).toBe(events.length);
  });
});

describe('AMT 15', () => {
  test('settings', async () => {
    await start({});
    expect((await client.settings.readTls()).network?.enabled).toBe(false);
    expect(await client.settings.readRedirection()).toMatchObject({ sol: true, ideRedirection: true });
    expect((await client.settings.readKvm()).state).toBeTypeOf('string');
    expect((await client.settings.readPowerPackages()).packages.length).toBeGreaterThan(0);
    expect((await client.settings.readEnvironmentDetection()).domains).toBeInstanceOf(Array);
    expect((await client.settings.readUserConnection()).state).toBeTypeOf('string');
  });

  test('a full event log, and clearing it', async () => {
    await start({});
    const [sample] = device.machine.events.records;
    if (sample === undefined) return expect.fail('no event');
    while (device.machine.events.records.length < 390) device.machine.events.add(sample);
    expect(await client.logs.readEvents()).toHaveLength(390);
    await client.logs.clearEvents();
    expect(await client.logs.readEvents()).toEqual([]);
  });

  test('the audit log', async () => {
    await start({});
    expect((await client.logs.readAudit()).length).toBe((await client.logs.readAuditLogStatus()).records);
  });

  test('the clock is set once', async () => {
    await start({});
    device.machine.clock.offsetMs = -3_600_000;
    expect((await client.clock.read()).aheadMs).toBeLessThan(-3_598_000);
    expect((await client.clock.synchronise()).changed).toBe(true);
    expect(Math.abs(device.machine.clock.offsetMs)).toBeLessThanOrEqual(2000);
    expect((await client.clock.synchronise()).changed).toBe(false);
  });

  test('alarms: added, listed, refused, deleted', async () => {
    await start({});
    const startsAt = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000);
    const names = ['<night> & "day"', 'b', 'c', 'd', 'e'];
    const added = await client.clock.addAlarm({ name: '<night> & "day"', startsAt, intervalMs: 86_400_000 });
    expect(await client.clock.listAlarms()).toEqual([added]);
    await expect(client.clock.addAlarm({ name: '<night> & "day"', startsAt })).rejects.toMatchObject({ code: 'CONFLICT', message: 'There is an alarm "<night> & \\"day\\"" already' });
    for (const name of names.slice(1)) await client.clock.addAlarm({ name, startsAt });
    await expect(client.clock.addAlarm({ name: 'one too many', startsAt })).rejects.toMatchObject({ code: 'CONFLICT', message: 'There are 5 alarms, and the device holds no more' });
    for (const name of names) await client.clock.deleteAlarm(name);
    expect(await client.clock.listAlarms()).toEqual([]);
    await expect(client.clock.deleteAlarm('b')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no alarm "b"' });
  });

  test('consent in client control mode: shown, read out, given, taken back', async () => {
    await start({ controlMode: 'client' });
    expect(await client.settings.readControlMode()).toMatchObject({ mode: 'client control' });
    expect(await client.consent.read()).toMatchObject({ required: 'all', state: 'not started', granted: false, blocksBootAndRedirection: true });
    await expect(client.consent.sendCode('123456')).rejects.toMatchObject({ code: 'CONFLICT' });
    await client.consent.start();
    expect((await client.consent.read()).state).toBe('displayed');
    const code = device.machine.consent.code ?? expect.fail('no code on the screen');
    await expect(client.consent.sendCode(code === '000000' ? '111111' : '000000')).rejects.toMatchObject({ code: 'REFUSED' });
    await client.consent.sendCode(code);
    const sent = transcript.frames.map(({ payload }) => String(payload)).filter((payload) => payload.includes('OptInCode>'));
    expect(sent).toHaveLength(3);
    expect(sent.filter((payload) => payload.includes(`>${code}<`))).toEqual([]);
    expect(await client.consent.read()).toMatchObject({ state: 'received', granted: true, blocksBootAndRedirection: false });
    await client.consent.cancel();
    expect(await client.consent.read()).toMatchObject({ state: 'not started', granted: false });
  });
});
