import type { JsonObject, JsonValue } from '@ferric/core';
import type { LifeStep, LifeTools } from './life-step.js';
import type { DemoMachine } from './virtual-rack.js';

/** The steps that every life begins with: the node is made and its controller is asked. */
export function enrolSteps({ device, uuid }: DemoMachine, { client }: LifeTools, settings: JsonObject): readonly LifeStep[] {
  const { name, hardwareType } = device;
  return [
    {
      title: 'enrol',
      async run() {
        await client.request('POST', '/nodes', {
          uuid, name, driver: hardwareType, driver_info: device.driverInfo as JsonValue, resource_class: 'demo', ...settings,
        });
        for (const { address } of device.ports) await client.request('POST', '/ports', { node_uuid: uuid, address });
        return `driver ${hardwareType}`;
      },
    },
    {
      title: 'manage',
      async run() {
        const node = await client.provision(name, 'manage', 'manageable');
        return `its controller says ${String(node['power_state'])}`;
      },
    },
  ];
}
