import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KNOWN_DIFFERENCES } from './differences.js';
import { PREPARATIONS } from './preparations.js';
import { recordedExchanges } from './recorded.js';
import { Replay, type ReplayResult } from './replay.js';
import { startReplayConductor } from './replay-conductor.js';
import { differencesPage, unexpected, verdicts } from './report.js';
import { waitUntilSettled } from './settled.js';

const PAGE = fileURLToPath(new URL('../../../../../docs/ironic-differences.md', import.meta.url));

const exchanges = recordedExchanges();
const running = new AsyncDisposableStack();
const results = new Map<string, ReplayResult>();

/** Sends everything in its order; each test below looks at one answer. */
beforeAll(async () => {
  const target = running.use(await startReplayConductor());
  const replay = new Replay(target);
  for (const exchange of exchanges) {
    for (const { request } of PREPARATIONS.filter(({ before }) => before === exchange.number)) await replay.prepare(request);
    const result = await replay.run(exchange);
    results.set(exchange.number, result);
    await waitUntilSettled(target, result);
  }
}, 120_000);
afterAll(() => running.disposeAsync());

describe('answers as the recorded Ironic does', () => {
  test.each(exchanges.map(({ number, name, request }) => [number, name, request.method, request.path] as const))('%s %s: %s %s', (number) => {
    const result = results.get(number) ?? expect.fail('was not sent');
    const wrong = unexpected(result, KNOWN_DIFFERENCES);
    expect(Object.fromEntries(wrong.map((path) => [path, result.differences[path] ?? null]))).toEqual({});
  });
});

test('every recorded exchange is sent', () => {
  expect(exchanges.map(({ number }) => number)).toEqual(Array.from({ length: 164 }, (_each, index) => String(index + 1).padStart(3, '0')));
});

test('every difference and every preparation is of an exchange', () => {
  const numbers = new Set(exchanges.map(({ number }) => number));
  const named = [...KNOWN_DIFFERENCES.flatMap((difference) => difference.exchanges), ...PREPARATIONS.map(({ before }) => before)];
  expect(named.filter((number) => !numbers.has(number))).toEqual([]);
});

test('the documentation tells of every difference', async () => {
  expect(verdicts([...results.values()], KNOWN_DIFFERENCES).defects).toEqual([]);
  await expect(differencesPage(exchanges, [...results.values()], KNOWN_DIFFERENCES, PREPARATIONS)).toMatchFileSnapshot(PAGE);
});
