/**
 * Intel Node Manager over IPMI: find it behind a BMC, and speak its commands. Works with any carrier of IPMI requests.
 * @packageDocumentation
 */
export { findNodeManager, locationOf } from './find-node-manager.js';
export type { FindNodeManagerOptions } from './find-node-manager.js';
export {
  callNodeManager, controlNmPolicy, decodeNmAnswer, getNmCapabilities, getNmPolicy, getNmPolicySuspend, getNmStatistics, getNmVersion, nmRequest,
  removeNmPolicy, removeNmPolicySuspend, resetNmStatistics, setNmPolicy, setNmPolicySuspend,
} from './nm-commands.js';
export type { NmAnswers } from './nm-commands.js';
export { nmArguments } from './nm-arguments.js';
export type { ArgumentsForm, NmArguments, NmMethodName, NmRequests } from './nm-arguments.js';
export { DEFAULT_CORRECTION_TIME_MS, MOST_SUSPEND_PERIODS } from './nm-fields.js';
export type { Naming } from './nm-fields.js';
export type {
  NmBootLimit, NmCapabilities, NmCapabilitiesQuery, NmControl, NmPolicy, NmPolicyKey, NmPolicyState, NmPolicySuspend, NmStatistics, NmStatisticsQuery,
  NmStatisticsReset, NmSuspendPeriod, NmVersion, NodeManagerLocation, NodeManagerSensors,
} from './nm-types.js';
export * from './nm-words.js';
