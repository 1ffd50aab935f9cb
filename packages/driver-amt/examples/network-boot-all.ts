// Boots many machines with AMT from the network once, all at the same time, and waits until each is on.
//
//   node network-boot-all.ts --machines machines.json     a list of { "name", "driver_info" } with the fields of the README
//   node network-boot-all.ts --simulated 10               without hardware: machines of the simulator
//
// --json prints the results as JSON, --timeout-seconds N limits each machine (default 300). Exit code 0: all are on; 1: one is not; 2: wrong usage.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { FerricError } from '@ferric/core';
import { createAmtDriver } from '@ferric/driver-amt';
import { startVirtualDevice } from '@ferric/driver-amt/simulator';

interface Machine {
  readonly name: string;
  readonly driverInfo: unknown;
}

interface Result {
  readonly name: string;
  readonly outcome: 'on' | 'failed';
  readonly seconds: number;
  /** What came of it, or why not and what to do. */
  readonly told: string;
}

const { values } = parseArgs({
  options: { machines: { type: 'string' }, simulated: { type: 'string' }, json: { type: 'boolean', default: false }, 'timeout-seconds': { type: 'string', default: '300' } },
});
const timeoutMs = Number(values['timeout-seconds']) * 1000;
const simulatedCount = Number(values.simulated ?? 0);
if ((values.machines === undefined) === (values.simulated === undefined) || !Number.isInteger(simulatedCount) || !(timeoutMs > 0)) {
  console.error('Usage: network-boot-all.ts (--machines FILE | --simulated COUNT) [--json] [--timeout-seconds N]');
  process.exit(2);
}

await using simulated = new AsyncDisposableStack();
const machines = values.machines === undefined ? await startSimulated(simulatedCount) : await readMachines(values.machines);
await using driver = createAmtDriver();
const started = Date.now();
const results = await Promise.all(machines.map(bootFromNetwork));
report(results);
process.exitCode = results.every(({ outcome }) => outcome === 'on') ? 0 : 1;

async function bootFromNetwork({ name, driverInfo }: Machine): Promise<Result> {
  const since = Date.now();
  const seconds = (): number => (Date.now() - since) / 1000;
  try {
    await using device = driver.open(driver.driverInfo.parse(driverInfo));
    await device.bootDevice?.set('pxe', { persistent: false });
    const { reading, detail } = await device.power.set('rebooting', { timeoutMs });
    return { name, outcome: reading.state === 'power on' ? 'on' : 'failed', seconds: seconds(), told: detail ?? reading.state };
  } catch (error) {
    const told = FerricError.is(error) ? `${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}` : String(error);
    return { name, outcome: 'failed', seconds: seconds(), told };
  }
}

async function readMachines(path: string): Promise<readonly Machine[]> {
  const listed = JSON.parse(await readFile(path, 'utf8')) as readonly { readonly name: string; readonly driver_info: unknown }[];
  return listed.map(({ name, driver_info: driverInfo }) => ({ name, driverInfo }));
}

async function startSimulated(count: number): Promise<readonly Machine[]> {
  const devices = await Promise.all(Array.from({ length: count }, (_, index) => startVirtualDevice({ name: `amt-${index + 1}` })));
  return devices.map((device) => {
    simulated.use(device);
    return { name: device.name, driverInfo: device.driverInfo };
  });
}

function report(all: readonly Result[]): void {
  const total = (Date.now() - started) / 1000;
  const slowest = Math.max(0, ...all.map(({ seconds }) => seconds));
  if (values.json) {
    console.log(JSON.stringify({ total, slowest, machines: all }, null, 2));
    return;
  }
  const width = Math.max(4, ...all.map(({ name }) => name.length));
  for (const { name, outcome, seconds, told } of all) console.log(`${name.padEnd(width)}  ${outcome.padEnd(6)}  ${seconds.toFixed(1).padStart(6)} s  ${told}`);
  console.log(`${all.filter(({ outcome }) => outcome === 'on').length} of ${all.length} on, in ${total.toFixed(1)} s; the slowest took ${slowest.toFixed(1)} s`);
}
