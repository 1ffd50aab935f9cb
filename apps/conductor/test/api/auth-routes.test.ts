import type * as Fastify from 'fastify';
import type { RouteOptions } from 'fastify';
import { beforeEach, expect, test, vi } from 'vitest';
import { createMachineApi } from '../support/machine-api.js';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly isPublic: boolean;
}

const routes = vi.hoisted((): Route[] => []);

// The one way to see every route from its beginning on: those of a plugin too.
vi.mock('fastify', async (importOriginal) => {
  const original = await importOriginal<typeof Fastify>();
  return {
    ...original,
    fastify(options: object) {
      const app = original.fastify(options);
      app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
        for (const each of [method].flat()) routes.push({ method: each, url, isPublic: config?.public === true });
      });
      return app;
    },
  };
});

beforeEach(() => void (routes.length = 0));

/** What machines and supervisors ask without an account. Everything else needs one. */
const PUBLIC: readonly string[] = [
  'GET /',
  'GET /v1',
  // The deploy agent: as Ironic's public_api_routes.
  'GET /v1/lookup',
  'POST /v1/heartbeat/:node',
  'POST /v1/continue_inspection',
  'POST /v1/continue',
  // Boot loaders.
  'GET /v1/drivers/:driver/vendor_passthru/ipxe_config',
  'GET /boot.ipxe',
  'GET /ferric/v1/boot/ipxe',
  'GET /ferric/v1/boot/:node/:role',
  'GET /images/:folder/*',
  // Controllers, which know the key in the address.
  'GET /ferric/v1/media/:node/:key/:name',
  // Supervisors.
  'GET /healthz',
  'GET /readyz',
];

test('exactly these routes are public', async () => {
  await using api = await createMachineApi();
  await api.app.ready();
  // HEAD is answered wherever GET is.
  const expected = PUBLIC.flatMap((route) => (route.startsWith('GET ') ? [route, `HEAD ${route.slice(4)}`] : [route]));
  const found = routes.filter(({ isPublic }) => isPublic).map(({ method, url }) => `${method} ${url}`);
  expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
  expect(routes.length).toBeGreaterThan(300);
});

test('every route that is not public answers 401 without credentials, every other something else', async () => {
  const asked: string[] = [];
  await using api = await createMachineApi({
    authenticator: {
      async authenticate({ requestId }) {
        asked.push(requestId);
        throw new Error('Nobody is let in');
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
  });
  await api.app.ready();
  // Where "bookmark" links point, the same counts.
  const both = routes.flatMap((route) => (route.url.startsWith('/v1/') ? [route, { ...route, url: route.url.slice(3) }] : [route]));
  for (const { method, url, isPublic } of both) {
    const before = asked.length;
    const path = url.replaceAll(/:\w+|\*/g, 'x');
    await api.request(method, path, { version: '1.82' });
    expect([method, path, asked.length - before]).toEqual([method, path, isPublic ? 0 : 1]);
  }
});

test('the description of the API says the same', async () => {
  await using api = await createMachineApi({ authenticator: { authenticate: async () => 'alice', [Symbol.asyncDispose]: async () => undefined } });
  const { body } = await api.request('GET', '/openapi.json');
  const { paths, security, components } = body as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>;
    readonly security: unknown;
    readonly components: { readonly securitySchemes: unknown };
  };
  expect([security, components.securitySchemes]).toEqual([[{ basic: [] }], { basic: { type: 'http', scheme: 'basic' } }]);
  const open = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => (operation.security === undefined ? [] : [`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`])),
  );
  // It describes neither what has no version of its own, nor "bookmark" addresses.
  expect(open.toSorted()).toEqual(PUBLIC.filter((route) => / \/(v1|ferric)\//.test(route)).toSorted());
});
