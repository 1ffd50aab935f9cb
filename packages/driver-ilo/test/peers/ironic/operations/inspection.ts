import { provision } from '../node-under-test.js';
import type { Operations } from './operation.js';

/** `k:v,k:v` as an object. */
function capabilitiesOf(text: unknown): Readonly<Record<string, string>> {
  const pairs = String(text).split(',').map((pair) => {
    const at = pair.indexOf(':');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs) as Readonly<Record<string, string>>;
}

export const INSPECTION: Operations = {
  inspect: async (node) => {
    const inspected = await provision(node, 'inspect');
    const { capabilities, security_parameters: security, ...properties } = inspected['properties'] as Record<string, unknown>;
    const { ports } = await node.ironic.api.ask('GET', `/v1/ports?node=${node.uuid}`);
    return {
      state: [inspected['provision_state'], inspected['power_state'], node.ilo.machine.power.state],
      properties,
      ports: (ports as readonly { readonly address: string }[]).map(({ address }) => address).toSorted(),
      capabilities: capabilitiesOf(capabilities),
      security,
    };
  },
};
