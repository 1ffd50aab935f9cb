import { expect, test } from 'vitest';
import { createPowerSwitch } from './power-switch.js';
import type { PowerChange } from './virtual-device.js';

test('tells of changes, right after them, and of nothing else', () => {
  const power = createPowerSwitch('power off', { device: 'pxe', persistent: false });
  const seen: (readonly [PowerChange, string])[] = [];
  power.watch((change) => seen.push([change, power.state.power]));
  power.state.power = 'power off';
  power.state.power = 'power on';
  power.state.power = 'power on';
  power.reset();
  power.state.power = 'power off';
  power.reset();
  expect(seen).toEqual([['on', 'power on'], ['reset', 'power on'], ['off', 'power off'], ['on', 'power on']]);
  expect(power.state).toEqual({ power: 'power on', bootDevice: { device: 'pxe', persistent: false } });
});

test('tells everybody until they no longer want to know; a machine without a boot device has no such key', () => {
  const power = createPowerSwitch('power on');
  const seen: string[] = [];
  const first = power.watch((change) => seen.push(`first ${change}`));
  power.watch((change) => seen.push(`second ${change}`));
  power.reset();
  first[Symbol.dispose]();
  power.reset();
  expect(seen).toEqual(['first reset', 'second reset', 'second reset']);
  expect(Object.keys(power.state)).toEqual(['power']);
});
