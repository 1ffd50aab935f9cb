import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { ApiAnswer } from '../api-client.js';
import type { InspectedConductor, InspectedRequest } from '../inspected-conductor.js';
import { sampleNode } from '../sample-node.js';
import { uniqueName, type Neighbours } from './samples.js';

type Ask = (method: string, url: string, options?: InspectedRequest) => Promise<ApiAnswer>;
export type Record_ = Readonly<Record<string, unknown>>;

/** One record of a resource, and where it is found. */
export interface Specimen {
  /** Path of the record. */
  readonly one: string;
  /** Path of the list. */
  readonly list: string;
  /** The record in an answer to its own path. Default: the whole answer. */
  readonly open?: (body: Record_) => unknown;
  /** What a creation needs besides the field that is tried; absent: records of this kind are not created. */
  readonly required?: () => Record_;
}

const MAC = (): string => `52:54:01:${randomUUID().slice(0, 6).replaceAll(/(..)(?=.)/g, '$1:')}`;

/** Resources that clients create: where, and with what. */
const CREATED: Readonly<Record<string, { readonly list: string; required(neighbours: Neighbours): Record_ }>> = {
  nodes: { list: '/v1/nodes', required: () => ({ driver: 'fake-hardware' }) },
  ports: { list: '/v1/ports', required: ({ node }) => ({ node_uuid: node, address: MAC() }) },
  portgroups: { list: '/v1/portgroups', required: ({ node }) => ({ node_uuid: node }) },
  chassis: { list: '/v1/chassis', required: () => ({}) },
  // None is ever fulfilled: no node has the class.
  allocations: { list: '/v1/allocations', required: () => ({ resource_class: 'nobody-has-it' }) },
  deploy_templates: {
    list: '/v1/deploy_templates',
    required: () => ({ name: `CUSTOM_${uniqueName().replaceAll('-', '_').toUpperCase()}`, steps: [{ interface: 'deploy', step: 'sample', args: {}, priority: 1 }] }),
  },
  connectors: { list: '/v1/volume/connectors', required: ({ node }) => ({ node_uuid: node, type: 'iqn', connector_id: uniqueName() }) },
  targets: {
    list: '/v1/volume/targets',
    required: ({ node }) => ({ node_uuid: node, volume_type: 'iscsi', volume_id: uniqueName(), boot_index: Number.parseInt(randomUUID().slice(0, 6), 16) }),
  },
};

/** Resources that are there without being created. */
const FOUND: Readonly<Record<string, (ask: Ask) => Promise<Specimen>>> = {
  drivers: async () => ({ one: '/v1/drivers/fake-hardware', list: '/v1/drivers' }),
  conductors: async () => ({ one: '/v1/conductors/test', list: '/v1/conductors' }),
  bios: async () => ({ one: `/v1/nodes/${BIOS_NODE}/bios/ProcTurbo`, list: `/v1/nodes/${BIOS_NODE}/bios`, open: (body) => body['ProcTurbo'] }),
  async history(ask) {
    const info = { fake_failures: [{ action: 'power on', message: 'The fuse has blown' }] };
    const node = await create(ask, '/v1/nodes', { driver: 'fake-hardware', driver_info: info });
    await ask('PUT', `${node}/states/power`, { body: { target: 'power on' } });
    const record = await vi.waitUntil(async () => listed((await ask('GET', `${node}/history`)).body)[0], { timeout: 10_000, interval: 10 });
    return { one: `${node}/history/${String(record['uuid'])}`, list: `${node}/history` };
  },
};

/** The node whose firmware settings the services of the tests tell. */
const BIOS_NODE: string = sampleNode().uuid;

/** The records of a list, whatever their collection is called. */
export function listed(body: unknown): readonly Record_[] {
  const rows = Object.values((body ?? {}) as Record<string, unknown>).find((value) => Array.isArray(value));
  return (rows ?? []) as readonly Record_[];
}

/** Creates a record in the newest version and yields its path. */
async function create(ask: Ask, list: string, body: Record_): Promise<string> {
  const answer = await ask('POST', list, { body });
  if (answer.status !== 201) throw new Error(`POST ${list} answered ${answer.status}: ${answer.text}`);
  return `${list}/${String((answer.body as Record_)['uuid'])}`;
}

/** A node, and where the API knows them a chassis and a port group, for others to name. */
export async function createNeighbours({ request, endpoints }: InspectedConductor): Promise<Neighbours> {
  const node = uuidOf(await create(request, '/v1/nodes', { driver: 'fake-hardware' }));
  // Volumes change only while their machine is known to be off.
  await request('PUT', `/v1/nodes/${node}/states/power`, { body: { target: 'power off' } });
  await vi.waitUntil(async () => isOff((await request('GET', `/v1/nodes/${node}`)).body as Record_), { timeout: 10_000, interval: 10 });
  const knows = (path: string): boolean => endpoints.some((endpoint) => endpoint.method === 'POST' && endpoint.path === path);
  return {
    node,
    chassis: knows('/chassis') ? uuidOf(await create(request, '/v1/chassis', {})) : undefined,
    portgroup: knows('/portgroups') ? uuidOf(await create(request, '/v1/portgroups', { node_uuid: node })) : undefined,
  };
}

function isOff(node: Record_): boolean {
  return node['power_state'] === 'power off' && node['reservation'] === null;
}

function uuidOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}

/** @throws Error for a collection that nobody wrote a specimen of. */
export async function createSpecimen(collection: string, ask: Ask, neighbours: Neighbours): Promise<Specimen> {
  const found = FOUND[collection];
  if (found !== undefined) return found(ask);
  const created = CREATED[collection];
  if (created === undefined) throw new Error(`Write a specimen of ${collection}: how a record of it is made or found`);
  const { list, required } = created;
  return { list, one: await create(ask, list, required(neighbours)), required: () => required(neighbours) };
}
