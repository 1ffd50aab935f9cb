import { STATE_MACHINE } from './machine.js';
import { PROVISION_STATES, type ProvisionState } from './states.js';

/**
 * Groups of states that rules refer to.
 * Source: Ironic, ironic/common/states.py (UPDATE_ALLOWED_STATES, DELETE_ALLOWED_STATES, ...).
 */

/** A node may be updated although work has a target set. `inspecting` only below API 1.39. */
export const UPDATE_ALLOWED_STATES: ReadonlySet<ProvisionState> = new Set([
  'deploy failed', 'inspecting', 'inspect failed', 'inspect wait', 'clean failed', 'error', 'verifying', 'adopt failed', 'rescue failed',
  'unrescue failed', 'service hold', 'service failed',
]);

/** A node may be deleted. In maintenance it may be deleted in any state. */
export const DELETE_ALLOWED_STATES: ReadonlySet<ProvisionState> = new Set(['manageable', 'enroll', 'adopt failed', 'available']);

/** The deploy agent may look its node up. */
export const LOOKUP_ALLOWED_STATES: ReadonlySet<ProvisionState> = new Set([
  'deploying', 'wait call-back', 'cleaning', 'clean wait', 'inspecting', 'inspect wait', 'rescuing', 'rescue wait', 'service wait',
]);

/** A heartbeat of the deploy agent makes the work go on. */
export const HEARTBEAT_WAIT_STATES: ReadonlySet<ProvisionState> = new Set(['wait call-back', 'clean wait', 'rescue wait', 'service wait']);

/**
 * A heartbeat of the deploy agent is written down and nothing else happens: work is under way already, or is held. Ironic ignores those of an
 * inspection; here they tell where the agent is that can switch off a machine which has no other way.
 */
export const HEARTBEAT_RECORD_STATES: ReadonlySet<ProvisionState> = new Set([
  'deploying', 'cleaning', 'rescuing', 'servicing', 'deploy hold', 'clean hold', 'service hold', 'inspecting', 'inspect wait',
]);

/** Work runs in the conductor; every one of them has a workflow. */
export const WORKING_STATES: ReadonlySet<ProvisionState> = new Set([
  'deploying', 'cleaning', 'verifying', 'inspecting', 'adopting', 'rescuing', 'unrescuing', 'deleting', 'servicing',
]);

/** Power sync leaves the node alone. */
export const POWER_SYNC_EXCLUDED_STATES: ReadonlySet<ProvisionState> = new Set(['enroll', 'wait call-back', 'clean wait', 'adopt failed']);

/** Interfaces of a node may be changed; in maintenance in any state. */
export const INTERFACE_CHANGE_ALLOWED_STATES: ReadonlySet<ProvisionState> = new Set([
  'enroll', 'inspecting', 'inspect wait', 'manageable', 'available',
]);

/** States in which nothing runs in the background. */
export const STABLE_STATES: ReadonlySet<ProvisionState> = new Set(PROVISION_STATES.filter((state) => STATE_MACHINE[state].stable));

/** States that a failure leads to and that wait for a person. */
export const FAILED_STATES: ReadonlySet<ProvisionState> = new Set(
  PROVISION_STATES.filter((state) => state.endsWith(' failed') || state === 'error'),
);
