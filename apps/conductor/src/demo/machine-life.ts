import type { JsonObject } from '@ferric/core';
import { controllerLife } from './controller-life.js';
import type { DemoImage } from './demo-files.js';
import type { LifeStep, LifeTools } from './life-step.js';
import { networkLife } from './network-life.js';
import type { DemoMachine } from './virtual-rack.js';

/** From an unknown machine to one in use, with the same calls an operator makes. */
export function lifeOf(machine: DemoMachine, tools: LifeTools): readonly LifeStep[] {
  const { body } = machine;
  return body === undefined ? controllerLife(machine, tools) : networkLife(machine, body, tools);
}

/** What became of a machine, for the table at the end. */
export interface LifeResult {
  readonly name: string;
  readonly driver: string;
  readonly provisionState: string;
  readonly powerState: string;
  readonly evidence: string;
}

/** How a machine stands after its life, as the API and the machine itself tell. */
export async function describeMachine({ client, image, signal }: LifeTools, machine: DemoMachine): Promise<LifeResult> {
  const { name } = machine.device;
  // A machine that could not even be enrolled is no reason to leave the others out.
  const node: JsonObject = await client.request('GET', `/nodes/${name}`).catch(() => {
    signal.throwIfAborted();
    return { provision_state: 'unknown', power_state: 'unknown' };
  });
  return {
    name,
    driver: machine.device.hardwareType,
    provisionState: String(node['provision_state']),
    powerState: String(node['power_state']),
    evidence: await findEvidence(machine, image),
  };
}

async function findEvidence({ device, body }: DemoMachine, image: DemoImage): Promise<string> {
  const power = `the machine itself is ${device.state.power === 'power on' ? 'on' : 'off'}`;
  if (body === undefined || device.state.power === 'power off') return power;
  const { running } = body.boot;
  if (running.kind !== 'disk') return `${power}, but not by its own disk: ${running.kind}`;
  const isSame = (await body.disk.read(0, image.bytes.length)).equals(image.bytes);
  return `the machine itself runs from its own disk, which ${isSame ? 'equals' : 'differs from'} the image`;
}
