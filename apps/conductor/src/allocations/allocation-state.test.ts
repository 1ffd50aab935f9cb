import { describe, expect, test } from 'vitest';
import { ALLOCATION_STATES } from '../resources/allocation.js';
import { nextAllocationState } from './allocation-state.js';

describe('the states of an allocation', () => {
  test('only one that waits can be given a node, or fail; what is settled stays', () => {
    const ways = ALLOCATION_STATES.flatMap((state) => (['given', 'failed'] as const).map((event) => [state, event, nextAllocationState(state, event)]));
    expect(ways).toEqual([
      ['allocating', 'given', 'active'], ['allocating', 'failed', 'error'],
      ['active', 'given', undefined], ['active', 'failed', undefined],
      ['error', 'given', undefined], ['error', 'failed', undefined],
    ]);
  });
});
