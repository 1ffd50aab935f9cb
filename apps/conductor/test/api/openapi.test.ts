import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';
import { createMachineApi } from '../support/machine-api.js';

interface OpenApi {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string; readonly parameters?: readonly { readonly name?: string; readonly 'x-ironic-since'?: string }[] }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties: Readonly<Record<string, { readonly 'x-ironic-since'?: string }>> }>> };
}

async function read(): Promise<OpenApi> {
  await using api = createApiClient();
  return (await api.request('GET', '/openapi.json', { version: null })).body as OpenApi;
}

describe('/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const document = await read();
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true });
  });

  test('names each operation once', async () => {
    const { paths } = await read();
    const ids = Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('tells since when a field, an argument or an operation is there', async () => {
    const { paths, components } = await read();
    expect(components.schemas['Node']?.properties['resource_class']?.['x-ironic-since']).toBe('1.21');
    expect(paths['/v1/nodes']?.['get']?.parameters?.find(({ name }) => name === 'owner')?.['x-ironic-since']).toBe('1.50');
    expect(paths['/v1/nodes/{node}/inventory']?.['get']).toHaveProperty('x-ironic-since', '1.81');
  });

  test('describes every path that is served, and serves every path it describes', async () => {
    const { paths, servers } = await read();
    expect(servers).toEqual([{ url: 'http://host:6385' }]);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/nodes', '/v1/nodes/{node}/states/provision', '/v1/ports/{port}', '/ferric/v1/events', '/ferric/v1/nodes/{node}/timeline']));
    await using api = createApiClient();
    for (const [path, item] of Object.entries(paths)) {
      if (!('get' in item) || path === '/ferric/v1/events') continue;
      const answer = await api.request('GET', path.replaceAll(/\{\w+\}/g, 'x'));
      expect([path, answer.error?.['description'] === 'The resource could not be found.' || answer.status === 405]).toEqual([path, false]);
    }
  });

  test('describes what machines ask, where they are served', async () => {
    await using api = await createMachineApi();
    const document = (await api.request('GET', '/openapi.json')).body as OpenApi;
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true });
    const served = ['/v1/lookup', '/v1/heartbeat/{node}', '/v1/continue_inspection', '/v1/continue', '/v1/drivers/{driver}/vendor_passthru/ipxe_config', '/ferric/v1/boot/ipxe', '/ferric/v1/boot/{node}/{role}'];
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(served));
    expect(Object.keys((await read()).paths).filter((path) => served.includes(path))).toEqual([]);
    expect(document.paths['/v1/lookup']?.['get']).toHaveProperty('x-ironic-since', '1.22');
    expect(document.paths['/ferric/v1/boot/ipxe']?.['get']).toHaveProperty(['responses', '200', 'content', 'text/plain']);
  });

  test('every reference in it leads somewhere', async () => {
    const document = await read();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    for (const path of new Set(references)) {
      const target = path.split('/').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
      expect([path, target === undefined]).toEqual([path, false]);
    }
  });
});
