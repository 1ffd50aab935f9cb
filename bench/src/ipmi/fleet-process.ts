/** A process with simulated BMCs. Ends when its parent lets go of it. */
import { once } from 'node:events';
import { startBmcFleet } from '@ferric/ipmi-raw-buffer/simulator';
import { BMC_PASSWORD, BMC_USERNAME, type FleetAnswer, type FleetOrder } from './fleet.ts';

const DEAD_SHARE = 0.05;
const SLOW_SHARE = 0.05;
const SLOW_MS = 500;

function answer(message: FleetAnswer): void {
  process.send?.(message);
}

const { count } = JSON.parse(process.argv[2] ?? '') as FleetOrder;
await using fleet = await startBmcFleet({
  count,
  dead: Math.round(count * DEAD_SHARE),
  slow: Math.round(count * SLOW_SHARE),
  slowMs: SLOW_MS,
  users: [{ name: BMC_USERNAME, password: BMC_PASSWORD }],
});
// Every other machine is on, so that a reading can be wrong.
for (const [index, { bmc }] of fleet.bmcs.entries()) bmc.machine.power = index % 2 === 0 ? 'power on' : 'power off';
const released = once(process, 'disconnect');
process.on('message', () => answer({ kind: 'sessions', count: fleet.activity.openSessions }));
answer({ kind: 'ready', bmcs: fleet.bmcs.map(({ bmc, health }) => ({ port: bmc.port, health, power: bmc.machine.power })) });
await released;
