import type { ProvisionEvent, ProvisionState } from './states.js';

/** One row of the machine. */
export interface StateRow {
  /** Nothing runs in the background; the node stays until somebody asks for something. */
  readonly stable: boolean;
  /** Where the work that starts on entering leads; absent: the node keeps the target it had. */
  readonly target?: ProvisionState;
  readonly on: Readonly<Partial<Record<ProvisionEvent, ProvisionState>>>;
}

/**
 * The provisioning of a node, whole: 30 states, 93 transitions.
 * Source: Ironic, ironic/common/states.py and ironic/common/state_machine.py (API 1.115).
 */
export const STATE_MACHINE: Readonly<Record<ProvisionState, StateRow>> = {
  enroll: { stable: true, on: { manage: 'verifying' } },
  verifying: { stable: false, target: 'manageable', on: { done: 'manageable', fail: 'enroll' } },
  manageable: { stable: true, on: { provide: 'cleaning', clean: 'cleaning', inspect: 'inspecting', adopt: 'adopting' } },
  inspecting: { stable: false, target: 'manageable', on: { done: 'manageable', fail: 'inspect failed', wait: 'inspect wait' } },
  'inspect wait': {
    stable: false,
    target: 'manageable',
    on: { done: 'manageable', fail: 'inspect failed', abort: 'inspect failed', resume: 'inspecting' },
  },
  'inspect failed': { stable: false, target: 'manageable', on: { manage: 'manageable', inspect: 'inspecting' } },
  adopting: { stable: false, target: 'active', on: { done: 'active', fail: 'adopt failed' } },
  'adopt failed': { stable: false, target: 'active', on: { adopt: 'adopting', manage: 'manageable' } },
  available: { stable: true, on: { deploy: 'deploying', manage: 'manageable' } },
  deploying: {
    stable: false,
    target: 'active',
    on: { fail: 'deploy failed', wait: 'wait call-back', hold: 'deploy hold', done: 'active' },
  },
  'wait call-back': {
    stable: false,
    target: 'active',
    on: { hold: 'deploy hold', resume: 'deploying', fail: 'deploy failed', abort: 'deploy failed', delete: 'deleting' },
  },
  'deploy hold': { stable: false, target: 'active', on: { unhold: 'wait call-back', abort: 'deploy failed' } },
  'deploy failed': { stable: false, target: 'active', on: { rebuild: 'deploying', deploy: 'deploying', delete: 'deleting' } },
  active: { stable: true, on: { rebuild: 'deploying', delete: 'deleting', rescue: 'rescuing', service: 'servicing' } },
  deleting: { stable: false, target: 'available', on: { fail: 'error', clean: 'cleaning' } },
  error: { stable: true, on: { rebuild: 'deploying', delete: 'deleting' } },
  cleaning: {
    stable: false,
    target: 'available',
    on: { done: 'available', fail: 'clean failed', wait: 'clean wait', hold: 'clean hold', manage: 'manageable' },
  },
  'clean wait': {
    stable: false,
    target: 'available',
    on: { fail: 'clean failed', abort: 'clean failed', hold: 'clean hold', resume: 'cleaning' },
  },
  'clean hold': { stable: false, target: 'available', on: { abort: 'clean failed', unhold: 'clean wait' } },
  'clean failed': { stable: false, target: 'available', on: { manage: 'manageable' } },
  rescuing: { stable: false, target: 'rescue', on: { done: 'rescue', wait: 'rescue wait', fail: 'rescue failed' } },
  'rescue wait': {
    stable: false,
    target: 'rescue',
    on: { resume: 'rescuing', fail: 'rescue failed', abort: 'rescue failed', delete: 'deleting' },
  },
  rescue: { stable: true, on: { rescue: 'rescuing', delete: 'deleting', unrescue: 'unrescuing' } },
  'rescue failed': { stable: false, target: 'rescue', on: { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' } },
  unrescuing: { stable: false, target: 'active', on: { done: 'active', fail: 'unrescue failed' } },
  'unrescue failed': { stable: false, target: 'active', on: { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' } },
  servicing: {
    stable: false,
    target: 'active',
    on: { done: 'active', fail: 'service failed', wait: 'service wait', hold: 'service hold' },
  },
  'service wait': {
    stable: false,
    target: 'active',
    on: { hold: 'service hold', resume: 'servicing', fail: 'service failed', abort: 'service failed', delete: 'deleting' },
  },
  'service hold': {
    stable: false,
    target: 'active',
    on: { service: 'servicing', unhold: 'service wait', fail: 'service failed', abort: 'service failed' },
  },
  'service failed': {
    stable: false,
    target: 'active',
    on: { service: 'servicing', rescue: 'rescuing', wait: 'service wait', hold: 'service hold', delete: 'deleting', abort: 'active' },
  },
};
