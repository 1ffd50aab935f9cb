import { invalidOptions, printValue } from '@ferric/core';
import type { BmcOptions } from './options.js';
import { type BmcSettings, guidOf, resolveSettings } from './settings.js';
import { listen, type VirtualBmc } from './virtual-bmc.js';

export interface BmcFleetOptions extends Omit<BmcOptions, 'port' | 'guid'> {
  /** How many, 1..20000. */
  readonly count: number;
  /** How many of them take everything and say nothing. Default 0. They are spread evenly, as the slow ones are. */
  readonly dead?: number;
  /** How many of them answer late. Default 0. */
  readonly slow?: number;
  /** How late. Milliseconds, default 1000. */
  readonly slowMs?: number;
}

/** One BMC of a fleet. */
export interface FleetBmc {
  readonly bmc: VirtualBmc;
  readonly health: 'well' | 'dead' | 'slow';
}

/** Many BMCs in one process. Disposing ends them all. */
export interface BmcFleet extends AsyncDisposable {
  readonly bmcs: readonly FleetBmc[];
  /** Sums over all of them. */
  readonly activity: FleetActivity;
}

export interface FleetActivity {
  readonly openSessions: number;
  readonly sessionsOpened: number;
  readonly sessionsClosed: number;
  readonly authenticationAttempts: number;
  readonly packetsReceived: number;
  readonly duplicates: number;
  readonly changeCommands: number;
}

/** Sockets that are opened at the same time. */
const AT_ONCE = 256;
const MOST = 20_000;

/**
 * Starts many BMCs, each on a free port of its own; they share all content that does not change. Names are `bmc-1`, `bmc-2`, ... with GUIDs made
 * from them, behind the name of the options where there is one.
 * @throws INVALID_OPTIONS for options that cannot be; the error of the system when it has no more sockets.
 */
export async function startBmcFleet({ count, dead = 0, slow = 0, slowMs = 1000, ...options }: BmcFleetOptions): Promise<BmcFleet> {
  checkCounts(count, dead, slow);
  const shared = resolveSettings(options);
  const prefix = options.name === undefined ? 'bmc' : `${options.name}-bmc`;
  const started: FleetBmc[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map(({ bmc }) => bmc[Symbol.asyncDispose]()));
  };
  try {
    for (let first = 0; first < count; first += AT_ONCE) {
      const indexes = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => first + index);
      const results = await Promise.allSettled(indexes.map((index) => start(shared, `${prefix}-${index + 1}`, healthOf(index, { count, dead, slow }), slowMs)));
      started.push(...results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    bmcs: started,
    get activity() {
      return sum(started);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function start(shared: BmcSettings, name: string, health: FleetBmc['health'], slowMs: number): Promise<FleetBmc> {
  const bmc = await listen({ ...shared, name, guid: guidOf(name), port: 0 }, health === 'dead');
  if (health === 'slow') bmc.faults.inject({ kind: 'slow', delayMs: slowMs });
  return { bmc, health };
}

/** Spreads the dead evenly, and the slow evenly over the others. */
function healthOf(index: number, { count, dead, slow }: { readonly count: number; readonly dead: number; readonly slow: number }): FleetBmc['health'] {
  const deadBefore = Math.floor((index * dead) / count);
  if (Math.floor(((index + 1) * dead) / count) > deadBefore) return 'dead';
  const alive = index - deadBefore;
  return Math.floor(((alive + 1) * slow) / (count - dead)) > Math.floor((alive * slow) / (count - dead)) ? 'slow' : 'well';
}

const SUMMED = ['openSessions', 'sessionsOpened', 'sessionsClosed', 'authenticationAttempts', 'packetsReceived', 'duplicates', 'changeCommands'] as const;

function sum(fleet: readonly FleetBmc[]): FleetActivity {
  const total = { openSessions: 0, sessionsOpened: 0, sessionsClosed: 0, authenticationAttempts: 0, packetsReceived: 0, duplicates: 0, changeCommands: 0 };
  for (const { bmc } of fleet) {
    const { activity } = bmc;
    for (const name of SUMMED) total[name] += activity[name];
  }
  return total;
}

function checkCounts(count: number, dead: number, slow: number): void {
  const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least && value <= MOST;
  const issues = [
    { field: 'count', expected: `a whole number from 1 to ${MOST}`, isFine: isCount(count, 1), value: count },
    { field: 'dead', expected: 'a whole number, and with the slow ones no more than there are', isFine: isCount(dead, 0) && dead + slow <= count, value: dead },
    { field: 'slow', expected: 'a whole number, and with the dead ones no more than there are', isFine: isCount(slow, 0) && dead + slow <= count, value: slow },
  ].filter(({ isFine }) => !isFine);
  if (issues.length === 0) return;
  throw invalidOptions('BMC fleet', issues.map(({ field, expected, value }) => ({ field, expected, problem: 'invalid', received: printValue(value) })));
}
