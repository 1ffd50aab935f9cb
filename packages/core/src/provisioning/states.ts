/**
 * Every state of a node's provisioning.
 * Source: Ironic, ironic/common/states.py (API 1.115).
 */
export const PROVISION_STATES = [
  'enroll', 'verifying', 'manageable', 'inspecting', 'inspect wait', 'inspect failed', 'adopting', 'adopt failed', 'available',
  'deploying', 'wait call-back', 'deploy hold', 'deploy failed', 'active', 'deleting', 'error', 'cleaning', 'clean wait',
  'clean hold', 'clean failed', 'rescuing', 'rescue wait', 'rescue', 'rescue failed', 'unrescuing', 'unrescue failed',
  'servicing', 'service wait', 'service hold', 'service failed',
] as const;
export type ProvisionState = (typeof PROVISION_STATES)[number];

/** What can happen to a node. */
export const PROVISION_EVENTS = [
  'manage', 'provide', 'inspect', 'adopt', 'clean', 'deploy', 'rebuild', 'delete', 'rescue', 'unrescue', 'service', 'abort', 'unhold',
  'done', 'fail', 'wait', 'resume', 'hold',
] as const;
export type ProvisionEvent = (typeof PROVISION_EVENTS)[number];

/** Text from outside as a state; undefined when it names none. */
export function toProvisionState(text: string): ProvisionState | undefined {
  return (PROVISION_STATES as readonly string[]).includes(text) ? (text as ProvisionState) : undefined;
}
