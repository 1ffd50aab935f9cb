import { inspect } from 'node:util';
import { FerricError, type BootStrategy, type Task } from '@ferric/core';
import { expect, test } from 'vitest';
import { createBench, keyOf, prepare } from '../test/bench.js';
import { readMediaRecord } from './media-record.js';

test('an error of the controller does not tell the address', async () => {
  const bench = createBench();
  await bench.boot.prepareRamdisk(bench.task, 'deploy', {});
  const key = keyOf(bench);
  const address = `http://10.0.0.1:6385/ferric/v1/media/x/${key}/boot.iso`;
  bench.fail('insert', new FerricError('REFUSED', `cannot load ${address}`, { details: { url: address, attempt: 3 }, hint: `see ${address}`, retryable: true, cause: new Error(`GET ${address}`) }));
  const error: unknown = await prepare(bench).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'REFUSED', retryable: true, details: { attempt: 3 }, message: 'cannot load http://10.0.0.1:6385/ferric/v1/media/x/******/boot.iso' });
  expect(inspect(error, { depth: 9 })).not.toContain(key);
});

test.each<[string, string, (key: string) => Error]>([
  ['of the file system', 'publish', (key) => Object.assign(new Error(`ENOSPC: no space, mkdir '${key}'`), { code: 'ENOSPC', path: `/data/${key}` })],
  ['with the key in a field only', 'publish', (key) => Object.assign(new Error('EACCES'), { dest: `/data/${key}` })],
  ['with the key in its cause', 'insert', (key) => new TypeError('no such thing', { cause: new Error(`${key}/boot.iso`) })],
])('nor does an error of anybody else: %s', async (_case, what, errorWith) => {
  const bench = createBench();
  await prepare(bench);
  const key = keyOf(bench);
  const error = errorWith(key);
  bench.fail(what, error);
  const thrown: unknown = await prepare(bench).catch((each: unknown) => each);
  expect(thrown).toMatchObject({ name: error.name, message: error.message.replace(key, '******') });
  expect(inspect(thrown, { depth: 9 })).not.toContain(key);
});

test.each<[string, (boot: BootStrategy, task: Task) => Promise<unknown>]>([
  ['taking it out for the instance', (boot, task) => boot.prepareInstance(task)],
  ['the next boot for something else', (boot, task) => boot.prepareRamdisk(task, 'inspect', {})],
])('nor does what fails to be withdrawn: %s', async (_case, work) => {
  const bench = createBench({ instanceInfo: { image_source: 'http://h/i' } });
  await prepare(bench);
  const key = keyOf(bench);
  bench.fail('withdraw', new FerricError('INTERNAL', `cannot remove ${key}`));
  const thrown: unknown = await work(bench.boot, bench.task).catch((each: unknown) => each);
  expect(thrown).toMatchObject({ message: 'cannot remove ******' });
});

test('what cannot be withdrawn at the end does not keep the drives from being emptied, and is tried again', async () => {
  const bench = createBench();
  await prepare(bench);
  bench.fail('withdraw', new FerricError('INTERNAL', `cannot remove ${keyOf(bench)}`));
  await bench.run((boot, task) => boot.cleanUpRamdisk(task));
  expect([bench.drives.size, bench.served.size]).toEqual([0, 1]);
  expect(bench.task.told.at(-1)).toContain('cannot remove ******');
  bench.heal();
  await bench.run((boot, task) => boot.cleanUpRamdisk(task));
  expect([bench.served.size, readMediaRecord(bench.task.node)]).toEqual([0, undefined]);
});
