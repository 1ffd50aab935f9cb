import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '@ferric/core';
import { waitFor } from '@ferric/lab';
import { type IronicClient, type Resource } from './ironic-client.js';
import { createRandom, type Random } from './random.js';

/** Kinds of what clients do. */
export const OPERATIONS = ['patch', 'power', 'provision', 'allocate', 'release', 'read'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface LoadOptions {
  /** One or more conductors of the same nodes; clients are spread over them. */
  readonly apis: readonly IronicClient[];
  /** Nodes that are powered and taken through their states. */
  readonly machines: readonly string[];
  /** Nodes that allocations are made of; nobody provisions them, so that an allocation ends only when its client says so. */
  readonly reserve: readonly string[];
  readonly resourceClass: string;
  readonly clients: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface LoadResult {
  readonly counts: ReadonlyMap<Operation, ReadonlyMap<number, number>>;
  /** What each client was told to have written last, by node and key. */
  readonly written: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How many allocations ended in which state. */
  readonly allocations: ReadonlyMap<string, number>;
  /** What no answer may say or show. */
  readonly violations: readonly string[];
}

/** Texts of a database whose own concurrency shows through. */
export const DATABASE_TEXTS: RegExp = /database is locked|SQLITE_BUSY|deadlock detected|could not serialize|duplicate key|UNIQUE constraint/i;

/** Time in which an allocation finds its node. Milliseconds. */
const ALLOCATION_LIMIT_MS = 20_000;

/** What the clients share. */
interface Shared {
  readonly options: LoadOptions;
  readonly endsAt: number;
  readonly counts: Map<Operation, Map<number, number>>;
  readonly written: Map<string, Map<string, number>>;
  readonly allocations: Map<string, number>;
  readonly violations: string[];
  /** Allocations by the node they have, from the moment they were seen to have it until they are given back. */
  readonly held: Map<string, string>;
}

interface Client {
  readonly api: IronicClient;
  readonly key: string;
  readonly random: Random;
  counter: number;
}

type Turn = (client: Client, shared: Shared) => Promise<void>;

/** Lets many clients work on a few nodes at the same time. It fails only when a request does not come back at all. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const endsAt = Date.now() + options.durationMs;
  const shared: Shared = { options, endsAt, counts: new Map(), written: new Map(), allocations: new Map(), violations: [], held: new Map() };
  await Promise.all(Array.from({ length: options.clients }, (_, index) => runClient(index, shared)));
  return shared;
}

/** What a client does in its turns; each has a part of the clients to itself, so that none starves. */
const TURNS: readonly Turn[] = [patch, patch, changePower, provision, allocate];

async function runClient(index: number, shared: Shared): Promise<void> {
  const { apis, seed } = shared.options;
  const [api] = apis.slice(index % apis.length);
  const turn = TURNS[index % TURNS.length];
  if (api === undefined || turn === undefined) throw new Error('There is no conductor to ask');
  const client: Client = { api, key: `client-${index}`, random: createRandom(seed + index * 7919), counter: 0 };
  while (Date.now() < shared.endsAt) {
    // Everybody patches in between: what others do to a node must not lose it.
    await (client.random.integer(0, 3) === 0 ? patch : turn)(client, shared);
    if (client.random.integer(0, 9) === 0) await readAll(client, shared);
  }
}

function choose<T>(random: Random, from: readonly T[]): T {
  return from[random.integer(0, from.length - 1)] as T;
}

interface Told {
  readonly status: number;
  readonly body: JsonObject;
}

/** One request whose answer is counted and looked at. */
async function ask(operation: Operation, { api }: Client, shared: Shared, method: string, path: string, body?: JsonValue): Promise<Told> {
  const answer = await api.request(method, path, body === undefined ? {} : { body });
  const statuses = shared.counts.get(operation) ?? new Map<number, number>();
  shared.counts.set(operation, statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1));
  if (answer.status >= 500 || DATABASE_TEXTS.test(answer.text)) shared.violations.push(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return { status: answer.status, body: answer.text === '' ? {} : (answer.json() as JsonObject) };
}

/** Writes the next number under the client's own key. */
async function patch(client: Client, shared: Shared): Promise<void> {
  const node = choose(client.random, [...shared.options.machines, ...shared.options.reserve]);
  client.counter += 1;
  const operation = { op: 'add', path: `/extra/${client.key}`, value: client.counter };
  const { status, body } = await ask('patch', client, shared, 'PATCH', `/v1/nodes/${node}`, [operation]);
  if (status !== 200) return;
  const shown = (body['extra'] as JsonObject)[client.key];
  if (shown !== client.counter) shared.violations.push(`${node}: the answer to ${client.key} = ${client.counter} shows ${String(shown)}`);
  const keys = shared.written.get(node) ?? new Map<string, number>();
  shared.written.set(node, keys.set(client.key, client.counter));
}

async function changePower(client: Client, shared: Shared): Promise<void> {
  const target = choose(client.random, ['power on', 'power off', 'rebooting']);
  await ask('power', client, shared, 'PUT', `/v1/nodes/${choose(client.random, shared.options.machines)}/states/power`, { target });
}

/** What leads on from a state. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  enroll: ['manage'],
  manageable: ['provide'],
  available: ['active', 'active', 'manage'],
  active: ['deleted', 'rebuild'],
  'deploy failed': ['deleted'],
  'clean failed': ['manage'],
};

async function provision(client: Client, shared: Shared): Promise<void> {
  const path = `/v1/nodes/${choose(client.random, shared.options.machines)}`;
  const { body } = await ask('read', client, shared, 'GET', `${path}?fields=provision_state`);
  const target = choose(client.random, VERBS[String(body['provision_state'])] ?? ['abort']);
  await ask('provision', client, shared, 'PUT', `${path}/states/provision`, { target });
}

/** How many allocations a client asks for at the same moment: they all see the same nodes free. */
const BURST = 6;

/** Takes nodes by allocations, holds them for a moment and gives them back. */
async function allocate(client: Client, shared: Shared): Promise<void> {
  const uuids = Array.from({ length: BURST }, () => randomUUID());
  await Promise.all(uuids.map((uuid) => allocateOne(uuid, client, shared)));
}

async function allocateOne(uuid: string, client: Client, shared: Shared): Promise<void> {
  const created = await ask('allocate', client, shared, 'POST', '/v1/allocations', { uuid, resource_class: shared.options.resourceClass });
  if (created.status !== 201) return;
  const path = `/v1/allocations/${uuid}`;
  const { body } = await waitFor(`the end of allocating ${uuid}`, async () => {
    const seen = await ask('read', client, shared, 'GET', path);
    return seen.body['state'] === 'allocating' ? undefined : seen;
  }, { timeoutMs: ALLOCATION_LIMIT_MS });
  const state = String(body['state']);
  shared.allocations.set(state, (shared.allocations.get(state) ?? 0) + 1);
  if (String(body['last_error']).includes('Unexpected')) shared.violations.push(`allocation ${uuid} failed: ${String(body['last_error'])}`);
  const node = state === 'active' ? String(body['node_uuid']) : undefined;
  if (node !== undefined) hold(node, uuid, shared);
  await ask('read', client, shared, 'GET', node === undefined ? path : `/v1/nodes/${node}`);
  if (node !== undefined) shared.held.delete(node);
  // The node may be locked by somebody else's patch.
  const release = async (): Promise<true | undefined> => ((await ask('release', client, shared, 'DELETE', path)).status === 409 ? undefined : true);
  await waitFor(`the end of releasing ${uuid}`, release, { timeoutMs: ALLOCATION_LIMIT_MS });
}

function hold(node: string, allocation: string, { held, violations }: Shared): void {
  const other = held.get(node);
  if (other !== undefined) violations.push(`node ${node} has the allocations ${other} and ${allocation} at the same time`);
  held.set(node, allocation);
}

/** One look at everything: within an answer, too, no instance has two nodes and no node two allocations. */
async function readAll(client: Client, shared: Shared): Promise<void> {
  const nodes = (await ask('read', client, shared, 'GET', '/v1/nodes?fields=uuid,instance_uuid,allocation_uuid')).body['nodes'] as readonly Resource[] | undefined;
  for (const field of ['instance_uuid', 'allocation_uuid']) {
    const given = (nodes ?? []).flatMap((node) => (typeof node[field] === 'string' ? [node[field]] : []));
    if (new Set(given).size < given.length) shared.violations.push(`two nodes have the same ${field}: ${given.join(', ')}`);
  }
  const { status, body } = await ask('read', client, shared, 'GET', '/v1/allocations?state=active');
  if (status !== 200) return;
  const taken = (body['allocations'] as readonly Resource[]).map((allocation) => String(allocation['node_uuid']));
  if (new Set(taken).size < taken.length) shared.violations.push(`two active allocations have the same node: ${taken.join(', ')}`);
}

/** Rows of a table with one status a column. */
export function loadTable({ counts }: LoadResult): readonly (readonly string[])[] {
  const statuses = [...new Set([...counts.values()].flatMap((each) => [...each.keys()]))].toSorted((a, b) => a - b);
  return [
    ['operation', ...statuses.map(String)],
    ...OPERATIONS.map((operation) => [operation, ...statuses.map((status) => String(counts.get(operation)?.get(status) ?? 0))]),
  ];
}
