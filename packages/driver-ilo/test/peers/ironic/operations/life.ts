import type { Fields } from '../ironic-api.js';
import { type NodeUnderTest, power, provision } from '../node-under-test.js';
import type { Act, Operations } from './operation.js';

/** With something in `driver_info` that cannot work. Ironic takes the node to `enroll` again. */
function manageWith(name: string, value: string): Act {
  return async (node) => {
    const { api } = node.ironic;
    // Ironic shows no passwords.
    const right: Fields = { ...(node.node['driver_info'] as Fields), ilo_password: node.ilo.password };
    await api.patch(node.uuid, { [`/driver_info/${name}`]: value });
    try {
      return (await provision(node, 'manage'))['provision_state'];
    } finally {
      await api.patch(node.uuid, { [`/driver_info/${name}`]: right[name] });
    }
  };
}

/** What is told otherwise than it is. Ironic writes all values as texts. */
function compare(told: Fields, own: Fields): readonly string[] {
  const names = new Set([...Object.keys(told), ...Object.keys(own)]);
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return [...names].filter((name) => text(told[name]) !== text(own[name])).map((name) => `${name}: ${text(told[name])} for ${text(own[name])}`);
}

async function manage(node: NodeUnderTest): Promise<unknown> {
  const managed = await provision(node, 'manage');
  return [managed['provision_state'], managed['power_state'], managed['boot_mode'], managed['secure_boot']];
}

export const ENROLMENT: Operations = {
  enrol: async ({ node, ilo }) => {
    const { provision_state: state, power_state: powerState, boot_interface: boot, management_interface: management, raid_interface: raid } = node;
    return [state, powerState, boot, management, raid, ilo.activity.requests];
  },
  validate: async ({ ironic: { api }, uuid }) => {
    const interfaces = await api.ask('GET', `/v1/nodes/${uuid}/validate`);
    return Object.keys(interfaces).filter((name) => (interfaces[name] as { readonly result: boolean | null }).result === true).toSorted();
  },
  'manage with a wrong password': manageWith('ilo_password', 'a-wrong-password'),
  'manage with an authority that did not sign': manageWith('ilo_verify_ca', '/etc/ssl/certs/ca-certificates.crt'),
  manage,
  'list BIOS settings': async ({ ironic: { api }, uuid, ilo }) => {
    const { bios } = await api.ask('GET', `/v1/nodes/${uuid}/bios`);
    const told = (bios as readonly { readonly name: string; readonly value: unknown }[]).map(({ name, value }) => [name, value]);
    return told.length === 0 ? 'none' : compare(Object.fromEntries(told) as Fields, ilo.machine.bios.current);
  },
};

export const POWER: Operations = {
  'power on': (node) => power(node, 'power on'),
  'inject NMI': async ({ ironic: { api }, uuid, ilo }) => {
    await api.ask('PUT', `/v1/nodes/${uuid}/management/inject_nmi`, {});
    return ilo.machine.power.nonMaskableInterrupts;
  },
  reboot: (node) => power(node, 'rebooting'),
  'soft power off': (node) => power(node, 'soft power off'),
  'reboot what is off': (node) => power(node, 'rebooting'),
  'soft reboot': (node) => power(node, 'soft rebooting'),
  'power off': (node) => power(node, 'power off'),
  'power off what is off': (node) => power(node, 'power off'),
};

export const DELETION: Operations = {
  delete: async ({ ironic: { api }, uuid }) => {
    await api.ask('DELETE', `/v1/nodes/${uuid}`);
    const { nodes } = await api.ask('GET', '/v1/nodes');
    return (nodes as readonly Fields[]).some((node) => node['uuid'] === uuid);
  },
};

/** Makes a node ready to be cleaned, with the ports by which its agent is recognised. */
export async function prepare(node: NodeUnderTest): Promise<void> {
  for (const { macAddress: address } of node.ilo.machine.hardware.networkPorts) await node.ironic.api.ask('POST', '/v1/ports', { address, node_uuid: node.uuid });
  await manage(node);
}
