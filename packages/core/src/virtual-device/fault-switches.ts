import { invalidOptions, printValue } from '../errors/invalid-options.js';
import type { Fault, FaultKind, FaultSwitches } from './virtual-device.js';

/** The switches of a simulator: it calls {@link FaultSwitchboard.take} once for each exchange. */
export interface FaultSwitchboard extends FaultSwitches {
  /** The fault that spoils this exchange, if any; counts it. */
  take(): Fault | undefined;
}

export function createFaultSwitchboard(supported: readonly FaultKind[]): FaultSwitchboard {
  const kinds = new Set(supported);
  let current: Fault | undefined;
  let left = 0;
  return {
    supported: kinds,
    inject(fault) {
      if (!kinds.has(fault.kind)) {
        throw invalidOptions('Fault', [{ field: 'kind', problem: 'invalid', expected: `one of ${supported.join(', ')}`, received: printValue(fault.kind) }]);
      }
      current = fault;
      left = fault.times ?? Number.POSITIVE_INFINITY;
    },
    clear() {
      current = undefined;
    },
    take() {
      if (current === undefined || left <= 0) return undefined;
      left -= 1;
      return current;
    },
  };
}
