import type { JsonValue, VirtualDevice } from '@ferric/core';
import type { IronicClient } from './ironic-client.js';

/** One step in the life of a demo machine. */
export interface LifeStep {
  readonly title: string;
  run(client: IronicClient, machine: VirtualDevice, name: string): Promise<string>;
}

/** What became of a machine, for the table at the end. */
export interface LifeResult {
  readonly name: string;
  readonly driver: string;
  readonly provisionState: string;
  readonly powerState: string;
  readonly evidence: string;
}

const reached = (state: string) => (node: Record<string, JsonValue>): boolean => node['provision_state'] === state && node['reservation'] === null;

/** From an unknown machine to one in use, with the same calls an operator makes. */
export const MACHINE_LIFE: readonly LifeStep[] = [
  {
    title: 'enrol',
    async run(client, machine, name) {
      const node = await client.request('POST', '/nodes', { name, driver: machine.hardwareType, driver_info: machine.driverInfo as JsonValue, resource_class: 'demo' });
      for (const port of machine.ports) await client.request('POST', '/ports', { node_uuid: node['uuid'] ?? null, address: port.address });
      return `driver ${machine.hardwareType}`;
    },
  },
  {
    title: 'manage',
    async run(client, _machine, name) {
      await client.request('PUT', `/nodes/${name}/states/provision`, { target: 'manage' });
      const node = await client.waitFor(name, reached('manageable'));
      return `its controller says ${String(node['power_state'])}`;
    },
  },
  {
    title: 'power on',
    async run(client, machine, name) {
      await client.request('PUT', `/nodes/${name}/states/power`, { target: 'power on' });
      await client.waitFor(name, (node) => node['power_state'] === 'power on' && node['target_power_state'] === null);
      await machine.settled?.();
      if (machine.state.power !== 'power on') throw new Error('The virtual machine did not wake up');
      return 'the virtual machine is on';
    },
  },
  {
    title: 'provide',
    async run(client, _machine, name) {
      await client.request('PUT', `/nodes/${name}/states/provision`, { target: 'provide' });
      await client.waitFor(name, reached('available'));
      return 'available';
    },
  },
  {
    title: 'deploy',
    async run(client, _machine, name) {
      const node = await client.request('GET', `/nodes/${name}?fields=deploy_interface`);
      if (node['deploy_interface'] === 'no-deploy') return 'no package that deploys this kind is installed';
      await client.request('PUT', `/nodes/${name}/states/provision`, { target: 'active' });
      await client.waitFor(name, reached('active'));
      return 'active';
    },
  },
];

/** How a machine stands after its life, as the API and the machine itself tell. */
export async function describeMachine(client: IronicClient, machine: VirtualDevice, name: string): Promise<LifeResult> {
  const node = await client.request('GET', `/nodes/${name}`);
  return {
    name,
    driver: String(node['driver']),
    provisionState: String(node['provision_state']),
    powerState: String(node['power_state']),
    evidence: `the machine itself is ${machine.state.power === 'power on' ? 'on' : 'off'}`,
  };
}
