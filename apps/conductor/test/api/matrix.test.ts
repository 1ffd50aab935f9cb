import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyEndpoint } from '../../src/api/http/endpoint.js';
import { MAXIMUM_VERSION } from '../../src/api/http/versions.js';
import { DETAIL_SINCE, FIELDS_SINCE, type Field } from '../../src/api/table/field.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../support/api-client.js';
import { readIronicVersions, upTo, type Versions } from '../support/field-versions.js';
import { startInspectedConductor, type InspectedConductor, type InspectedRequest } from '../support/inspected-conductor.js';
import { Findings } from '../support/matrix/findings.js';
import { queryValue, requiredBeside } from '../support/matrix/queries.js';
import { sampleValue, type Neighbours } from '../support/matrix/samples.js';
import { createNeighbours, createSpecimen, listed, type Record_, type Specimen } from '../support/matrix/specimens.js';
import { findResourceTables, type AnyTable } from '../support/resource-tables.js';
import { sampleNode } from '../support/sample-node.js';

const ironic = readIronicVersions();
const tables = await findResourceTables();
const running = new AsyncDisposableStack();
let conductor: InspectedConductor;
let onFakeServices: ApiClient;
let neighbours: Neighbours;

beforeAll(async () => {
  conductor = running.use(await startInspectedConductor());
  onFakeServices = running.use(createApiClient([sampleNode()]));
  neighbours = await createNeighbours(conductor);
});
afterAll(() => running.disposeAsync());

/** The fake driver has no firmware settings; the services that the tests fake have some. */
function ask(collection: string, method: string, url: string, options: InspectedRequest = {}): Promise<ApiAnswer> {
  if (collection !== 'bios') return conductor.request(method, url, options);
  return onFakeServices.request(method, url, { ...options, version: typeof options.version === 'number' ? `1.${options.version}` : 'latest' } as object);
}

const specimens = new Map<string, Promise<Specimen>>();
function specimenOf(collection: string): Promise<Specimen> {
  const made = specimens.get(collection) ?? createSpecimen(collection, conductor.request, neighbours);
  specimens.set(collection, made);
  return made;
}

/** `/nodes/:node` -> `/nodes/{}`, as the list made from Ironic writes it. */
const plainPath = ({ path }: AnyEndpoint): string => (path === '' ? '/' : path.replaceAll(/:\w+/g, '{}'));
const plainName = (endpoint: AnyEndpoint): string => `${endpoint.method} ${plainPath(endpoint)}`;

/** Paths that Ironic does not have: what inspectors of older ramdisks call. */
const OURS: ReadonlySet<string> = new Set(['POST /continue']);
/** Arguments of every list. */
const PAGING: ReadonlySet<string> = new Set(['limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail']);

const existing = Object.entries(ironic.resources).filter(([, { since }]) => since <= MAXIMUM_VERSION);
/** First version that shows anything of the resource. */
const resourceSince = (collection: string): number => ironic.resources[collection]?.since ?? 1;
const sinceOf = (collection: string, field: Field<never>): number => Math.max(field.since, resourceSince(collection));
const tableOf = (collection: string): AnyTable => tables.get(collection) ?? { name: '', collection, fields: [], filters: {}, summary: [] };
const fieldsOf = (collection: string): readonly Field<never>[] => tableOf(collection).fields as unknown as readonly Field<never>[];

describe('what we have since when is what Ironic has since then', () => {
  test('there is a table for each resource, and none besides', () => {
    expect([...tables.keys()].toSorted()).toEqual(existing.map(([collection]) => collection).toSorted());
  });

  test.each(existing)('fields of %s', (collection, { since, fields }) => {
    const ours = Object.fromEntries(fieldsOf(collection).map((field) => [field.name, Math.max(field.since, since)]));
    expect(ours).toEqual(upTo(fields, MAXIMUM_VERSION));
  });

  test.each(existing)('fields of %s that a patch may name', (collection, { fields, patchable }) => {
    const ours = fieldsOf(collection).flatMap(({ name, input }) => (input?.patch === true ? [name] : []));
    expect(ours.toSorted()).toEqual(patchable.filter((name) => (fields[name] ?? 1) <= MAXIMUM_VERSION));
  });

  test.each(existing.filter(([collection]) => !['bios', 'history'].includes(collection)))('filters of %s', (collection, { since, filters }) => {
    const list = conductor.endpoints.find(({ method, path }) => method === 'GET' && [`/${collection}`, `/volume/${collection}`].includes(path));
    const arguments_ = Object.entries(list?.query ?? {}).filter(([name]) => !PAGING.has(name));
    expect(Object.fromEntries(arguments_.map(([name, argument]) => [name, Math.max(argument.since ?? 1, since)]))).toEqual(upTo(filters, MAXIMUM_VERSION));
  });

  test('endpoints', () => {
    const ours = conductor.endpoints.filter((endpoint) => !OURS.has(plainName(endpoint))).map((endpoint) => [plainName(endpoint), endpoint.since ?? 1] as const);
    expect(Object.fromEntries(ours)).toEqual(upTo(ironic.endpoints, MAXIMUM_VERSION));
  });

  test.each(Object.entries(ironic.arguments))('%s', (name, since) => {
    const [method, path, argument = ''] = name.split(' ');
    const endpoint = conductor.endpoints.find((each) => plainName(each) === `${method} ${path}`);
    expect(endpoint?.query?.[argument]?.since).toBe(since);
  });
});

const missing = (answer: ApiAnswer): boolean => answer.error?.['title'] === 'Not Found' || answer.error?.['description'] === 'The resource could not be found.';

/** Where patches came later than the resource. */
const PATCH_SINCE: Readonly<Record<string, number>> = { allocations: 57 };

/** Fields that the version admits and the state of a new record does not. */
const PATCH_STATUS: Readonly<Record<string, number>> = {
  // Only nodes with an instance can be protected.
  'nodes.protected': 400,
};

describe.each([...tables.keys()])('every field of %s', (collection) => {
  const fields = fieldsOf(collection);
  const first = resourceSince(collection);
  /** Versions around the gate of a field, and whether it is there. */
  const around = (field: Field<never>): readonly (readonly [version: number, isThere: boolean])[] => {
    const since = sinceOf(collection, field);
    return since > first ? [[since - 1, false], [since, true], [MAXIMUM_VERSION, true]] : [[since, true], [MAXIMUM_VERSION, true]];
  };
  const request = (method: string, url: string, version: number, body?: unknown): Promise<ApiAnswer> =>
    ask(collection, method, url, { version, ...(body === undefined ? {} : { body }) });
  const opened = (specimen: Specimen, { body }: ApiAnswer): Record_ => ((specimen.open?.(body as Record_) ?? body) ?? {}) as Record_;

  test('is in the record from its version on, not before', async () => {
    const specimen = await specimenOf(collection);
    const findings = new Findings();
    for (const field of fields) {
      for (const [version, isThere] of around(field)) {
        const answer = await request('GET', specimen.one, version);
        findings.expect(`${field.name} at 1.${version}, answer ${answer.status}`, field.name in opened(specimen, answer), [isThere]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThanOrEqual(Object.keys(upTo(ironic.resources[collection]?.fields ?? {}, MAXIMUM_VERSION)).length);
  });

  test('is in the list with details from its version on, not before', async () => {
    const specimen = await specimenOf(collection);
    const hasPath = conductor.endpoints.some(({ method, path }) => method === 'GET' && `/v1${path}` === `${specimen.list}/detail`);
    const detailSince = hasPath ? first : Math.max(first, collection === 'history' ? first : (tableOf(collection).detailSince ?? DETAIL_SINCE));
    const findings = new Findings();
    for (const field of fields) {
      for (const [version, isThere] of around(field).filter(([each]) => each >= detailSince)) {
        const answer = await request('GET', hasPath ? `${specimen.list}/detail` : `${specimen.list}?detail=true`, version);
        const rows = listed(answer.body);
        findings.expect(`${field.name} at 1.${version}, ${rows.length} rows`, rows.some((row) => field.name in row), [isThere]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThanOrEqual(fields.length);
  });

  test('can be chosen by fields= from its version on; before it is 406', async () => {
    if (collection === 'history') return expect(conductor.endpoints.find(({ path }) => path.endsWith('/history'))?.query).not.toHaveProperty('fields');
    const specimen = await specimenOf(collection);
    const since = Math.max(first, tableOf(collection).fieldsSince ?? FIELDS_SINCE);
    const findings = new Findings();
    for (const field of fields.filter(({ links }) => links === undefined)) {
      const admitted = Math.max(sinceOf(collection, field), since);
      for (const [version, status] of [[admitted - 1, 406], [admitted, 200]] as const) {
        if (version < first) continue;
        const list = await request('GET', `${specimen.list}?fields=${field.name}`, version);
        findings.expect(`list ${field.name} at 1.${version}`, list.status, [status]);
        if (status === 200) findings.expect(`row with ${field.name} at 1.${version}`, listed(list.body).every((row) => field.name in row), [true]);
        if (collection === 'bios') continue;
        const one = await request('GET', `${specimen.one}?fields=${field.name}`, version);
        findings.expect(`one ${field.name} at 1.${version}`, one.status, [status]);
        if (status === 200) findings.expect(`record with ${field.name} at 1.${version}`, field.name in (one.body as object), [true]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThanOrEqual(fields.filter(({ links }) => links === undefined).length * 2);
  });

  test('can be sorted by, where it can, from its version on; before it is 406', async () => {
    const specimen = await specimenOf(collection);
    const list = conductor.endpoints.find(({ method, path }) => method === 'GET' && `/v1${path}` === specimen.list);
    if (list?.query?.['sort_key'] === undefined) return expect(['bios', 'history', 'drivers']).toContain(collection);
    const findings = new Findings();
    for (const field of fields) {
      for (const [version, isThere] of around(field)) {
        const { status } = await request('GET', `${specimen.list}?sort_key=${field.name}`, version);
        const there = field.sortKey === undefined ? 400 : 200;
        findings.expect(`${field.name} at 1.${version}`, status, isThere ? [there] : field.sortKey === undefined ? [400, 406] : [406]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThan(fields.length);
    expect(fields.filter(({ sortKey }) => sortKey !== undefined).length).toBeGreaterThan(0);
  });

  test('can be given at creation, where it can, from its version on; before it is 406', async () => {
    const { list, one, required } = await specimenOf(collection);
    const findings = new Findings();
    const shown = opened({ one, list }, await request('GET', one, MAXIMUM_VERSION));
    if (required === undefined) return expect(fields.filter(({ input }) => input !== undefined)).toEqual([]);
    for (const field of fields) {
      const body = (): Record_ => ({ ...required(), [field.name]: sampleValue(collection, field, neighbours, shown) });
      for (const [version, isThere] of field.input?.create === true ? around(field) : []) {
        const answer = await request('POST', list, version, body());
        findings.expect(`${field.name} at 1.${version}, ${JSON.stringify(answer.error ?? '')}`, answer.status, isThere ? [201] : [406]);
      }
      if (field.input?.create === true) continue;
      const { status } = await request('POST', list, MAXIMUM_VERSION, { ...required(), [field.name]: 'x' });
      findings.expect(`${field.name}, which nobody gives`, status, [400]);
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThan(fields.length);
  });

  test('can be patched, where it can, from its version on; before it is 406', async () => {
    const { list, required } = await specimenOf(collection);
    if (required === undefined) return expect(ironic.resources[collection]?.patchable).toEqual([]);
    const findings = new Findings();
    const newPath = async (): Promise<string> => `${list}/${String(((await request('POST', list, MAXIMUM_VERSION, required())).body as Record_)['uuid'])}`;
    const one = await newPath();
    const shown = (await request('GET', one, MAXIMUM_VERSION)).body as Record_;
    for (const field of fields) {
      const patch = (value: unknown): readonly Record_[] => [{ op: 'replace', path: `/${field.name}`, value }];
      if (field.input?.patch !== true) {
        findings.expect(`${field.name}, which nobody patches`, (await request('PATCH', one, MAXIMUM_VERSION, patch('x'))).status, [400]);
        continue;
      }
      for (const [version, isThere] of around(field).filter(([each]) => each >= (PATCH_SINCE[collection] ?? 1))) {
        const answer = await request('PATCH', await newPath(), version, patch(sampleValue(collection, field, neighbours, shown)));
        const accepted = PATCH_STATUS[`${collection}.${field.name}`] ?? 200;
        findings.expect(`${field.name} at 1.${version}, ${JSON.stringify(answer.error ?? '')}`, answer.status, isThere ? [accepted] : [406]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThanOrEqual(fields.length);
  });
});

describe('every endpoint', () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const urlOf = ({ path }: AnyEndpoint): string => `/v1${path.replaceAll(/:\w+/g, nobody)}`;

  test('is there from its version on; before, its path is unknown or not acceptable', async () => {
    const findings = new Findings();
    for (const endpoint of conductor.endpoints) {
      const { method, since = 1, older = 'not found' } = endpoint;
      const body = endpoint.body === undefined || method === 'GET' ? {} : { body: {} };
      for (const version of [since, MAXIMUM_VERSION]) {
        const answer = await conductor.request(method, urlOf(endpoint), { version, ...body });
        const isRefused = missing(answer) || [405, 406].includes(answer.status) || answer.status >= 500;
        findings.expect(`${plainName(endpoint)} at 1.${version}: ${answer.text.slice(0, 200)}`, isRefused, [false]);
      }
      if (since === 1) continue;
      const before = await conductor.request(method, urlOf(endpoint), { version: since - 1, ...body });
      findings.expect(`${plainName(endpoint)} at 1.${since - 1}`, before.status, [older === 'not found' ? 404 : 406]);
      findings.expect(`${plainName(endpoint)} at 1.${since - 1}, unknown`, missing(before), [older === 'not found']);
    }
    expect(findings.wrong).toEqual([]);
    expect(conductor.endpoints.length).toBeGreaterThanOrEqual(60);
  });

  test('takes each query argument from its version on; before it is 406', async () => {
    const findings = new Findings();
    for (const endpoint of conductor.endpoints) {
      for (const [name, argument] of Object.entries(endpoint.query ?? {})) {
        const since = Math.max(argument.since ?? 1, endpoint.since ?? 1);
        const url = `${urlOf(endpoint)}?${requiredBeside(endpoint.query ?? {}, name)}${name}=${encodeURIComponent(queryValue(argument.type.schema))}`;
        const body = endpoint.method === 'PATCH' ? { body: [] } : {};
        const admitted = PAGING.has(name) ? MAXIMUM_VERSION : since;
        const answer = await conductor.request(endpoint.method, url, { version: admitted, ...body });
        findings.expect(`${endpoint.method} ${url} at 1.${admitted}`, answer.status === 406 || answer.status >= 500, [false]);
        if (argument.since === undefined || argument.since <= (endpoint.since ?? 1)) continue;
        const before = await conductor.request(endpoint.method, url, { version: since - 1, ...body });
        findings.expect(`${endpoint.method} ${url} at 1.${since - 1}`, before.status, [406]);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.looked).toBeGreaterThanOrEqual(100);
  });
});

/** A request that its version refuses is 406; anything else means that the version let it pass. */
async function expectGate(what: Versions, send: (name: string, version: number) => Promise<ApiAnswer>): Promise<void> {
  const findings = new Findings();
  for (const [name, since] of Object.entries(upTo(what, MAXIMUM_VERSION))) {
    findings.expect(`${name} at 1.${since}`, (await send(name, since)).status, [202, 400, 409]);
    findings.expect(`${name} at 1.${MAXIMUM_VERSION}`, (await send(name, MAXIMUM_VERSION)).status, [202, 400, 409]);
    if (since > 1) findings.expect(`${name} at 1.${since - 1}`, (await send(name, since - 1)).status, [406]);
  }
  expect(findings.wrong).toEqual([]);
  expect(findings.looked).toBeGreaterThan(Object.keys(upTo(what, MAXIMUM_VERSION)).length * 2);
}

describe('states', () => {
  const newNode = async (): Promise<string> => String(((await conductor.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware' } })).body as Record_)['uuid']);
  const MORE: Readonly<Record<string, Record_>> = {
    clean: { clean_steps: [{ interface: 'vendor', step: 'log_passthrough' }] },
    rescue: { rescue_password: 'pw' },
    service: { service_steps: [{ interface: 'vendor', step: 'log_passthrough' }] },
  };

  test('every provision target is known from its version on; before it is 406', async () => {
    const node = await newNode();
    await expectGate(ironic.provisionTargets, (target, version) =>
      conductor.request('PUT', `/v1/nodes/${node}/states/provision`, { version, body: { target, ...MORE[target] } }),
    );
  });

  test('what is no target of the newest version is refused in it', async () => {
    const node = await newNode();
    const later = Object.keys(ironic.provisionTargets).filter((target) => (ironic.provisionTargets[target] ?? 0) > MAXIMUM_VERSION);
    for (const target of [...later, 'nonsense']) {
      const { status } = await conductor.request('PUT', `/v1/nodes/${node}/states/provision`, { body: { target, ...MORE[target] } });
      expect([target, [400, 406].includes(status)]).toEqual([target, true]);
    }
  });

  test('arguments of provisioning are known from their version on', async () => {
    const node = await newNode();
    const bodies: Readonly<Record<string, Record_>> = {
      configdrive: { target: 'active', configdrive: 'aGVsbG8=' },
      clean_steps: { target: 'clean', ...MORE['clean'] },
      rescue_password: { target: 'rescue', ...MORE['rescue'] },
      deploy_steps: { target: 'active', deploy_steps: [{ interface: 'deploy', step: 'x', args: {}, priority: 1 }] },
      disable_ramdisk: { target: 'clean', ...MORE['clean'], disable_ramdisk: true },
    };
    await expectGate(ironic.provisionArguments, (name, version) =>
      conductor.request('PUT', `/v1/nodes/${node}/states/provision`, { version, body: bodies[name] }),
    );
  });

  // Ironic: the state available had no name before 1.2, and enroll is the first state since 1.11.
  test.each([[1, null], [2, 'available'], [10, 'available'], [11, 'enroll'], [MAXIMUM_VERSION, 'enroll']])('a node that is created at 1.%i is %s', async (version, state) => {
    const { body } = await conductor.request('POST', '/v1/nodes', { version, body: { driver: 'fake-hardware' } });
    expect((body as Record_)['provision_state']).toBe(state);
  });

  test('every power target is known from its version on; before it is 406', async () => {
    await expectGate(ironic.powerTargets, async (target, version) =>
      conductor.request('PUT', `/v1/nodes/${await newNode()}/states/power`, { version, body: { target } }),
    );
  });
});
