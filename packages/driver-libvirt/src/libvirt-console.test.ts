import { errorCode } from '@ferric/core';
import { expect, test } from 'vitest';
import { failureOf, openLibvirtBench } from '../test/libvirt-bench.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads until this text has come. */
async function readUntil(output: AsyncIterator<Uint8Array>, text: string): Promise<string> {
  let seen = '';
  while (!seen.includes(text)) {
    const { value, done } = await output.next();
    if (done === true) return seen;
    seen += Buffer.from(value).toString();
  }
  return seen;
}

test('what is written reaches the machine, and what it prints comes back', async () => {
  await using bench = await openLibvirtBench();
  bench.domain.machine.power = 'power on';
  const session = await bench.device.console.open();
  const output = session.output[Symbol.asyncIterator]();
  await session.write(bytes('hello\n'));
  expect(await readUntil(output, 'hello')).toContain('hello');
  await session[Symbol.asyncDispose]();
  // It is free again.
  const again = await bench.device.console.open();
  await again[Symbol.asyncDispose]();
});

test('a console that somebody has is BUSY', async () => {
  await using bench = await openLibvirtBench();
  bench.domain.machine.power = 'power on';
  await using _session = await bench.device.console.open();
  expect(await failureOf(bench.open().console.open())).toMatchObject({
    code: 'BUSY',
    retryable: true,
    hint: expect.stringContaining('virsh console') as string,
  });
});

test('a machine that is off has none', async () => {
  await using bench = await openLibvirtBench();
  expect(errorCode(await failureOf(bench.device.console.open()))).toBe('CONFLICT');
});

test('a session ends with its device', async () => {
  await using bench = await openLibvirtBench();
  bench.domain.machine.power = 'power on';
  const session = await bench.device.console.open();
  const reading = readUntil(session.output[Symbol.asyncIterator](), 'never printed').catch(errorCode);
  await bench.device[Symbol.asyncDispose]();
  await reading;
  await using other = await bench.open().console.open();
  expect(other).toHaveProperty('output');
});
