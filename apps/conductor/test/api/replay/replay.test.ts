import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KNOWN_DIFFERENCES, NOT_REPLAYED } from './differences.js';
import { recordedExchanges } from './recorded.js';
import { Replay, type ReplayResult } from './replay.js';
import { startReplayConductor } from './replay-conductor.js';
import { waitUntilSettled } from './settled.js';

/** The node that most of the record is about. */
const NODE = '8935bb8e-4228-4b3f-836a-5c88decd22b0';
const HEADERS = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' };

const exchanges = recordedExchanges();
const running = new AsyncDisposableStack();
const results = new Map<string, ReplayResult>();

/** Sends everything in its order; each test below looks at one answer. */
beforeAll(async () => {
  const target = running.use(await startReplayConductor());
  // The recorded Ironic had nodes before: the first pages of lists are not empty.
  await target.fetch(`${target.base}/v1/nodes`, { method: 'POST', headers: HEADERS, body: JSON.stringify({ driver: 'fake-hardware', name: 'n1' }) });
  const replay = new Replay(target);
  for (const exchange of exchanges) {
    results.set(exchange.number, await replay.run(exchange));
    if (exchange.response.status === 202) await waitUntilSettled(target, replay.ours(NODE));
  }
}, 120_000);
afterAll(() => running.disposeAsync());

describe('answers as the recorded Ironic does', () => {
  test.each(exchanges.map(({ number, name, request }) => [number, name, request.method, request.path] as const))('%s %s: %s %s', (number) => {
    const known = KNOWN_DIFFERENCES.filter((difference) => difference.exchanges.includes(number)).flatMap((difference) => difference.paths);
    const { differences } = results.get(number) ?? { differences: {} };
    const unknown = Object.fromEntries(Object.entries(differences).filter(([path]) => !known.includes(path)));
    expect(unknown).toEqual({});
    expect(known.filter((path) => !(path in differences))).toEqual([]);
  });
});

test('every recorded exchange is replayed, or not for a reason', () => {
  const accounted = [...exchanges.map(({ number }) => number), ...NOT_REPLAYED.flatMap((each) => each.exchanges)].toSorted();
  expect(accounted).toEqual(Array.from({ length: 164 }, (_each, index) => String(index + 1).padStart(3, '0')));
});

test('every difference is of an exchange that is replayed', () => {
  const replayed = new Set(exchanges.map(({ number }) => number));
  expect(KNOWN_DIFFERENCES.flatMap((difference) => difference.exchanges).filter((number) => !replayed.has(number))).toEqual([]);
});
