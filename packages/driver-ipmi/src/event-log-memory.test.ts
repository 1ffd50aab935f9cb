import { createDeviceMemory, type JsonValue } from '@ferric/core';
import { expect, test } from 'vitest';
import { createEventLogMemory } from './event-log-memory.js';

const BMC = '192.0.2.10:623 []';
const MARKER = { recordId: 7, entry: '07000200' };

test.each([[MARKER], [null]])('%j is kept for the next device, also through JSON', (marker) => {
  const memory = createDeviceMemory();
  createEventLogMemory(memory, BMC).keep(marker);
  const stored = JSON.parse(JSON.stringify(memory.get('event_log_read'))) as JsonValue;
  const next = createEventLogMemory(createDeviceMemory({ event_log_read: stored }), BMC);
  expect(next.get()).toEqual(marker);
  next.forget();
  expect(next.get()).toBeUndefined();
});

test('a log that was not read, or is that of another controller', () => {
  const memory = createDeviceMemory();
  expect(createEventLogMemory(memory, BMC).get()).toBeUndefined();
  createEventLogMemory(memory, BMC).keep(MARKER);
  expect(createEventLogMemory(memory, '192.0.2.11:623 []').get()).toBeUndefined();
});

test.each([
  7, [], {}, { bmc: BMC }, { bmc: BMC, last: 7 }, { bmc: BMC, last: { record_id: 65_536, entry: '' } }, { bmc: BMC, last: { record_id: 7 } },
  { bmc: BMC, last: { record_id: '7', entry: '' } },
])('%j was not written here', (kept) => {
  expect(createEventLogMemory(createDeviceMemory({ event_log_read: kept as JsonValue }), BMC).get()).toBeUndefined();
});
