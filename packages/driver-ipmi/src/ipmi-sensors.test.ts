import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc } from '../test/fake-bmc.js';
import { withRecords } from '../test/fake-records.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiSensors } from './ipmi-sensors.js';

const AT = new Date('2026-01-01T00:00:00Z');
const LIMITS = { upperWarning: 60, upperCritical: 70 };

/** @param celsius reading of the temperature, @param crossed bits of the limits that it has crossed, @param supply states of the power supply */
function bench(celsius: number, crossed = 0, supply = 0x01): FakeBmc {
  const bmc = withRecords(createFakeBmc());
  bmc.answers.set('04/2d', ([number]) => (number === 1 ? [0, celsius, 0xc0, 0xc0 | crossed] : [0, 0, 0xc0, supply, 0x80]));
  bmc.answers.set('04/27', () => [0, 0x38, 0, 0, 0, 60, 70, 80]);
  return bmc;
}

const read = (bmc: FakeBmc, machine = makeMachine(bmc, { clock: createFakeClock() })): ReturnType<ReturnType<typeof createIpmiSensors>['read']> =>
  createIpmiSensors(machine).read();

test('values with unit, limits and date; states as text', async () => {
  expect(await read(bench(25))).toEqual([
    { name: 'Inlet', kind: 'temperature', value: 25, unit: 'degrees C', status: 'ok', thresholds: LIMITS, at: AT },
    { name: 'PS1', kind: 'power supply', value: 'presence detected', status: 'ok', at: AT },
  ]);
});

test.each([[0x08, 'warning'], [0x18, 'critical'], [0x38, 'critical']])('crossed limits %i are %s', async (crossed, status) => {
  const [inlet] = await read(bench(75, crossed));
  expect(inlet).toMatchObject({ value: 75, status });
});

test('a power supply that has failed, and one that shows nothing', async () => {
  expect((await read(bench(25, 0, 0x03)))[1]).toMatchObject({ status: 'critical', value: expect.stringContaining('presence detected, ') });
  expect((await read(bench(25, 0, 0x00)))[1]).toMatchObject({ status: 'ok', value: '' });
});

test('a sensor without a value does not keep the others back', async () => {
  const bmc = bench(25);
  bmc.answers.set('04/2d', ([number]) => (number === 1 ? [0xcb] : [0, 0, 0xc0, 0x01, 0x80]));
  expect(await read(bmc)).toMatchObject([{ name: 'Inlet', value: null, status: 'unknown', unit: 'degrees C' }, { name: 'PS1', value: 'presence detected' }]);
});

test('records and limits are read once', async () => {
  const bmc = bench(25);
  const machine = makeMachine(bmc, { clock: createFakeClock() });
  await read(bmc, machine);
  bmc.requests.length = 0;
  await read(bmc, machine);
  expect(bmc.requests).toEqual(['0a/20', '04/2d 01', '04/2d 02']);
});

test('a BMC without records cannot tell', async () => {
  await expect(read(createFakeBmc())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});
