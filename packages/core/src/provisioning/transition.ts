import { STATE_MACHINE } from './machine.js';
import type { ProvisionEvent, ProvisionState } from './states.js';

/** Where a node stands. */
export interface ProvisionPosition {
  readonly state: ProvisionState;
  /** Where the work under way leads; null when none is. */
  readonly target: ProvisionState | null;
}

/** Where the event leads, or undefined when the state does not know it. */
export function nextState(state: ProvisionState, event: ProvisionEvent): ProvisionState | undefined {
  return STATE_MACHINE[state].on[event];
}

/**
 * Applies an event. The target becomes `target` when given, else the default of the new state, else stays;
 * it ends when the node arrives there or at a state where nothing runs.
 * Source: Ironic, ironic/common/fsm.py and TaskManager.process_event.
 * @returns the new position, or undefined when the state does not know the event.
 */
export function transition(position: ProvisionPosition, event: ProvisionEvent, target?: ProvisionState): ProvisionPosition | undefined {
  const state = nextState(position.state, event);
  if (state === undefined) return undefined;
  const row = STATE_MACHINE[state];
  const wanted = target ?? keptTarget(position, event, state) ?? row.target ?? position.target;
  return { state, target: row.stable || wanted === state ? null : wanted };
}

/** Manual cleaning leads back to `manageable`, through its wait and failed states. */
function keptTarget(position: ProvisionPosition, event: ProvisionEvent, state: ProvisionState): ProvisionState | undefined {
  if (position.state === 'manageable' && event === 'clean') return 'manageable';
  const staysInCleaning = CLEANING_STATES.has(position.state) && CLEANING_STATES.has(state);
  return staysInCleaning && position.target === 'manageable' ? 'manageable' : undefined;
}

const CLEANING_STATES: ReadonlySet<ProvisionState> = new Set(['cleaning', 'clean wait', 'clean hold', 'clean failed']);
