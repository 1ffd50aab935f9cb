import type { JsonValue, VirtualDevice } from '@ferric/core';
import { startVirtualDevice } from '@ferric/driver-libvirt/simulator';
import type { RunningConductor } from './running-conductor.js';

/** Enrols a machine behind a simulated libvirt, which is switched on. Disposing it takes the machine away. */
export async function enrolLibvirtMachine(running: RunningConductor, name: string): Promise<VirtualDevice> {
  const machine = await startVirtualDevice();
  machine.state.power = 'power on';
  const { body } = await running.call('POST', '/v1/nodes', { name, driver: machine.hardwareType, driver_info: machine.driverInfo as Record<string, JsonValue> });
  for (const { address } of machine.ports) await running.call('POST', '/v1/ports', { node_uuid: body['uuid'], address });
  return machine;
}
