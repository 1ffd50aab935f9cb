import { expect, test } from 'vitest';
import { ask } from '../../src/sdr/ask.js';
import { answer, recordBmc, withMovingClock } from '../record-bmc.js';

/** How often a request goes out that is always answered with this code. */
async function timesAsked(completionCode: number, repeatable?: boolean): Promise<number> {
  const bmc = recordBmc({ '0a/43': () => answer(completionCode) });
  const request = { netFn: 0x0a, command: 0x43 };
  const response = await withMovingClock((clock) => ask(bmc, 'Get SEL Entry', request, { clock, ...(repeatable === undefined ? {} : { repeatable }) }));
  expect(response.completionCode).toBe(completionCode);
  expect(bmc.options.map((options) => options.repeatable)).toEqual(bmc.options.map(() => repeatable));
  return bmc.count('0a/43');
}

test.each([
  ['busy with the log or the device', 0x81, 8],
  ['timeout while processing', 0xc3, 2],
  ['repository in update mode', 0xd0, 5],
  ['node busy, for which the client waits', 0xc0, 1],
  ['initialising, for which the client waits', 0xd2, 1],
  ['refused', 0xcc, 1],
])('%s: a request that may be carried out twice', async (_what, completionCode, times) => {
  expect(await timesAsked(completionCode)).toBe(times);
  expect(await timesAsked(completionCode, true)).toBe(times);
});

test.each([
  ['busy with the log or the device', 0x81, 8],
  ['repository in update mode', 0xd0, 5],
  ['node busy', 0xc0, 3],
  ['initialising', 0xd2, 3],
  ['timeout while processing: it may have been carried out', 0xc3, 1],
  ['refused', 0xcc, 1],
])('%s: a request that must not be carried out twice', async (_what, completionCode, times) => {
  expect(await timesAsked(completionCode, false)).toBe(times);
});
