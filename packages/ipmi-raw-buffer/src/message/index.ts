export type { BridgeHop, IpmiRequest, IpmiResponse, RequestCarrier, RequestOptions } from './request.js';
export { carryOut } from './carry-out.js';
export { completionError, explainCompletionCode } from './completion-codes.js';
export type { CompletionCodeMeaning } from './completion-codes.js';
export { protocolFault } from './protocol-fault.js';
