import { HEARTBEAT_WAIT_STATES, type ProvisionState } from '@ferric/core';
import type { WorkKind } from './stored-node.js';

/** States in which a node waits for its machine, and the work that goes on when it reports. */
export const WORK_AFTER_WAIT: Readonly<Partial<Record<ProvisionState, WorkKind>>> = {
  'wait call-back': 'deploy',
  'clean wait': 'clean',
  'inspect wait': 'inspect',
  'rescue wait': 'rescue',
};

/** All states in which a node waits for its machine. */
export const WAIT_STATES: ReadonlySet<ProvisionState> = new Set([...HEARTBEAT_WAIT_STATES, 'inspect wait']);

/** Key of driver_internal_info: somebody asked to abort a cleaning during a step that may not be aborted. */
export const ABORT_AFTER_STEP = 'abort_after_step';
