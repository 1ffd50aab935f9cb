import type { VirtualDevice } from '@ferric/core';
import { startVirtualDevice as startFake } from '@ferric/driver-fake/simulator';
import { startVirtualDevice as startWol } from '@ferric/driver-wol/simulator';
import { expect, test } from 'vitest';
import { createIronicClient } from '../../src/demo/ironic-client.js';
import type { LifeTools } from '../../src/demo/life-step.js';
import { describeMachine, lifeOf } from '../../src/demo/machine-life.js';
import { buildMachines, type DemoMachine } from '../../src/demo/virtual-rack.js';
import { runConductor } from '../support/running-conductor.js';

/** The controller of a package whose simulator tells of no power changes. */
function withoutWatch(device: VirtualDevice): VirtualDevice {
  const { watchPower: _unused, ...rest } = device;
  return rest;
}

async function live(machine: DemoMachine, tools: LifeTools): Promise<readonly string[]> {
  const told: string[] = [];
  for (const step of lifeOf(machine, tools)) told.push(`${step.title}: ${await step.run()}`);
  return told;
}

test('a controller without a machine is switched on, and deployed when nothing has to boot for it', async () => {
  await using running = await runConductor();
  await using stack = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const tools: LifeTools = { client: createIronicClient(running.conductor.url, signal), image: { bytes: Buffer.alloc(0), instanceInfo: {} }, signal };
  const devices = [stack.use(await startFake({ name: 'fake' })), stack.use(await startWol({ name: 'wol' }))].map(withoutWatch);
  const [fake, wol] = (await buildMachines(devices, tools.client, running.conductor.url, stack)) as [DemoMachine, DemoMachine];
  expect([fake.body, wol.body]).toEqual([undefined, undefined]);

  expect(await live(fake, tools)).toEqual([
    'enrol: driver fake-hardware', 'manage: its controller says power off', 'power on: the virtual machine is on', 'provide: available', 'deploy: active',
  ]);
  expect(await describeMachine(tools, fake)).toMatchObject({ name: 'fake', provisionState: 'active', powerState: 'power on', evidence: 'the machine itself is on' });

  const [last = ''] = (await live(wol, tools)).slice(-1);
  expect(last).toMatch(/^deploy: not possible with a controller alone: .*deploy_kernel/s);
  expect(await describeMachine(tools, wol)).toMatchObject({ driver: 'staging-wol', provisionState: 'available', powerState: 'power on', evidence: 'the machine itself is on' });
});

test('a machine that could not be enrolled has a row in the table all the same', async () => {
  await using running = await runConductor();
  await using device = await startFake({ name: 'absent' });
  const { signal } = new AbortController();
  const tools: LifeTools = { client: createIronicClient(running.conductor.url, signal), image: { bytes: Buffer.alloc(0), instanceInfo: {} }, signal };
  expect(await describeMachine(tools, { device, uuid: '00000000-0000-4000-8000-000000000000', body: undefined })).toEqual({
    name: 'absent', driver: 'fake-hardware', provisionState: 'unknown', powerState: 'unknown', evidence: 'the machine itself is off',
  });
});
