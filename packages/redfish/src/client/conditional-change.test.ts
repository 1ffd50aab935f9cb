import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { type Answer, startService } from '../../test/support/scripted-service.js';
import { table } from '../../test/support/tables.js';
import { createRedfishClient } from './redfish-client.js';

const PATH = '/redfish/v1/Systems/1/';
const change = { AssetTag: 'x' };

/** A service whose resource has these ETags, one for each read, and takes a change only with one of `accepted`. */
function service(etags: readonly (string | undefined)[], accepted: readonly (string | undefined)[]) {
  const reads: Answer[] = etags.map((etag) => ({ body: { Id: '1' }, headers: etag === undefined ? {} : { etag } }));
  return startService(
    table({
      [`GET ${PATH}`]: reads,
      [`PATCH ${PATH}`]: ({ headers }) => (accepted.includes(headers['if-match']) ? { body: {} } : { status: 412 }),
      [`PUT ${PATH}`]: ({ headers }) => (accepted.includes(headers['if-match']) ? { body: {} } : { status: 412 }),
    }),
  );
}

const sent = (seen: readonly { readonly method: string; readonly headers: Readonly<Record<string, string>> }[]): readonly (string | undefined)[] =>
  seen.filter(({ method }) => method !== 'GET').map(({ headers }) => headers['if-match']);

describe.each(['change', 'replace'] as const)('%s', (method) => {
  test.each([
    { what: 'goes without a condition when the controller gave no ETag', etags: [undefined], accepted: [undefined], tags: [undefined] },
    { what: 'goes with the ETag that was read', etags: ['"1"'], accepted: ['"1"'], tags: ['"1"'] },
    { what: 'reads again when somebody else was faster', etags: ['"1"', '"2"'], accepted: ['"2"'], tags: ['"1"', '"2"'] },
    { what: 'makes a weak ETag strong when it does not fit', etags: ['W/"1"', 'W/"1"'], accepted: ['"1"'], tags: ['W/"1"', '"1"'] },
    { what: 'goes without a condition in the end: a weak ETag may never fit', etags: ['W/"1"', 'W/"2"'], accepted: [undefined], tags: ['W/"1"', 'W/"2"', undefined] },
    { what: 'goes without a condition when the same ETag would be sent again', etags: ['"1"', '"1"'], accepted: [undefined], tags: ['"1"', undefined] },
    { what: 'goes without a condition when there is no ETag any more', etags: ['"1"', undefined], accepted: [undefined], tags: ['"1"', undefined] },
  ])('$what', async ({ etags, accepted, tags }) => {
    await using server = await service(etags, accepted);
    await using client = createRedfishClient({ url: server.url });
    await client[method](await client.read(PATH), change);
    expect(sent(server.seen)).toEqual(tags);
    expect(server.seen.filter(({ method: verb }) => verb !== 'GET').every(({ body }) => JSON.stringify(body) === JSON.stringify(change))).toBe(true);
  });

  test.each([
    { etags: [undefined], tags: [undefined] },
    { etags: ['"1"'], tags: ['"1"', undefined] },
    { etags: ['W/"1"'], tags: ['W/"1"', '"1"', undefined] },
    { etags: ['W/"1"', 'W/"2"', 'W/"3"'], tags: ['W/"1"', 'W/"2"', undefined] },
  ])('is sent three times at most, and gives up with CONFLICT: $tags', async ({ etags, tags }) => {
    await using server = await service(etags, []);
    await using client = createRedfishClient({ url: server.url });
    expect(await failure(client[method](await client.read(PATH), change))).toMatchObject({ code: 'CONFLICT', details: { status: 412 } });
    expect(sent(server.seen)).toEqual(tags);
  });

  test('a service that insists on a condition is told by what it said of that', async () => {
    const answer = ({ headers }: { readonly headers: Readonly<Record<string, string>> }): Answer => ({ status: headers['if-match'] === undefined ? 428 : 412 });
    await using server = await startService(table({ [`GET ${PATH}`]: { body: {}, headers: { etag: '"1"' } }, [`PATCH ${PATH}`]: answer, [`PUT ${PATH}`]: answer }));
    await using client = createRedfishClient({ url: server.url });
    expect(await failure(client[method](await client.read(PATH), change))).toMatchObject({ code: 'CONFLICT', details: { status: 412 } });
  });

  test('another refusal is not tried again', async () => {
    await using server = await startService(table({ [`GET ${PATH}`]: { body: {}, headers: { etag: '"1"' } } }));
    await using client = createRedfishClient({ url: server.url });
    expect(await failure(client[method](await client.read(PATH), change))).toMatchObject({ code: 'NOT_FOUND' });
    expect(sent(server.seen)).toEqual(['"1"']);
  });
});

test('the ETag inside of the resource counts where there is no header', async () => {
  await using server = await startService(table({ [`GET ${PATH}`]: { body: { '@odata.etag': 'W/"9"' } }, [`PATCH ${PATH}`]: { body: {} } }));
  await using client = createRedfishClient({ url: server.url });
  await client.change(await client.read(PATH), change);
  expect(sent(server.seen)).toEqual(['W/"9"']);
});

test('an action and a deletion have no condition', async () => {
  await using server = await startService(() => ({ body: {} }));
  await using client = createRedfishClient({ url: server.url });
  await client.post(PATH, {});
  await client.remove(PATH);
  expect(sent(server.seen)).toEqual([undefined, undefined]);
});
