import { assert, asyncProperty, oneof } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MAXIMUM_VERSION } from '../../src/api/http/versions.js';
import { readIronicVersions, upTo } from '../support/field-versions.js';
import type { Surroundings } from '../support/fuzz/hostile-bodies.js';
import { requestsTo, type HostileRequest } from '../support/fuzz/hostile-requests.js';
import { complaint } from '../support/fuzz/verdict.js';
import { startInspectedConductor, type InspectedConductor } from '../support/inspected-conductor.js';
import { createNeighbours, createSpecimen } from '../support/matrix/specimens.js';
import { findResourceTables } from '../support/resource-tables.js';

/** Requests to each resource: a few in every test run, 20,000 by `npm run fuzz`. */
const REQUESTS = Number(process.env['FERRIC_FUZZ_REQUESTS'] ?? 300);
/** The same requests every time, unless another seed is asked for. */
const SEED = Number(process.env['FERRIC_FUZZ_SEED'] ?? 20_261_121);
/** A request of ours is answered at once, or after the short wait for the lock of a node. Milliseconds. */
const ANSWER_LIMIT_MS = 10_000;
const TEST_LIMIT_MS = 30_000 + REQUESTS * 60;

const running = new AsyncDisposableStack();
let conductor: InspectedConductor;
let surroundings: Surroundings;

beforeAll(async () => {
  conductor = running.use(await startInspectedConductor());
  surroundings = await surround(conductor);
});
afterAll(() => running.disposeAsync());

/** Two records of each resource: one to stay, one to be deleted. */
async function surround(target: InspectedConductor): Promise<Surroundings> {
  const tables = [...(await findResourceTables()).values()].filter(({ collection }) => collection !== 'bios');
  const neighbours = await createNeighbours(target);
  const records = new Map<string, string[]>();
  const expendable = new Map<string, string[]>();
  const required = new Map<string, () => Readonly<Record<string, unknown>>>();
  for (const { collection } of tables) {
    for (const pool of [records, expendable]) {
      const { one, list, required: needed } = await createSpecimen(collection, target.request, neighbours);
      if (needed !== undefined) required.set(list.replace('/v1', ''), needed);
      pool.set(list.split('/').at(-1) ?? '', [one.split('/').at(-1) ?? '']);
    }
  }
  await target.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', name: 'fuzz', extra: { list: [1], a: {} } } });
  await bringTo(target, 'fuzz', 'manage', 'manageable');
  records.get('nodes')?.push('fuzz', neighbours.node);
  records.set('heartbeat', [await waitForAgent(target)]);
  return { records, expendable, required, fieldNames: [...new Set(tables.flatMap(({ fields }) => fields.map(({ name }) => name)))] };
}

/** A node whose machine is to report: the deploy agent's endpoints know it. */
async function waitForAgent(target: InspectedConductor): Promise<string> {
  const { body } = await target.request('POST', '/v1/nodes', {
    body: {
      driver: 'fake-hardware', name: 'waiting', boot_interface: 'ipxe', inspect_interface: 'agent',
      driver_info: { deploy_kernel: 'http://192.0.2.1/kernel', deploy_ramdisk: 'http://192.0.2.1/ramdisk' },
    },
  });
  const { uuid } = body as { readonly uuid: string };
  await target.request('POST', '/v1/ports', { body: { node_uuid: uuid, address: '52:54:00:aa:00:02' } });
  await bringTo(target, 'waiting', 'manage', 'manageable');
  await bringTo(target, 'waiting', 'inspect', 'inspect wait');
  return uuid;
}

async function bringTo(target: InspectedConductor, node: string, verb: string, state: string): Promise<void> {
  const accepted = await target.request('PUT', `/v1/nodes/${node}/states/provision`, { body: { target: verb } });
  expect([node, verb, accepted.status, accepted.text]).toEqual([node, verb, 202, '']);
  await vi.waitFor(async () => expect((await target.request('GET', `/v1/nodes/${node}/states`)).body).toMatchObject({ provision_state: state }), { timeout: ANSWER_LIMIT_MS });
}

async function send({ method, url, version, headers, body }: HostileRequest): Promise<Awaited<ReturnType<InspectedConductor['request']>>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not answered within ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS);
  try {
    return await Promise.race([conductor.request(method, url, { version, headers, ...(body === undefined ? {} : { body }) }), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is created goes again, so that lists stay short. */
async function remove(location: unknown): Promise<void> {
  if (typeof location !== 'string') return;
  await conductor.request('DELETE', location.replace(/^.*?(?=\/v1\/)/, ''));
}

/** The resource of a path below `/v1`: its first part; what is below nodes counts on its own. */
function resourceOf(path: string): string {
  const [, first = '', , below] = path.split('/');
  return first === 'nodes' && below !== undefined ? `nodes/.../${below}` : first;
}

/** What must have been attacked: every resource that Ironic has. */
const RESOURCES: ReadonlySet<string> = new Set(Object.keys(upTo(readIronicVersions().endpoints, MAXIMUM_VERSION)).map((name) => resourceOf(name.split(' ')[1] ?? '')));

/** Resources that nobody reaches by guessing: they want a token, the addresses of a machine, or a node that was inspected or allocated. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['heartbeat', 'continue_inspection', 'continue', 'nodes/.../inventory', 'nodes/.../allocation']);

describe(`hostile requests, ${REQUESTS} to each resource, FERRIC_FUZZ_SEED=${SEED}`, () => {
  test('get an answer in time that is no 500 and tells nothing of the program', { timeout: TEST_LIMIT_MS * RESOURCES.size }, async () => {
    const inherited = Object.getOwnPropertyNames(Object.prototype);
    const groups = Map.groupBy(conductor.endpoints, ({ path }) => resourceOf(path));
    const statuses = new Map<string, Map<number, number>>();
    // First of all lookups: what comes later may end the wait of the machine that they find.
    for (const [resource, endpoints] of [...groups].toSorted(([one], [other]) => Number(other === 'lookup') - Number(one === 'lookup'))) {
      const seen = new Map<number, number>();
      statuses.set(resource, seen);
      await assert(
        asyncProperty(oneof(...endpoints.map((endpoint) => requestsTo(endpoint, surroundings))), async (request) => {
          const answer = await send(request);
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          const wrong = complaint(request.method, answer);
          if (wrong !== undefined) throw new Error(`${wrong}; it was answered ${answer.status} ${answer.text.slice(0, 2000)}`);
          if (answer.status === 201) await remove(answer.headers['location']);
        }),
        { numRuns: REQUESTS, seed: SEED },
      );
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(inherited);
    expect([...RESOURCES].filter((resource) => !groups.has(resource))).toEqual([]);
    // The requests reached what they were aimed at: none of the resources turned all of them away.
    const unreached = [...statuses].filter(([resource, seen]) => !OUT_OF_REACH.has(resource) && ![200, 201, 202, 204].some((status) => seen.has(status)));
    expect(unreached).toEqual([]);
    expect(conductor.logger.lines.filter(({ message }) => message === 'Request failed unexpectedly')).toEqual([]);
    if (process.env['FERRIC_FUZZ_REQUESTS'] === undefined) return;
    for (const [resource, seen] of statuses) console.log(`${resource}: ${[...seen].toSorted(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`).join(', ')}`);
  });

  test('leave the records that they are about in order', async () => {
    let looked = 0;
    for (const [collection, identifiers] of surroundings.records) {
      const path = conductor.endpoints.find((endpoint) => endpoint.method === 'GET' && endpoint.path.endsWith(`/${collection}`) && !endpoint.path.includes(':'))?.path;
      if (path === undefined) continue;
      looked += 1;
      for (const identifier of identifiers.filter((each) => each !== 'fuzz')) {
        expect([path, identifier, (await conductor.request('GET', `/v1${path}/${identifier}`)).status]).toEqual([path, identifier, 200]);
      }
    }
    expect(looked).toBeGreaterThanOrEqual(8);
  });
});
