import { errorCode, optionIssues, Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { createIloBench } from '../test/ilo-bench.js';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);
const WANTED = { Destination: 'https://192.0.2.9/events', Context: 'rack-1', HttpHeaders: [{ Authorization: 'Bearer planted' }] };
const SHOWN = { Id: '1', Context: 'rack-1', Destination: 'https://192.0.2.9/events', EventTypes: ['Alert'], Protocol: 'Redfish' };

test('subscriptions have the names and fields of Ironic', async () => {
  await using bench = createIloBench('ilo5');
  expect(await bench.call('create_subscription', WANTED)).toEqual(SHOWN);
  expect(await bench.call('get_subscription', { id: '1' })).toEqual(SHOWN);
  expect(await bench.call('get_subscription', { id: 1 })).toEqual(SHOWN);
  expect(await bench.call('get_all_subscriptions')).toEqual({ Members: [{ '@odata.id': '/s/1' }] });
  expect(await bench.call('delete_subscription', { id: '1' })).toBeNull();
  expect(errorCode(await rejection(bench.call('get_subscription', { id: '1' })))).toBe('NOT_FOUND');
  expect(bench.ilo.asked).toEqual(['subscriptions.create https://192.0.2.9/events', 'subscriptions.remove 1']);
  expect(bench.host.logger.at('warn')).toEqual([]);
});

test('the headers are secrets, and those in clear text are warned of', async () => {
  await using bench = createIloBench('ilo5');
  const method = bench.device.vendor?.methods['create_subscription'];
  expect(JSON.stringify(method?.arguments.parse(WANTED))).not.toContain('planted');
  expect(JSON.stringify(await rejection(bench.call('create_subscription', { ...WANTED, HttpHeaders: 'planted' })))).not.toContain('planted');
  await bench.call('create_subscription', { ...WANTED, HttpHeaders: [{ Authorization: new Secret('Bearer planted') }] });
  await bench.call('create_subscription', { Destination: 'http://192.0.2.9/events' });
  expect(bench.host.logger.at('warn').map(({ fields }) => fields['address'])).toEqual(['192.0.2.10:443']);
});

test.each<[string, object, readonly string[]]>([
  ['create_subscription', {}, ['Destination missing']],
  ['create_subscription', { Destination: 'events' }, ['Destination invalid']],
  ['create_subscription', { Destination: 'https://' }, ['Destination invalid']],
  ['create_subscription', { ...WANTED, EventTypes: 'Alert', Context: 5, Protocol: [] }, ['EventTypes invalid', 'Context invalid', 'Protocol invalid']],
  ['create_subscription', { ...WANTED, HttpHeaders: [{ 'X-A': 'a\r\nX-B: b' }] }, ['HttpHeaders.0.X-A invalid']],
  ['get_subscription', {}, ['id missing']],
  ['delete_subscription', { id: '' }, ['id invalid']],
])('%s refuses %j before anything is sent', async (name, args, problems) => {
  await using bench = createIloBench('ilo5');
  expect(optionIssues(await rejection(bench.call(name, args))).map(({ field, problem }) => `${field} ${problem}`)).toEqual(problems);
  expect(bench.ilo.opened).toBe(0);
});
