import { expect, test } from 'vitest';
import { DOMAIN_STATES, type DomainState } from './client/domains.js';
import { powerReading } from './power-states.js';

const AT = new Date('2026-01-01T00:00:00Z');

test.each<readonly [DomainState, reason: string, state: string, detail: RegExp | undefined]>([
  ['running', 'booted', 'power on', undefined],
  ['blocked', 'unknown', 'power on', undefined],
  ['no state', 'unknown', 'power on', undefined],
  ['paused', 'I/O error', 'power on', /Paused \(I\/O error\)/],
  ['paused', 'user', 'power on', /Paused \(user\)/],
  ['shutting down', 'user', 'power on', /Shutting down/],
  ['crashed', 'panicked', 'power on', /Crashed \(panicked\)/],
  ['suspended by guest', 'unknown', 'power on', /Asleep/],
  ['shut off', 'shutdown', 'power off', undefined],
  ['shut off', 'destroyed', 'power off', undefined],
  ['shut off', 'daemon', 'power off', undefined],
  ['shut off', 'crashed', 'power off', /crashed/],
  ['shut off', 'failed', 'power off', /start failed/],
  ['shut off', 'saved', 'power off', /memory is saved/],
  ['shut off', 'migrated', 'power off', /another host/],
  ['shut off', 'from snapshot', 'power off', /snapshot/],
  ['shut off', 'reason 23', 'power off', undefined],
])('%s (%s) is %s', (state, reason, power, detail) => {
  const reading = powerReading({ state, reason }, AT);
  expect(reading).toMatchObject({ state: power, source: 'device', at: AT });
  if (detail === undefined) expect(reading).not.toHaveProperty('detail');
  else expect(reading.detail).toMatch(detail);
});

test('every state that libvirt has means something', () => {
  for (const state of DOMAIN_STATES) expect(['power on', 'power off']).toContain(powerReading({ state, reason: 'unknown' }, AT).state);
});
