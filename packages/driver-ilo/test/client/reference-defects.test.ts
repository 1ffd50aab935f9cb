import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { GENERATIONS } from '../../src/simulator/index.js';
import { clientOf, failure, passTime, startBench } from './bench.js';
import { meddle } from './meddle.js';

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

// What proliantutils gets wrong; each must not happen here.

describe.each(GENERATIONS)('%s', (generation) => {
  test('every interface is asked at the given port', async () => {
    const asked = new Map<string, number>();
    const { ilo, client } = await startBench({ generation });
    const other = clientOf(ilo, { port: await freePort() });
    meddle(({ url = '' }) => {
      const face = /^\/(?:redfish|rest|ribcl|xmldata)/.exec(url)?.[0] ?? url;
      asked.set(face, (asked.get(face) ?? 0) + 1);
      return false;
    });
    // Nobody listens there: the same controller at another port is another one.
    expect((await failure(other.power.read({ timeoutMs: 5000 }))).code).toBe('UNREACHABLE');
    expect(asked.size).toBe(0);
    for (const call of [client.power.read, client.bootMode.read, client.firmware.read, client.inventory.read]) await call();
    const faces = { gen8: ['/redfish', '/rest', '/xmldata', '/ribcl'], gen9: ['/redfish', '/rest', '/ribcl'], gen10: ['/redfish'], gen11: ['/redfish'] }[generation];
    expect([...asked.keys()].toSorted()).toEqual(faces.toSorted());
    expect([...asked.values()].reduce((sum, count) => sum + count, 0)).toBe(ilo.activity.requests);
  });

  test('every interface heeds the given timeout', { timeout: 60_000 }, async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation, clock }, { clock, timeoutMs: 20_000 });
    await passTime(clock, client.power.read(), 25);
    ilo.faults.inject({ kind: 'silence' });
    // One whole health report may take longer than other answers, and has a time of its own.
    const sensors = generation === 'gen8' ? [] : [() => client.sensors.read()];
    for (const call of [() => client.power.read(), () => client.virtualMedia.read(), () => client.eventLog.read(), () => client.licence.read(), ...sensors]) {
      const startedAt = clock.monotonicMs();
      expect((await passTime(clock, failure(call()))).code).toBe('TIMEOUT');
      expect(clock.monotonicMs() - startedAt).toBe(20_000);
    }
    // Or the client waits in vain for its session to be closed.
    ilo.faults.clear();
    await passTime(clock, client[Symbol.asyncDispose]());
  });

  test('every call heeds its own timeout and its abort', async () => {
    const { ilo, client } = await startBench({ generation });
    ilo.faults.inject({ kind: 'silence' });
    expect((await failure(client.sensors.read({ timeoutMs: 100 }))).code).toBe('TIMEOUT');
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = client.inventory.read({ signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test('a boot device is set as soon as the self-test allows it', async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation, clock, post: { inPostMs: 60_000, heldForReads: 0 } }, { clock });
    await passTime(clock, client.power.set('power on'));
    const setting = client.bootDevice.set('pxe', { persistent: false });
    // It is never refused there, and a self-test that ends uses the choice.
    await (generation === 'gen8' ? setting : passTime(clock, setting));
    expect(await client.bootDevice.read()).toMatchObject({ device: 'pxe', persistent: false });
    expect(ilo.machine.power.isOn).toBe(true);
  });
});

test.each(['gen9', 'gen10', 'gen11'] as const)('%s: a boot device that is refused for the whole self-test ends with the deadline', async (generation) => {
  const clock = createFakeClock();
  const { ilo, client } = await startBench({ generation, clock, post: { inPostMs: 600_000 } }, { clock, pauses: { postMs: 10_000 } });
  await passTime(clock, client.power.set('power on'));
  const error = await passTime(clock, failure(client.bootDevice.set('pxe', { persistent: false }, { timeoutMs: 45_000 })));
  expect(error).toMatchObject({ code: 'BUSY', retryable: true });
  expect(error.details['messageId']).toMatch(/UnableToModifyDuringSystemPOST$/);
  expect(ilo.machine.boot.override.enabled).toBe('Disabled');
});

test.each(['gen9', 'gen10'] as const)('%s: what takes many exchanges has the time that the caller gives it, and each of them its own', async (generation) => {
  const clock = createFakeClock();
  const { ilo, client } = await startBench({ generation, clock }, { clock, timeoutMs: 150_000 });
  await passTime(clock, client.power.read());
  ilo.behaviour.delayMs = 80_000;
  await passTime(clock, client.accounts.changePassword(new Secret('an0ther-Passw0rd'), { timeoutMs: 3_600_000 }), 1000);
  expect(ilo.activity.operations).toEqual({ 'change password': 1 });
  ilo.behaviour.delayMs = 200_000;
  const startedAt = clock.monotonicMs();
  expect((await passTime(clock, failure(client.power.read({ timeoutMs: 3_600_000 })), 1000)).code).toBe('TIMEOUT');
  expect(clock.monotonicMs() - startedAt).toBeLessThan(200_000);
});

test.each(['gen9', 'gen10'] as const)('%s: UEFI mode is set where there is no UefiOptimizedBoot', async (generation) => {
  const { ilo, client } = await startBench({ generation, bootMode: 'bios', absentBiosAttributes: ['UefiOptimizedBoot'], behaviour: { ribcl: false } });
  await client.bootMode.set('uefi');
  ilo.machine.power.put(true);
  expect(ilo.machine.bios.mode).toBe('uefi');
  expect((await client.bios.result()).outcome).toBe('success');
});

test.each(['gen9', 'gen10'] as const)('%s: UefiOptimizedBoot is set where there is one', async (generation) => {
  const { ilo, client } = await startBench({ generation, bootMode: 'bios' });
  await client.bootMode.set('uefi');
  expect(ilo.machine.bios.pending['UefiOptimizedBoot']).toBe('Enabled');
});

test('gen11: an inventory does without SmartStorage', async () => {
  const { client } = await startBench({ generation: 'gen11' });
  const { capabilities, localGigabytes } = await client.inventory.read();
  expect(capabilities).toMatchObject({ has_rotational: 'true', hardware_supports_raid: 'true' });
  expect(localGigabytes).toBe(557);
});

test.each(['2.71', '2.72'])('gen10 with iLO 5 %s: the link to PCI devices may be an object or a list', async (firmwareVersion) => {
  const { client } = await startBench({ generation: 'gen10', firmwareVersion });
  expect((await client.inventory.read()).capabilities).toMatchObject({ pci_gpu_devices: '1', nic_capacity: '1Gb' });
});

test('gen9: an image is inserted without the property that iLO 4 refuses', async () => {
  const { ilo, client } = await startBench({ generation: 'gen9' });
  await client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso'));
  expect(ilo.machine.media.cdrom.image).toBe('http://192.0.2.1/a.iso');
});

test.each(['gen9', 'gen10', 'gen11'] as const)('%s: a server that is through its self-test between two looks is on', async (generation) => {
  const { ilo, client } = await startBench({ generation, post: { inPostMs: 0, discoveryCompleteMs: 0, heldForReads: 0 } });
  expect(await client.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  expect(ilo.activity.operations).toEqual({ 'power on': 1 });
});

test('gen9: secure boot is taken up, which needs a change of the BIOS beside it', async () => {
  const { ilo, client } = await startBench({ generation: 'gen9' });
  await client.secureBoot.set(true);
  expect(ilo.machine.bios.isChanging).toBe(true);
  ilo.machine.power.put(true);
  expect(ilo.machine.secureBoot?.isOn).toBe(true);
});

test('gen9: the password of the BIOS is sent as iLO 4 wants it', async () => {
  const { ilo, client } = await startBench({ generation: 'gen9' });
  ilo.machine.bios.adminPassword = 'bios-secret';
  const refused = await failure(client.bios.apply({ Sriov: 'Disabled' }, { biosPassword: new Secret('wrong') }));
  expect(refused.code).toBe('REFUSED');
  await client.bios.apply({ Sriov: 'Disabled' }, { biosPassword: new Secret('bios-secret') });
  expect(ilo.machine.bios.pending['Sriov']).toBe('Disabled');
  expect((await failure(client.bios.factoryReset())).code).toBe('REFUSED');
  await client.bios.factoryReset({ biosPassword: new Secret('bios-secret') });
  expect(ilo.machine.bios.pending['Sriov']).not.toBe('Disabled');
});

test.each(['gen10', 'gen11'] as const)('%s: a password of the BIOS is not taken without a word where it has no effect', async (generation) => {
  const { ilo, client } = await startBench({ generation });
  const biosPassword = new Secret('bios-secret');
  for (const call of [() => client.bios.apply({ Sriov: 'Disabled' }, { biosPassword }), () => client.bios.factoryReset({ biosPassword })]) {
    const error = await failure(call());
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.message).toContain('biosPassword');
  }
  expect(ilo.activity.changeCommands).toBe(0);
});
