import { sampleNode } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createConductorAddress, type AddressSettings } from './conductor-address.js';

const spoke = sampleNode({ driverInternalInfo: { agent_conductor_url: 'http://192.0.2.1:6385' } });
const quiet = sampleNode();
const named = sampleNode({ driverInfo: { external_http_url: 'https://media.example/x/' } });
const open = (settings: Partial<AddressSettings> = {}) => createConductorAddress({ listening: Promise.resolve('http://127.0.0.1:6385'), ...settings });

test.each([
  ['where it listens, whatever somebody said who looked the machine up', {}, spoke, 'http://127.0.0.1:6385'],
  ['where it listens, when nothing else is known', {}, quiet, 'http://127.0.0.1:6385'],
  ['the configured one before all', { publicEndpoint: 'https://conductor.example/ironic//' }, spoke, 'https://conductor.example/ironic'],
] as const)('for a machine: %s', async (_case, settings, node, address) => {
  expect(await open(settings).forMachine(node)).toBe(address);
});

test.each([
  ['where it listens', {}, spoke, 'http://127.0.0.1:6385'],
  ['the public one', { publicEndpoint: 'https://conductor.example' }, quiet, 'https://conductor.example'],
  ['the one for media before that', { publicEndpoint: 'https://conductor.example', mediaEndpoint: 'http://10.0.0.1:6385/' }, quiet, 'http://10.0.0.1:6385'],
  ["the node's own before all", { mediaEndpoint: 'http://10.0.0.1:6385' }, named, 'https://media.example/x'],
] as const)('for a controller: %s', async (_case, settings, node, address) => {
  expect(await open(settings).forController(node)).toBe(address);
});

test.each(['http://0.0.0.0:6385', 'https://[::]:6385'])('%s is no address that others could use', async (url) => {
  const address = open({ listening: Promise.resolve(url) });
  for (const node of [quiet, spoke]) {
    await expect(address.forMachine(node)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('--public-endpoint') as string });
  }
  await expect(address.forController(quiet)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('--media-endpoint') as string });
  expect(await address.forController(named)).toBe('https://media.example/x');
});

test('for a controller there is none before the conductor listens: nothing could be loaded', async () => {
  const listening = Promise.withResolvers<string>();
  const address = open({ listening: listening.promise, mediaEndpoint: 'http://10.0.0.1' });
  let found: string | undefined;
  const finding = address.forController(quiet).then((each) => (found = each));
  const leaving = new AbortController();
  const left = [address.forController(quiet, leaving.signal), address.forMachine(quiet, leaving.signal)];
  leaving.abort('left');
  for (const each of left) await expect(each).rejects.toBe('left');
  expect(found).toBeUndefined();
  listening.resolve('http://127.0.0.1:1');
  expect(await finding).toBe('http://10.0.0.1');
});
