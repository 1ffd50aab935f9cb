import { describe, expect, test } from 'vitest';
import { rejection, succeed, turn } from '../../test/support/gate-bench.js';
import { FerricError } from '../errors/ferric-error.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { createGateRegistry } from './gate-registry.js';

describe('registry', () => {
  test('one gate per address; settings count for the first call', async () => {
    const registry = createGateRegistry(createFakeClock());
    const gate = registry.gate('a', { concurrency: 2 });
    expect(registry.gate('a', { concurrency: 5 })).toBe(gate);
    expect(registry.gate('b')).not.toBe(gate);
    expect(registry.status().map((status) => status.address)).toEqual(['a', 'b']);
    registry.forget('a');
    expect(registry.status().map((status) => status.address)).toEqual(['b']);
    expect(registry.gate('a')).not.toBe(gate);
  });

  test('a dead controller does not slow another', async () => {
    const clock = createFakeClock();
    const registry = createGateRegistry(clock);
    const dead = registry.gate('dead');
    const waiting = Array.from({ length: 10 }, () => rejection(dead.run(() => new Promise<never>(() => undefined), { timeoutMs: 1000 })));
    await turn();
    const before = clock.monotonicMs();
    expect(await registry.gate('alive').run(succeed)).toBe('done');
    expect(clock.monotonicMs()).toBe(before);
    await clock.advance(1000);
    expect((await Promise.all(waiting)).every((error) => FerricError.is(error) && error.code === 'TIMEOUT')).toBe(true);
  });
});
