import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { startService } from '../../test/support/scripted-service.js';
import { fixture } from '../../test/support/fixtures.js';
import { ROOT, table } from '../../test/support/tables.js';
import { createRedfishClient } from './redfish-client.js';

const RIS_ROOT = { Type: 'ServiceRoot.0.9.5', links: { Systems: { href: '/rest/v1/Systems' }, self: { href: '/rest/v1' } } };

describe('the service root', () => {
  test('of Redfish is read once, without a login', async () => {
    await using service = await startService(table({ 'GET /redfish/v1/': { body: fixture('redfish-gen10-dl180/root') } }));
    await using client = createRedfishClient({ url: service.url, username: 'admin', password: 'p' });
    expect(await client.root()).toMatchObject({ style: 'redfish', body: { RedfishVersion: '1.0.0' }, etag: 'W/"06F9101D"' });
    await client.root();
    expect(service.steps).toEqual(['GET /redfish/v1/']);
    client.forget();
    await client.root();
    expect(service.steps).toHaveLength(2);
  });

  test('of RIS is taken where Redfish is not known', async () => {
    await using service = await startService(table({ 'GET /rest/v1': { body: RIS_ROOT } }));
    await using client = createRedfishClient({ url: service.url });
    expect((await client.root()).style).toBe('ris');
    expect(service.steps).toEqual(['GET /redfish/v1/', 'GET /rest/v1']);
  });

  test('with properties of both is Redfish', async () => {
    await using service = await startService(table({ 'GET /redfish/v1/': { body: { ...RIS_ROOT, ...ROOT } } }));
    await using client = createRedfishClient({ url: service.url });
    expect((await client.root()).style).toBe('redfish');
  });

  test('asked for as RIS may turn out as Redfish by a redirect', async () => {
    await using service = await startService(table({ 'GET /rest/v1': { status: 308, headers: { location: '/redfish/v1/' } }, 'GET /redfish/v1/': { body: ROOT } }));
    await using client = createRedfishClient({ url: service.url, base: 'ris' });
    expect(await client.root()).toMatchObject({ style: 'redfish', path: '/redfish/v1/' });
  });

  test.each([
    { base: 'auto', says: 'neither Redfish nor RIS', steps: ['GET /redfish/v1/', 'GET /rest/v1'] },
    { base: 'redfish', says: 'no Redfish', steps: ['GET /redfish/v1/'] },
    { base: 'ris', says: 'no RIS', steps: ['GET /rest/v1'] },
  ] as const)('of neither is UNSUPPORTED, base $base', async ({ base, says, steps }) => {
    await using service = await startService(table({}));
    await using client = createRedfishClient({ url: service.url, base });
    expect(await failure(client.root())).toMatchObject({ code: 'UNSUPPORTED', message: `The controller at ${service.address} speaks ${says}` });
    expect(service.steps).toEqual(steps);
  });

  test('of a controller that is starting is BUSY, not absent', async () => {
    await using service = await startService(() => ({ status: 503 }));
    await using client = createRedfishClient({ url: service.url });
    expect(await failure(client.root())).toMatchObject({ code: 'BUSY' });
    expect(service.steps).toEqual(['GET /redfish/v1/']);
  });
});
