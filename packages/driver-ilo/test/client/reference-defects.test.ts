import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { GENERATIONS } from '../../src/simulator/index.js';
import { failure, startBench } from './bench.js';

// What proliantutils gets wrong; each must not happen here.

describe.each(GENERATIONS)('%s', (generation) => {
  test('every interface is asked at the given port', async () => {
    const { ilo, client } = await startBench({ generation });
    // The simulator listens at a free port, never at 443: whatever is answered was asked there.
    expect(ilo.port).not.toBe(443);
    await client.power.read();
    await client.bootMode.read();
    await client.firmware.read();
    await client.inventory.read();
    expect(ilo.activity.requests).toBeGreaterThan(3);
  });

  test('every interface heeds the given timeout', async () => {
    const { ilo, client } = await startBench({ generation }, { timeoutMs: 150 });
    await client.power.read();
    ilo.faults.inject({ kind: 'silence' });
    for (const call of [() => client.power.read(), () => client.sensors.read(), () => client.virtualMedia.read(), () => client.eventLog.read()]) {
      const startedAt = performance.now();
      expect((await failure(call())).code).toBe('TIMEOUT');
      // One whole health report may take longer than other answers, and has a time of its own.
      if (generation !== 'gen8') expect(performance.now() - startedAt).toBeLessThan(1500);
      if (generation === 'gen8') break;
    }
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

  test('a boot device is set as soon as the self-test is over', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.set('power on');
    await client.bootDevice.set('pxe', { persistent: false });
    expect(await client.bootDevice.read()).toMatchObject({ device: 'pxe', persistent: false });
    expect(ilo.machine.power.isOn).toBe(true);
  });
});

test.each(['gen9', 'gen10', 'gen11'] as const)('%s: a boot device that is refused for the whole self-test ends with the deadline', async (generation) => {
  const { ilo, client } = await startBench({ generation, post: { inPostMs: 60_000 } });
  await client.power.set('power on');
  const error = await failure(client.bootDevice.set('pxe', { persistent: false }, { timeoutMs: 400 }));
  expect(error).toMatchObject({ code: 'BUSY', retryable: true });
  expect(error.details['messageId']).toMatch(/UnableToModifyDuringSystemPOST$/);
  expect(ilo.machine.boot.override.enabled).toBe('Disabled');
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
});
