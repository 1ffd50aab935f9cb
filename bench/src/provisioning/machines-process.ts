/** A process with simulated machines: controllers, and firmware, agents and disks behind them. Ends when its parent lets go of it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createVirtualDisk, startNetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import { startVirtualDevice } from '@ferric/driver-fake/simulator';
import type { MachineFacts, MachinesAnswer, MachinesOrder, MachinesSettings } from './machines.ts';
import { PACINGS } from './pacing.ts';

const DISK_BYTES = 8 * 1024 ** 3;

async function startMachine({ conductorUrl, pacing }: MachinesSettings, place: AsyncDisposableStack): Promise<{ readonly facts: MachineFacts; readonly disk: VirtualDisk }> {
  const device = place.use(await startVirtualDevice());
  const disk = place.use(createVirtualDisk({ sizeBytes: DISK_BYTES }));
  place.use(
    startNetworkBoot({
      device, disk,
      agent: { pacing: PACINGS[pacing] },
      scriptUrl: (mac) => `${conductorUrl}/v1/drivers/fake-hardware/vendor_passthru/ipxe_config?port_address=${mac}`,
    }),
  );
  return { facts: { driverInfo: device.driverInfo, mac: device.ports[0]?.address ?? '' }, disk };
}

async function holds(disk: VirtualDisk, { bytes, sha256 }: MachinesOrder): Promise<boolean> {
  return createHash('sha256').update(await disk.read(0, bytes)).digest('hex') === sha256;
}

function answer(message: MachinesAnswer): void {
  process.send?.(message);
}

const settings = JSON.parse(process.argv[2] ?? '') as MachinesSettings;
await using place = new AsyncDisposableStack();
const machines = await Promise.all(Array.from({ length: settings.count }, () => startMachine(settings, place)));
const released = once(process, 'disconnect');
process.on('message', (order: MachinesOrder) => {
  void Promise.all(machines.map(({ disk }) => holds(disk, order))).then((held) => answer({ kind: 'counted', count: held.filter(Boolean).length }));
});
answer({ kind: 'ready', machines: machines.map(({ facts }) => facts) });
await released;
