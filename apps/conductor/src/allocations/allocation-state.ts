import type { AllocationState } from '../resources/allocation.js';

/** What happens to an allocation that waits for its node. */
export type AllocationEvent = 'given' | 'failed';

/** An allocation that got its node, or got none, is settled: what comes next is that it is deleted. Source: Ironic, ironic/conductor/allocations.py. */
const TRANSITIONS: Readonly<Record<AllocationState, Readonly<Partial<Record<AllocationEvent, AllocationState>>>>> = {
  allocating: { given: 'active', failed: 'error' },
  active: {},
  error: {},
};

/** The state that an event leads to; undefined where the event cannot happen. */
export function nextAllocationState(state: AllocationState, event: AllocationEvent): AllocationState | undefined {
  return TRANSITIONS[state][event];
}
