import { delay, withDeadline } from '@ferric/core';
import { enrolSteps } from './enrol.js';
import type { LifeStep, LifeTools } from './life-step.js';
import type { DemoMachine, MachineBody } from './virtual-rack.js';

/** What the owner before left on the disk, for cleaning to take away. */
const LEFTOVER = Buffer.from('left by somebody else');

/** How long a machine may take from power on to its own system. Milliseconds. */
const START_TIMEOUT_MS = 30_000;
const LOOK_MS = 20;

/** The life of a machine that boots from the network: the deploy agent inspects it, cleans it and writes the image. */
export function networkLife(machine: DemoMachine, { boot, disk, interfaces }: MachineBody, tools: LifeTools): readonly LifeStep[] {
  const { client, image, signal } = tools;
  const { name } = machine.device;
  return [
    ...enrolSteps(machine, tools, { ...interfaces, automated_clean: true }),
    {
      title: 'inspect',
      async run() {
        const { properties } = await client.provision(name, 'inspect', 'manageable');
        const { cpus, memory_mb: memory, local_gb: size } = properties as { readonly cpus?: number; readonly memory_mb?: number; readonly local_gb?: number };
        return `its agent found ${cpus} CPUs, ${memory} MiB of memory and a disk of ${size} GiB`;
      },
    },
    {
      title: 'provide',
      async run() {
        await disk.write(0, LEFTOVER);
        await client.provision(name, 'provide', 'available');
        if ((await disk.read(0, LEFTOVER.length)).some((byte) => byte !== 0)) throw new Error('Its disk still holds what was on it before cleaning');
        return 'available, its disk wiped';
      },
    },
    {
      title: 'deploy',
      async run() {
        const patch = Object.entries(image.instanceInfo).map(([field, value]) => ({ op: 'add', path: `/instance_info/${field}`, value }));
        await client.request('PATCH', `/nodes/${name}`, patch);
        await client.provision(name, 'active', 'active');
        await withDeadline({ signal, timeoutMs: START_TIMEOUT_MS }, { what: `The start of ${name} from its disk`, defaultTimeoutMs: START_TIMEOUT_MS }, async (deadline) => {
          while (boot.running.kind !== 'disk') await delay(LOOK_MS, { signal: deadline.signal });
        });
        return 'active, runs from its own disk';
      },
    },
  ];
}
