/** Reads the power of many BMCs once with the driver, as a process of its own whose time and memory are those of the reading alone. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createIpmiDriver } from '@ferric/driver-ipmi';
import { errorCode, type PowerReading } from '@ferric/core';
import { BMC_PASSWORD, BMC_USERNAME, type FleetBmc } from './fleet.ts';

export interface SweepOrder {
  readonly bmcs: readonly FleetBmc[];
  /** How many are read at the same time. */
  readonly atOnce: number;
}

export interface SweepResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Readings that say what is true. */
  readonly right: number;
  /** Processes that this one started. */
  readonly children: number;
  /** The first few that were wrong. */
  readonly problems: readonly string[];
}

const DEADLINE_MS = 10_000;
const SAMPLING_MS = 10;
const SHOWN_PROBLEMS = 5;
/** What a driver may say of a BMC that never answers. */
const DEAD_CODES = new Set(['UNREACHABLE', 'TIMEOUT']);

async function sweep({ bmcs, atOnce }: SweepOrder): Promise<SweepResult> {
  const delays = monitorEventLoopDelay({ resolution: SAMPLING_MS });
  const problems: string[] = [];
  let right = 0;
  const cpuBefore = process.cpuUsage();
  delays.enable();
  const startedAt = performance.now();
  {
    await using driver = createIpmiDriver();
    const read = async ({ port }: FleetBmc): Promise<PowerReading> => {
      const info = driver.driverInfo.parse({ ipmi_address: '127.0.0.1', ipmi_port: port, ipmi_username: BMC_USERNAME, ipmi_password: BMC_PASSWORD });
      await using device = driver.open(info);
      return await device.power.read({ timeoutMs: DEADLINE_MS });
    };
    let next = 0;
    const work = async (): Promise<void> => {
      for (let bmc = bmcs[next++]; bmc !== undefined; bmc = bmcs[next++]) {
        const seen = await read(bmc).then(({ state }) => state as string, (error: unknown) => errorCode(error) as string);
        const expected = bmc.health === 'dead' ? DEAD_CODES.has(seen) : seen === bmc.power;
        if (expected) right += 1;
        else problems.push(`port ${bmc.port}, ${bmc.health}, ${bmc.power}: ${seen}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
  // The driver is closed by now, and with it every session: that belongs to the sweep.
  const seconds = (performance.now() - startedAt) / 1000;
  delays.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds, right,
    cpuSeconds: (user + system) / 1_000_000,
    peakMiB: Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024,
    p99Ms: Math.max(0, delays.percentile(99) / 1e6 - SAMPLING_MS),
    longestMs: Math.max(0, delays.max / 1e6 - SAMPLING_MS),
    children: countChildren(),
    problems: problems.slice(0, SHOWN_PROBLEMS),
  };
}

/** Source: proc(5), /proc/pid/task/tid/children. */
function countChildren(): number {
  return readdirSync('/proc/self/task').flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter((pid) => pid.trim() !== '')).length;
}

const [order] = (await once(process, 'message')) as [SweepOrder];
process.send?.(await sweep(order));
await once(process, 'disconnect');
