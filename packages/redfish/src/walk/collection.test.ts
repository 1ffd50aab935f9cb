import type { JsonObject } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { listMembers, membersOf, readMembers } from './collection.js';

const link = (path: string) => ({ '@odata.id': path });

describe('members', () => {
  test('of Redfish, of RIS with its items inline, and of early Redfish with both', () => {
    expect(membersOf(recorded('redfish-gen10-dl180/account_collection'))).toEqual([{ path: '/redfish/v1/AccountService/Accounts/1/', body: undefined }]);
    expect(membersOf(recorded('ris-gen9-bl460c/collections_sample'))).toMatchObject([{ path: '/rest/v1/AccountService/Accounts/1', body: { UserName: 'Administrator' } }]);
    expect(membersOf(recorded('ris-gen9-bl460c/disk_collection'))).toEqual([{ path: '/redfish/v1/Systems/1/SmartStorage/ArrayControllers/0/DiskDrives/0/', body: undefined }]);
  });

  test('that RIS links but does not bring along are there too', () => {
    const body = { Items: [{ Name: 'a', links: { self: { href: '/a/1' } } }], links: { Member: [{ href: '/A/1/' }, { href: '/a/2' }] } };
    expect(membersOf({ ...recorded('ris-gen9-bl460c/disk_collection'), body }).map(({ path, body: content }) => [path, content?.['Name']])).toEqual([['/a/1', 'a'], ['/a/2', undefined]]);
  });

  test('are read in their order over all pages, each once; those that are inline are not read', async () => {
    await using bench = await staticService({
      '/c': { Members: [link('/c/1'), link('/c/2')], 'Members@odata.nextLink': '/c?skip=2' },
      '/c?skip=2': { Members: [{ ...link('/c/3'), Name: 'three' }, link('/C/1/')], '@odata.nextLink': '/c?skip=4' },
      '/c?skip=4': { Members: [] },
      '/c/1': { Name: 'one' },
      '/C/1/': { Name: 'one' },
      '/c/2': { Name: 'two' },
    });
    expect((await readMembers(bench.client, '/c')).map(({ body }) => body['Name'])).toEqual(['one', 'two', 'three']);
    expect(bench.service.steps.filter((step) => step.includes('/c/3'))).toEqual([]);
  });

  test('of RIS: pages by their number', async () => {
    await using bench = await staticService({
      '/rest/v1/c': { links: { Member: [{ href: '/rest/v1/c/1' }], NextPage: { page: 2 } } },
      '/rest/v1/c?page=2': { links: { Member: [{ href: '/rest/v1/c/2' }], NextPage: { page: 3 } } },
      '/rest/v1/c?page=3': { links: { Member: [{ href: '/rest/v1/c/3' }] } },
    });
    expect((await listMembers(bench.client, '/rest/v1/c')).map(({ path }) => path)).toEqual(['/rest/v1/c/1', '/rest/v1/c/2', '/rest/v1/c/3']);
  });

  test('no further than the limit', async () => {
    await using bench = await staticService({ '/c': { Members: [link('/c/1'), link('/c/2')], 'Members@odata.nextLink': '/c?2' }, '/c/1': { Id: '1' } });
    expect(await readMembers(bench.client, '/c', { limit: 1 })).toHaveLength(1);
    expect(bench.service.steps).toEqual(['GET /c', 'GET /c/1']);
  });

  test('that are gone in between are left out', async () => {
    await using bench = await staticService({ '/c': { Members: [link('/c/1'), link('/c/2')] }, '/c/2': { Id: '2' } });
    expect((await readMembers(bench.client, '/c')).map(({ path }) => path)).toEqual(['/c/2']);
  });

  test.each([
    { what: 'leads to itself', pages: { '/c': { Members: [], '@odata.nextLink': '/C/' } } },
    { what: 'leads in a circle', pages: { '/c': { Members: [], '@odata.nextLink': '/c?2' }, '/c?2': { Members: [], '@odata.nextLink': '/c' } } },
  ])('a collection that $what is PROTOCOL_FAULT', async ({ pages }) => {
    await using bench = await staticService(pages as Record<string, JsonObject>);
    expect(await failure(listMembers(bench.client, '/c'))).toMatchObject({ code: 'PROTOCOL_FAULT', message: 'The collection /c does not end' });
  });

  test('a collection whose pages never end is PROTOCOL_FAULT', async () => {
    await using endless = await staticService({}, Object.fromEntries(Array.from({ length: 300 }, (_, page) => [`GET /c?${page}`, { body: { '@odata.nextLink': `/c?${page + 1}` } }])));
    expect(await failure(listMembers(endless.client, '/c?0'))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(endless.service.steps).toHaveLength(200);
  });

  test('the deadline is one for all requests together', async () => {
    const clock = createFakeClock();
    await using bench = await staticService({ '/c': { Members: [link('/c/1')] } }, { 'GET /c/1': { instead: 'silence' } }, clock);
    const late = failure(readMembers(bench.client, '/c', { timeoutMs: 5000 }));
    await expect.poll(() => bench.service.steps.length).toBe(2);
    await clock.advance(5000);
    expect(await late).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 5000 } });
    const caller = new AbortController();
    const call = failure(readMembers(bench.client, '/c', { signal: caller.signal }));
    await expect.poll(() => bench.service.steps.length).toBe(4);
    caller.abort('left');
    expect(await call).toBe('left');
  });
});
