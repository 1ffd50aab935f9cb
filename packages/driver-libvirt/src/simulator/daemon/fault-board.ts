import { createFaultSwitchboard, type Fault, type FaultKind, type FaultSwitches, invalidOptions, printValue } from '@ferric/core';

const SUPPORTED: readonly FaultKind[] = [
  'silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure',
];

/** The switches of a hypervisor, and what is asked of them at each call. */
export interface FaultBoard extends FaultSwitches {
  /** The fault that spoils this exchange, if it is of a kind that can; counts it. */
  take(spoils: (kind: FaultKind) => boolean): Fault | undefined;
  /** Whether the daemon is silent until further notice: not even events and pings leave it then. */
  readonly isSilent: boolean;
}

/**
 * @param gate closes the door when connections are refused, and opens it again.
 */
export function createFaultBoard(gate: { refuse(): void; accept(): void }): FaultBoard {
  const board = createFaultSwitchboard(SUPPORTED);
  let current: Fault | undefined;
  return {
    supported: board.supported,
    inject(fault) {
      if (fault.kind === 'refuse' && fault.times !== undefined) {
        // The system refuses for a closed port; nobody here sees how often.
        const expected = 'left out for refuse, which lasts until it is cleared';
        throw invalidOptions('Fault', [{ field: 'times', problem: 'invalid', expected, received: printValue(fault.times) }]);
      }
      board.inject(fault);
      current = fault;
      if (fault.kind === 'refuse') gate.refuse();
      else gate.accept();
    },
    clear() {
      board.clear();
      current = undefined;
      gate.accept();
    },
    take: (spoils) => (current === undefined || !spoils(current.kind) ? undefined : board.take()),
    get isSilent() {
      return current?.kind === 'silence' && current.times === undefined;
    },
  };
}
