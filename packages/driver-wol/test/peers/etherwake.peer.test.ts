import { Secret } from '@ferric/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeMagicPacket, encodeMagicPacket } from '../../src/client/index.js';
import { findMagicPattern } from '../../src/simulator/magic-pattern.js';
import { fromHex, GOLDEN_MAC, toHex } from '../golden.js';
import { startCapture } from './capture.js';
import { createNetworkLab, type Namespace, type NetworkLab } from './network-lab.js';
import { findTool } from './tools.js';

let lab: NetworkLab | undefined;
let sender: Namespace;
let receiver: Namespace;

beforeAll(async () => {
  lab = createNetworkLab();
  sender = await lab.namespace();
  receiver = await lab.namespace();
  await lab.cable({ namespace: sender, interface: 'out0', addresses: [] }, { namespace: receiver, interface: 'in0', addresses: [] });
});

afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

/** Lets etherwake send one raw Ethernet frame over a cable; yields the frame as it arrived. */
async function sendByEtherwake(...args: readonly string[]): Promise<Uint8Array> {
  await using capture = await startCapture(receiver, 'in0', 'ether proto 0x0842');
  await sender.run(findTool('etherwake'), '-i', 'out0', ...args, GOLDEN_MAC);
  await expect.poll(() => capture.frames.length, { timeout: 10_000 }).toBe(1);
  return capture.frames[0] ?? new Uint8Array();
}

const HEADER_BYTES = 14;

test.each([
  ['without password', [], undefined],
  ['to everybody', ['-b'], undefined],
  ['with a password of 6 bytes', ['-b', '-p', '00:22:44:66:88:aa'], '00:22:44:66:88:aa'],
  ['with a password of 4 bytes', ['-b', '-p', '192.168.1.1'], '192.168.1.1'],
] as const)('etherwake of Debian %s sends the bytes that we send', async (_case, args, secureOn) => {
  const frame = await sendByEtherwake(...args);
  expect(toHex(frame.subarray(12, HEADER_BYTES))).toBe('0842');
  const ours = encodeMagicPacket(GOLDEN_MAC, secureOn === undefined ? undefined : new Secret(secureOn));
  expect(toHex(frame.subarray(HEADER_BYTES))).toBe(toHex(ours));
});

test('client and simulator find the pattern in the whole frame', async () => {
  const frame = await sendByEtherwake('-b', '-p', '00:22:44:66:88:aa');
  expect(frame.subarray(0, 6)).toEqual(fromHex('ffffffffffff'));
  const { mac, secureOn } = decodeMagicPacket(frame);
  expect([mac, secureOn?.reveal()]).toEqual([GOLDEN_MAC, '00:22:44:66:88:aa']);
  expect(findMagicPattern(frame)).toEqual({ mac: GOLDEN_MAC, secureOnHex: '0022446688aa' });
});
