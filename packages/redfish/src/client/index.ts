export { AUTHENTICATIONS, BASES } from './client-types.js';
export type {
  Authentication, ChangeOptions, RedfishClient, RedfishClientSettings, RedfishCounters, RedfishMethod, RedfishReply, RedfishRequest, RequestBody, ServiceRoot,
} from './client-types.js';
export { createRedfishClient } from './redfish-client.js';
