import { writeFile } from 'node:fs/promises';
import type { JsonObject } from '@ferric/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomImage } from '../support/image-server.js';
import { enrolMachine, type Provisioning, scriptByPort, startProvisioning, startSimulatedMachine } from '../support/simulated-machine.js';

const MEBIBYTE = 1024 ** 2;

describe('the whole life of a simulated machine, from its network card to its own disk', () => {
  let provisioning: Provisioning;

  beforeAll(async () => {
    provisioning = await startProvisioning();
  });
  afterAll(() => provisioning[Symbol.asyncDispose]());

  test('inspected, cleaned, deployed, rescued, and given back', async () => {
    const { conductor, images } = provisioning;
    const { api } = conductor;
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(conductor) });
    const uuid = await enrolMachine(conductor, machine, 'whole', { automated_clean: true });

    const tokens = new Set<string>();
    const noteToken = (): void => void tokens.add(machine.boot.agent?.token?.reveal() ?? '');
    const inspected = await api.provision('whole', 'inspect', 'manageable');
    noteToken();
    expect(inspected['properties']).toMatchObject({ cpu_arch: 'x86_64', cpus: expect.any(Number), memory_mb: expect.any(Number), local_gb: 7 });
    expect(machine.device.state.power).toBe('power off');
    const inventory = (await api.call('GET', `/v1/nodes/${uuid}/inventory`))['inventory'] as JsonObject;
    expect(inventory['interfaces']).toEqual([expect.objectContaining({ mac_address: machine.mac })]);

    await machine.disk.write(0, Buffer.from('left by somebody else'));
    await api.provision('whole', 'provide', 'available');
    noteToken();
    expect((await machine.disk.read(0, 512)).every((byte) => byte === 0)).toBe(true);

    const image = randomImage(3 * MEBIBYTE);
    await api.call('PATCH', '/v1/nodes/whole', patch({ instance_info: { ...images.offer('whole.img', image) } }));
    const active = await api.provision('whole', 'active', 'active');
    expect(active).toMatchObject({ power_state: 'power on', last_error: null });
    expect((await machine.disk.read(0, image.length)).equals(image)).toBe(true);
    await expect.poll(() => machine.boot.running.kind).toBe('disk');
    expect(JSON.stringify(active)).not.toMatch(/agent_(url|secret|verify)/);

    await api.provision('whole', 'rescue', 'rescue', { rescue_password: 'let-me-in' });
    expect(machine.boot.running.kind).toBe('agent');
    noteToken();
    expect((await api.node('whole'))['instance_info']).not.toHaveProperty('rescue_password');
    await api.provision('whole', 'unrescue', 'active');
    await expect.poll(() => machine.boot.running.kind).toBe('disk');

    await api.provision('whole', 'deleted', 'available');
    expect((await machine.disk.read(0, 512)).every((byte) => byte === 0)).toBe(true);
    expect(machine.device.state.power).toBe('power off');

    const told = (await api.timeline('whole')).map(({ type, message }) => `${type} ${message}`);
    expect(told.filter((entry) => entry.startsWith('boot-file-fetched')).length).toBeGreaterThanOrEqual(2);
    const deployment = told.slice(told.findIndex((entry) => entry.includes('available -> deploying')));
    const way = ['boot-script-served', 'agent-looked-up', 'agent-reported', 'step-started deploy step 2 of 6: deploy.write_image', 'provision-state-changed deploying -> active'];
    const positions = way.map((entry) => deployment.findIndex((each) => each.startsWith(entry)));
    expect(positions.every((position) => position >= 0)).toBe(true);
    expect(positions.toSorted((a, b) => a - b)).toEqual(positions);

    // Each boot has a token of its own, which nobody sees but its agent.
    expect(tokens.size).toBe(3);
    const everything = JSON.stringify([await api.timeline('whole'), await api.node('whole'), conductor.log()]);
    for (const token of tokens) expect([token.length, everything.includes(token)]).toEqual([43, false]);
  });

  test('with a config drive made of parts, and an image from a folder of the conductor', async () => {
    const { conductor, files } = provisioning;
    const { api } = conductor;
    const image = randomImage(2 * MEBIBYTE);
    await writeFile(`${files.folder}/served.img`, image);
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(conductor) });
    await enrolMachine(conductor, machine, 'served');
    await api.provision('served', 'provide', 'available');
    await api.call('PATCH', '/v1/nodes/served', patch({ instance_info: { image_source: `file://${files.folder}/served.img`, image_disk_format: 'raw' } }));
    await api.provision('served', 'active', 'active', { configdrive: { meta_data: { name: 'served' }, user_data: '#!/bin/sh\necho hello\n' } });
    expect((await machine.disk.read(0, 440)).equals(image.subarray(0, 440))).toBe(true);
    const found = await findOnDisk(machine.disk, Buffer.from('CD001'));
    expect(found).toBeGreaterThan(image.length);
  });

  test('a machine that nobody knows is told nothing but a reference', async () => {
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(provisioning.conductor) });
    machine.device.state.power = 'power on';
    await expect.poll(() => machine.boot.console.join('\n')).toMatch(/Reference: req-/);
  });
});

function patch(fields: JsonObject): never {
  return Object.entries(fields).map(([name, value]) => ({ op: 'add', path: `/${name}`, value })) as never;
}

/** Where these bytes first stand on the disk, looked for in the last 80 MiB. */
async function findOnDisk(disk: { readonly sizeBytes: number; read(position: number, length: number): Promise<Buffer> }, bytes: Buffer): Promise<number> {
  const step = 4 * MEBIBYTE;
  for (let position = disk.sizeBytes - 20 * step; position < disk.sizeBytes; position += step) {
    const index = (await disk.read(position, Math.min(step, disk.sizeBytes - position))).indexOf(bytes);
    if (index >= 0) return position + index;
  }
  return -1;
}
