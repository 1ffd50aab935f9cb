import type { StartVirtualDevice, VirtualDevice } from '@ferric/core';
import { findPackages } from '../compose/find-packages.js';

/** Machines of each kind that a demo rack holds. */
const MACHINES_PER_KIND = 2;

/** Starts virtual machines of every driver package of the project that brings a simulator. They are the stack's to dispose. */
export async function startVirtualRack(project: string, stack: AsyncDisposableStack): Promise<readonly VirtualDevice[]> {
  const { packages } = await findPackages({ projectDirectory: project });
  const devices: VirtualDevice[] = [];
  for (const { simulatorUrl } of packages) {
    if (simulatorUrl === undefined) continue;
    const { startVirtualDevice } = (await import(simulatorUrl.href)) as { readonly startVirtualDevice: StartVirtualDevice };
    for (let index = 0; index < MACHINES_PER_KIND; index += 1) devices.push(stack.use(await startVirtualDevice({ name: `demo-${devices.length + 1}` })));
  }
  return devices;
}
