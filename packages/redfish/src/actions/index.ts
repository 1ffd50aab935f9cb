export { findAction, readActionInfo, requireAction, runAction } from './actions.js';
export type { ActionOrigin, ActionParameter, RedfishAction } from './actions.js';
