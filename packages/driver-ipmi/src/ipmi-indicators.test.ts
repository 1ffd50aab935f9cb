import { expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiIndicators } from './ipmi-indicators.js';

test('the light by which a person finds the machine', async () => {
  const bmc = createFakeBmc();
  const indicators = createIpmiIndicators(makeMachine(bmc));
  expect(await indicators.list()).toEqual([{ component: 'chassis', name: 'identify', readonly: false, states: ['off', 'on'] }]);
  expect(await indicators.read('chassis', 'identify')).toBe('off');
  await indicators.set('chassis', 'identify', 'on');
  expect(await indicators.read('chassis', 'identify')).toBe('on');
  await indicators.set('chassis', 'identify', 'off');
  expect(await indicators.read('chassis', 'identify')).toBe('off');
  expect(bmc.changes).toEqual(['00/04 00 01', '00/04 00']);
});

test('a BMC that knows no "for good" keeps it on for 255 seconds', async () => {
  const bmc = createFakeBmc();
  bmc.answers.set('00/04', (data) => [data.length > 1 ? 0xc7 : 0]);
  await createIpmiIndicators(makeMachine(bmc)).set('chassis', 'identify', 'on');
  expect(bmc.changes).toEqual(['00/04 00 01', '00/04 ff']);
});

test('a BMC that does not tell', async () => {
  const bmc = createFakeBmc();
  bmc.answers.set('00/01', () => [0, 1, 0, 0x10]);
  expect(await createIpmiIndicators(makeMachine(bmc)).read('chassis', 'identify')).toBe('unknown');
});

test('nothing else is there, and it can be in no other state', async () => {
  const bmc = createFakeBmc();
  const indicators = createIpmiIndicators(makeMachine(bmc));
  await expect(indicators.read('system', 'identify')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(indicators.set('chassis', 'led', 'on')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(indicators.set('chassis', 'identify', 'blinking')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(bmc.requests).toEqual([]);
});
