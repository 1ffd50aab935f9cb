import { remoteProcedure } from '../procedure.js';
import { domain, network, SMALLEST_DOMAIN_BYTES, storagePool, typedParameters } from '../structs.js';
import { int32, list, nothing, optional, string, struct, uint32, uint64 } from '../xdr.js';

/** Longest list of objects. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_DOMAIN_LIST_MAX and its sisters. */
const OBJECT_LIMIT = 16_384;

/** Source: remote_protocol.x, REMOTE_CONNECT_GET_ALL_DOMAIN_STATS_MAX. */
const STATS_LIMIT = 262_144;

/** A name and a uuid. */
const SMALLEST_NAMED_BYTES = 20;

const domains = list(domain, OBJECT_LIMIT, SMALLEST_DOMAIN_BYTES);
const domainStats = struct({ domain, parameters: typedParameters(STATS_LIMIT) });

/** Procedures about the daemon and about all its objects. Source: libvirt 9.0.0, src/remote/remote_protocol.x. */
export const connectionProcedures = {
  open: remoteProcedure('connect_open', 1, struct({ name: optional(string), flags: uint32 }), nothing),
  close: remoteProcedure('connect_close', 2, nothing, nothing),
  getType: remoteProcedure('connect_get_type', 3, nothing, string),
  getVersion: remoteProcedure('connect_get_version', 4, nothing, uint64),
  getCapabilities: remoteProcedure('connect_get_capabilities', 7, nothing, string),
  getHostname: remoteProcedure('connect_get_hostname', 59, nothing, string),
  supportsFeature: remoteProcedure('connect_supports_feature', 60, struct({ feature: int32 }), int32),
  getUri: remoteProcedure('connect_get_uri', 110, nothing, string),
  getLibVersion: remoteProcedure('connect_get_lib_version', 157, nothing, uint64),
  listAllDomains: remoteProcedure('connect_list_all_domains', 273, struct({ needResults: int32, flags: uint32 }), struct({ domains, count: uint32 })),
  listAllStoragePools: remoteProcedure(
    'connect_list_all_storage_pools',
    281,
    struct({ needResults: int32, flags: uint32 }),
    struct({ pools: list(storagePool, OBJECT_LIMIT, SMALLEST_NAMED_BYTES), count: uint32 }),
  ),
  listAllNetworks: remoteProcedure(
    'connect_list_all_networks',
    283,
    struct({ needResults: int32, flags: uint32 }),
    struct({ networks: list(network, OBJECT_LIMIT, SMALLEST_NAMED_BYTES), count: uint32 }),
  ),
  domainEventCallbackRegisterAny: remoteProcedure(
    'connect_domain_event_callback_register_any',
    316,
    struct({ eventId: int32, domain: optional(domain) }),
    int32,
  ),
  domainEventCallbackDeregisterAny: remoteProcedure('connect_domain_event_callback_deregister_any', 317, struct({ callbackId: int32 }), nothing),
  getDomainCapabilities: remoteProcedure(
    'connect_get_domain_capabilities',
    342,
    struct({ emulator: optional(string), architecture: optional(string), machine: optional(string), virtualizationType: optional(string), flags: uint32 }),
    string,
  ),
  getAllDomainStats: remoteProcedure(
    'connect_get_all_domain_stats',
    344,
    struct({ domains, stats: uint32, flags: uint32 }),
    list(domainStats, STATS_LIMIT, SMALLEST_DOMAIN_BYTES),
  ),
  registerCloseCallback: remoteProcedure('connect_register_close_callback', 360, nothing, nothing),
  unregisterCloseCallback: remoteProcedure('connect_unregister_close_callback', 361, nothing, nothing),
};
