import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import type { AmtPowerChange, PowerChangeOptions } from '../src/client/power/power-change.js';
import { createPowerCalls, type AmtPowerTarget, type PowerCalls } from '../src/client/power/index.js';
import { createFakeAmt, type FakeAmt } from './fake-amt.js';
import { run } from './run.js';

export const POWER_REQUEST = 'RequestPowerStateChange';
/** What a machine that is on and runs its management service accepts: recorded from a device. */
export const WITH_AGENT = [10, 8, 5, 11, 4, 7, 14, 12];

export interface PowerBench {
  readonly amt: FakeAmt;
  readonly clock: FakeClock;
  readonly power: PowerCalls;
  /** Times of the requests on the clock. Milliseconds. */
  readonly times: number[];
  change(target: AmtPowerTarget, options?: PowerChangeOptions): Promise<AmtPowerChange>;
}

export function createPowerBench(powerState = 8): PowerBench {
  const amt = createFakeAmt();
  const clock = createFakeClock();
  const times: number[] = [];
  amt.powerState = powerState;
  amt.before = (call) => {
    if (call.startsWith(`invoke ${POWER_REQUEST}`)) times.push(clock.monotonicMs());
  };
  const power = createPowerCalls(amt.wsman, { clock });
  return { amt, clock, power, times, change: (target, options) => run(clock, power.change(target, options)) };
}

/** The power requests that went out, by their numbers. */
export function requests({ amt }: PowerBench): readonly string[] {
  return amt.changes.map((call) => call.replace(`invoke ${POWER_REQUEST} `, ''));
}
