import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.js';
import { createFakeHost } from './fake-host.js';

test('its gates run on its clock', async () => {
  const clock = createFakeClock();
  const host = createFakeHost({ clock });
  const gate = host.gates.gate('192.0.2.1', { spacingMs: 500 });
  await gate.run(async () => undefined);
  let ran = false;
  const second = gate.run(async () => {
    ran = true;
  });
  await clock.advance(499);
  expect(ran).toBe(false);
  await clock.advance(1);
  await second;
  expect(ran).toBe(true);
});

test('its limits are those it was given', () => {
  const host = createFakeHost({ logLimit: 1, transcriptLimit: 1 });
  const frame = { at: new Date(0), direction: 'out', peer: 'p', protocol: 'x', label: 'l', payload: 'text' } as const;
  host.transcript.record(frame);
  host.transcript.record({ ...frame, label: 'newest' });
  host.logger.info({}, 'old');
  host.logger.info({}, 'new');
  expect(host.transcript.frames.map((each) => each.label)).toEqual(['newest']);
  expect(host.logger.lines.map((each) => each.message)).toEqual(['new']);
});
