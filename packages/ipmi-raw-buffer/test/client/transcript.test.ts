import { TranscriptRecorder } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { startBench } from './bench-client.js';

const asText = (payload: Uint8Array | string): string => Buffer.from(payload).toString('hex');
const PASSWORD = 'planted-password';

describe('the transcript', () => {
  test('has every packet in clear, with its name', async () => {
    const transcript = new TranscriptRecorder();
    const { client } = startBench({ transcript, cipherSuite: 3 });
    await client.raw({ netFn: 0x06, command: 0x01 }, { step: 'Get Device ID' });
    await client.raw({ netFn: 0x2e, command: 0x99 });
    await client[Symbol.asyncDispose]();
    expect(transcript.frames.map(({ direction, label }) => `${direction} ${label}`)).toEqual([
      'out open session request', 'in open session response', 'out RAKP 1', 'in RAKP 2', 'out RAKP 3', 'in RAKP 4',
      'out Set Session Privilege Level', 'in Set Session Privilege Level', 'out Get Device ID', 'in Get Device ID',
      'out request 2e/99', 'in request 2e/99', 'out Close Session', 'in Close Session',
    ]);
    const [, , , , , , privilege] = transcript.frames;
    expect(privilege).toMatchObject({ protocol: 'ipmi', peer: 'udp 192.0.2.10:623' });
    expect(asText(privilege?.payload ?? '')).toBe('2018c881003b0440');
    expect(asText(transcript.frames[9]?.payload ?? '')).toMatch(/^811c63200401000309/);
  });

  test('has neither the codes of RAKP, by which passwords can be guessed, nor passwords that are set', async () => {
    const transcript = new TranscriptRecorder();
    const { client } = startBench({ transcript, cipherSuite: 3, password: PASSWORD }, { password: PASSWORD });
    const data = Buffer.concat([Buffer.from([2, 2]), Buffer.from(PASSWORD)]);
    await client.raw({ netFn: 0x06, command: 0x47, data }, { step: 'Set User Password' });
    await client.raw({ netFn: 0x06, command: 0x47, data, bridge: [{ channel: 0, address: 0x2c }] }, { timeoutMs: 10, step: 'bridged' }).catch(() => undefined);
    await client[Symbol.asyncDispose]();
    const byLabel = new Map(transcript.frames.map(({ label, direction, payload }) => [`${direction} ${label}`, asText(payload)]));
    expect(byLabel.get('in RAKP 2')?.slice(80)).toBe('2a'.repeat(20));
    expect(byLabel.get('out RAKP 3')?.slice(16)).toBe('2a'.repeat(20));
    expect(byLabel.get('in RAKP 4')?.slice(16)).toBe('2a'.repeat(12));
    // User id and operation are seen, password and checksum are not.
    expect(byLabel.get('out Set User Password')).toMatch(/^2018c88104470202(2a)+$/);
    expect(byLabel.get('out bridged')).toMatch(/^2018c8810834(2a)+$/);
    for (const frame of transcript.frames) expect(asText(frame.payload)).not.toContain(asText(Buffer.from(PASSWORD)));
  });

  test('has no community string and no key that the BMC tells', async () => {
    const transcript = new TranscriptRecorder();
    const told = [0x00, 0x11, ...Buffer.from(PASSWORD)];
    const { client } = startBench({ transcript }, { answers: { '0c/02': () => told, '06/56': () => told } });
    await client.raw({ netFn: 0x0c, command: 0x02, data: Uint8Array.of(1, 16, 0, 0) }, { step: 'community' });
    await client.raw({ netFn: 0x06, command: 0x56, data: Uint8Array.of(1, 0, 1) }, { step: 'key' });
    await client.raw({ netFn: 0x0c, command: 0x02, data: Uint8Array.of(1, 3, 0, 0) }, { step: 'address' });
    await client[Symbol.asyncDispose]();
    const incoming = transcript.frames.filter(({ direction }) => direction === 'in');
    const shown = (label: string): boolean => asText(incoming.find((frame) => frame.label === label)?.payload ?? '').includes(asText(Buffer.from(PASSWORD)));
    expect([shown('community'), shown('key'), shown('address')]).toEqual([false, false, true]);
  });

  test('has no straight password of IPMI 1.5', async () => {
    const transcript = new TranscriptRecorder();
    const { client } = startBench({ transcript, protocol: '1.5', password: PASSWORD }, { password: PASSWORD, authTypes: 0x10 });
    await client.raw({ netFn: 0x06, command: 0x01 });
    await client[Symbol.asyncDispose]();
    expect(transcript.frames).toHaveLength(12);
    for (const frame of transcript.frames) expect(asText(frame.payload)).not.toContain(asText(Buffer.from(PASSWORD)));
  });
});
