import type { JsonObject } from '@ferric/core';
import { enrolSteps } from './enrol.js';
import type { LifeStep, LifeTools } from './life-step.js';
import type { DemoMachine } from './virtual-rack.js';

/** What a deployment needs. */
const DEPLOY_INTERFACES = ['boot', 'deploy'] as const;

/** The life of a controller without a machine behind it, which is switched on, and deployed where that needs no machine. */
export function controllerLife(machine: DemoMachine, tools: LifeTools): readonly LifeStep[] {
  const { device } = machine;
  const { client } = tools;
  const { name } = device;
  return [
    ...enrolSteps(machine, tools, {}),
    {
      title: 'power on',
      async run() {
        await client.request('PUT', `/nodes/${name}/states/power`, { target: 'power on' });
        await client.waitFor(name, (node) => node['power_state'] === 'power on' && node['target_power_state'] === null);
        await device.settled?.();
        if (device.state.power !== 'power on') throw new Error('The virtual machine did not wake up');
        return 'the virtual machine is on';
      },
    },
    {
      title: 'provide',
      async run() {
        await client.provision(name, 'provide', 'available');
        return 'available';
      },
    },
    {
      title: 'deploy',
      async run() {
        const refusal = findRefusal(await client.request('GET', `/nodes/${name}/validate`));
        if (refusal !== undefined) return `not possible with a controller alone: ${refusal}`;
        await client.provision(name, 'active', 'active');
        return 'active';
      },
    },
  ];
}

/** Why a node cannot be deployed, from what validating it answered; undefined when it can. */
function findRefusal(validation: JsonObject): string | undefined {
  for (const name of DEPLOY_INTERFACES) {
    const { result, reason } = (validation[name] ?? {}) as { readonly result?: boolean | null; readonly reason?: string | null };
    if (result !== true) return reason ?? `it has no ${name} interface`;
  }
  return undefined;
}
