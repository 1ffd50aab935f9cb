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

interface Wanted {
  readonly source: { readonly machines: string } | { readonly simulated: number };
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** What the command line, or the list of machines, has wrong. */
class UsageError extends Error {}

try {
  const wanted = readCommandLine();
  const started = performance.now();
  const results = await bootAll(wanted);
  report(results, { json: wanted.json, seconds: secondsSince(started) });
  process.exitCode = results.every(({ outcome }) => outcome === 'on') ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nUsage: network-boot-all.ts (--machines FILE | --simulated COUNT) [--json] [--timeout-seconds N]`);
  process.exitCode = 2;
}

async function bootAll({ source, timeoutMs }: Wanted): Promise<readonly Result[]> {
  await using simulated = new AsyncDisposableStack();
  const machines = 'machines' in source ? await readMachines(source.machines) : await startSimulated(source.simulated, simulated);
  // One driver for all: it speaks to many machines at the same time, and to each of them one request after the other.
  await using driver = createAmtDriver();
  return await Promise.all(machines.map((machine) => bootFromNetwork(driver, machine, timeoutMs)));
}

async function bootFromNetwork(driver: ReturnType<typeof createAmtDriver>, { name, driverInfo }: Machine, timeoutMs: number): Promise<Result> {
  const started = performance.now();
  try {
    await using device = driver.open(driver.driverInfo.parse(driverInfo));
    await device.bootDevice?.set('pxe', { persistent: false });
    const { reading, detail } = await device.power.set('rebooting', { timeoutMs });
    return { name, outcome: reading.state === 'power on' ? 'on' : 'failed', seconds: secondsSince(started), told: detail ?? reading.state };
  } catch (error) {
    return { name, outcome: 'failed', seconds: secondsSince(started), told: tell(error) };
  }
}

function tell(error: unknown): string {
  if (!FerricError.is(error)) return String(error);
  return `${error.code}: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`;
}

function readCommandLine(): Wanted {
  const { machines, simulated, json, 'timeout-seconds': seconds } = parse();
  const timeoutMs = Number(seconds) * 1000;
  // The longest time that a call takes: a day.
  if (!(timeoutMs >= 1 && timeoutMs <= 86_400_000)) throw new UsageError('--timeout-seconds takes a number from 0.001 to 86400');
  if (machines !== undefined && simulated === undefined) return { source: { machines }, json, timeoutMs };
  if (simulated === undefined || machines !== undefined) throw new UsageError('One of --machines and --simulated is needed, and not both');
  if (!/^[1-9]\d{0,2}$/.test(simulated)) throw new UsageError('--simulated takes a whole number from 1 to 999');
  return { source: { simulated: Number(simulated) }, json, timeoutMs };
}

function parse() {
  try {
    const options = {
      machines: { type: 'string' }, simulated: { type: 'string' }, json: { type: 'boolean', default: false }, 'timeout-seconds': { type: 'string', default: '300' },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function readMachines(path: string): Promise<readonly Machine[]> {
  const listed = await readJson(path);
  if (!Array.isArray(listed) || listed.length === 0) throw new UsageError(`${path} must hold a list of machines`);
  return listed.map((item: unknown, index) => {
    const { name, driver_info: driverInfo } = Object(item) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') throw new UsageError(`${path}: machine ${index + 1} must have a "name"`);
    // What is in driver_info is checked when the machine is opened.
    return { name, driverInfo };
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    // The message of JSON.parse quotes what it found, and passwords are in there.
    const reason = error instanceof SyntaxError ? 'it is not JSON' : error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be read: ${reason}`);
  }
}

async function startSimulated(count: number, owner: AsyncDisposableStack): Promise<readonly Machine[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const device = owner.use(await startVirtualDevice({ name: `amt-${index + 1}` }));
      return { name: device.name, driverInfo: device.driverInfo };
    }),
  );
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

function report(all: readonly Result[], { json, seconds: total }: { readonly json: boolean; readonly seconds: number }): void {
  const slowest = Math.max(...all.map(({ seconds }) => seconds));
  if (json) {
    console.log(JSON.stringify({ total, slowest, machines: all }, null, 2));
    return;
  }
  const width = Math.max(...all.map(({ name }) => name.length));
  for (const { name, outcome, seconds, told } of all) console.log(`${name.padEnd(width)}  ${outcome.padEnd(6)}  ${seconds.toFixed(1).padStart(6)} s  ${told}`);
  console.log(`${all.filter(({ outcome }) => outcome === 'on').length} of ${all.length} on, in ${total.toFixed(1)} s; the slowest took ${slowest.toFixed(1)} s`);
}
