import { INTERFACES } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';

describe('drivers', () => {
  test('are listed in short, in full, or as named', async () => {
    await using api = createApiClient();
    const keys = async (url: string, version = '1.82') => Object.keys(((await api.request('GET', url, { version })).body as { drivers: object[] }).drivers[0] ?? {});
    expect(await keys('/v1/drivers')).toEqual(['name', 'hosts', 'links', 'properties', 'type']);
    expect(await keys('/v1/drivers', '1.13')).toEqual(['name', 'hosts', 'links']);
    expect(await keys('/v1/drivers?detail=true')).toHaveLength(5 + 2 * (INTERFACES.length - 1));
    expect(await keys('/v1/drivers?detail=true', '1.30')).toHaveLength(5 + 2 * (INTERFACES.length - 4));
    expect(await keys('/v1/drivers?fields=name,default_power_interface')).toEqual(['name', 'default_power_interface', 'links']);
  });

  test('can be asked for by type', async () => {
    await using api = createApiClient();
    expect((await api.request('GET', '/v1/drivers?type=classic')).body).toEqual({ drivers: [] });
    expect(((await api.request('GET', '/v1/drivers?type=dynamic')).body as { drivers: unknown[] }).drivers).toHaveLength(2);
    expect((await api.request('GET', '/v1/drivers?type=x')).error?.['faultstring']).toBe('"type" filter must be one of "classic" or "dynamic", if specified.');
  });

  test.each([['type=dynamic', 30], ['detail=true', 30], ['fields=name', 77]])('?%s is admitted from 1.%d on', async (query, since) => {
    await using api = createApiClient();
    expect((await api.request('GET', `/v1/drivers?${query}`, { version: `1.${since - 1}` })).status).toBe(406);
    expect((await api.request('GET', `/v1/drivers?${query}`, { version: `1.${since}` })).status).toBe(200);
  });

  test('one by one, with their properties', async () => {
    await using api = createApiClient();
    expect((await api.request('GET', '/v1/drivers/fake-hardware')).body).toMatchObject({ name: 'fake-hardware', default_power_interface: 'fake', enabled_bios_interfaces: ['fake'] });
    expect((await api.request('GET', '/v1/drivers/fake-hardware/properties')).body).toEqual({ fake_pin: 'PIN of fake-hardware. Optional.' });
    for (const path of ['', '/properties', '/raid/logical_disk_properties']) {
      expect((await api.request('GET', `/v1/drivers/nosuch${path}`)).error?.['faultstring']).toBe('Could not find the following driver(s) or hardware type(s): nosuch.');
    }
  });

  test('describe logical disks where they have RAID', async () => {
    await using api = createApiClient();
    expect((await api.request('GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties')).body).toHaveProperty('raid_level');
    const plain = await api.request('GET', '/v1/drivers/plain/raid/logical_disk_properties');
    expect([plain.status, plain.error?.['faultstring']]).toEqual([404, 'Driver plain does not support raid (disabled or not implemented).']);
    expect((await api.request('GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties', { version: '1.11' })).status).toBe(406);
  });
});

describe('conductors', () => {
  const api = () => {
    const client = createApiClient();
    const record = { conductorGroup: '', drivers: ['fake-hardware'], createdAt: new Date('2025-12-31T00:00:00Z') };
    client.services.kept.conductors.push(
      { ...record, hostname: 'b', updatedAt: client.services.clock.now() },
      { ...record, hostname: 'a', updatedAt: new Date(client.services.clock.now().getTime() - 60_001) },
      { ...record, hostname: 'c', updatedAt: client.services.clock.now() },
    );
    return client;
  };

  test('are alive while they give signs of it', async () => {
    await using client = api();
    const { body } = await client.request('GET', '/v1/conductors?sort_key=hostname');
    expect((body as { conductors: { hostname: string; alive: boolean }[] }).conductors.map(({ hostname, alive }) => [hostname, alive])).toEqual([['a', false], ['b', true], ['c', true]]);
  });

  test('are shown by name', async () => {
    await using client = api();
    expect((await client.request('GET', '/v1/conductors/a')).body).toEqual({
      created_at: '2025-12-31T00:00:00.000000+00:00', updated_at: '2025-12-31T23:58:59.999000+00:00', hostname: 'a', conductor_group: '', drivers: ['fake-hardware'],
      links: [{ href: 'http://host:6385/v1/conductors/a', rel: 'self' }, { href: 'http://host:6385/conductors/a', rel: 'bookmark' }], alive: false,
    });
    expect((await client.request('GET', '/v1/conductors/d')).error?.['faultstring']).toBe('Conductor d could not be found.');
    expect((await client.request('GET', '/v1/conductors', { version: '1.48' })).status).toBe(404);
  });

  test('are paged by name', async () => {
    await using client = api();
    const first = (await client.request('GET', '/v1/conductors?limit=2&sort_key=hostname&sort_dir=desc')).body as { next: string };
    expect(first.next).toBe('http://host:6385/v1/conductors?sort_key=hostname&sort_dir=desc&fields=hostname,conductor_group,alive&limit=2&marker=b');
    expect((await client.request('GET', first.next.replace('http://host:6385', ''))).body).toMatchObject({ conductors: [{ hostname: 'a' }] });
    expect((await client.request('GET', '/v1/conductors?marker=x')).status).toBe(404);
    expect((await client.request('GET', '/v1/conductors?sort_key=alive')).status).toBe(400);
  });
});
