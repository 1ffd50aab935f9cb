import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../api.ts';
import type { ImageServer } from './image-server.ts';
import type { MachineFacts } from './machines.ts';

const RESOURCE_CLASS = 'bench';
const POLL_MS = 100;
const GIVE_UP_MS = 300_000;
const FAILED = new Set(['deploy failed', 'error']);

/** Enrols a node for each machine and makes it available. Returns their names. */
export async function enrolMachines(api: Api, machines: readonly MachineFacts[], { instanceInfo }: Pick<ImageServer, 'instanceInfo'>): Promise<readonly string[]> {
  const names = machines.map((_, index) => `machine-${index}`);
  await Promise.all(
    machines.map(async ({ driverInfo, mac }, index) => {
      const { uuid } = await api.call('POST', '/nodes', {
        name: names[index], driver: 'fake-hardware', driver_info: driverInfo, resource_class: RESOURCE_CLASS, instance_info: instanceInfo,
        boot_interface: 'ipxe', deploy_interface: 'direct', automated_clean: false,
      });
      await api.call('POST', '/ports', { node_uuid: uuid, address: mac });
    }),
  );
  await order(api, names, 'manage');
  await expectAll(api, names.length, 'manageable');
  await order(api, names, 'provide');
  await expectAll(api, names.length, 'available');
  return names;
}

export interface Deployed {
  /** From the first order to the last node that is active, or has failed. Seconds. */
  readonly seconds: number;
  readonly active: number;
}

/** Deploys all nodes at the same time. */
export async function deployAll(api: Api, names: readonly string[]): Promise<Deployed> {
  const startedAt = performance.now();
  await order(api, names, 'active');
  const states = await waitForAll(api, names.length, 'active');
  return { seconds: (performance.now() - startedAt) / 1000, active: states.get('active') ?? 0 };
}

/** What failed nodes say of themselves. */
export async function readErrors(api: Api): Promise<readonly string[]> {
  const { nodes } = await api.call('GET', `/nodes?resource_class=${RESOURCE_CLASS}&fields=name,provision_state,last_error&limit=1000`);
  return (nodes as readonly Record<string, string | null>[])
    .filter((node) => node['provision_state'] !== 'active')
    .map((node) => `${node['name']} is ${node['provision_state']}: ${node['last_error']}`);
}

async function order(api: Api, names: readonly string[], target: string): Promise<void> {
  await Promise.all(names.map((name) => api.call('PUT', `/nodes/${name}/states/provision`, { target })));
}

async function expectAll(api: Api, count: number, state: string): Promise<void> {
  const states = await waitForAll(api, count, state);
  if (states.get(state) !== count) throw new Error(`Not all nodes became ${state}: ${[...states].map(([name, many]) => `${many} are ${name}`).join(', ')}`);
}

/** Waits until every node is in the state or has failed, or time is over. Yields how many are in which state. */
async function waitForAll(api: Api, count: number, state: string): Promise<ReadonlyMap<string, number>> {
  const endsAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const { nodes } = await api.call('GET', `/nodes?resource_class=${RESOURCE_CLASS}&fields=provision_state&limit=1000`);
    const states = Map.groupBy(nodes as readonly { readonly provision_state: string }[], (node) => node.provision_state);
    const counts = new Map([...states].map(([name, those]) => [name, those.length]));
    const ended = [...counts].filter(([name]) => name === state || FAILED.has(name)).reduce((sum, [, many]) => sum + many, 0);
    if (ended === count || performance.now() > endsAt) return counts;
    await pause(POLL_MS);
  }
}
