import { remoteProcedure } from '../procedure.js';
import { network, uuid } from '../structs.js';
import { int32, int64, list, nothing, optional, string, struct, uint32 } from '../xdr.js';

/** Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_NETWORK_DHCP_LEASES_MAX. */
const LEASE_LIMIT = 65_536;
const SMALLEST_LEASE_BYTES = 40;

const lease = struct({
  interfaceName: string,
  expiryTime: int64,
  type: int32,
  mac: optional(string),
  iaid: optional(string),
  address: string,
  prefix: uint32,
  hostname: optional(string),
  clientId: optional(string),
});

const onlyNetwork = struct({ network });
const onlyXml = struct({ xml: string });

/** Procedures about one virtual network. Source: libvirt 9.0.0, src/remote/remote_protocol.x. */
export const networkProcedures = {
  create: remoteProcedure('network_create', 39, onlyNetwork, nothing),
  createXml: remoteProcedure('network_create_xml', 40, onlyXml, network),
  defineXml: remoteProcedure('network_define_xml', 41, onlyXml, network),
  destroy: remoteProcedure('network_destroy', 42, onlyNetwork, nothing),
  getXmlDesc: remoteProcedure('network_get_xml_desc', 43, struct({ network, flags: uint32 }), string),
  getAutostart: remoteProcedure('network_get_autostart', 44, onlyNetwork, int32),
  getBridgeName: remoteProcedure('network_get_bridge_name', 45, onlyNetwork, string),
  lookupByName: remoteProcedure('network_lookup_by_name', 46, struct({ name: string }), network),
  lookupByUuid: remoteProcedure('network_lookup_by_uuid', 47, struct({ uuid }), network),
  setAutostart: remoteProcedure('network_set_autostart', 48, struct({ network, autostart: int32 }), nothing),
  undefine: remoteProcedure('network_undefine', 49, onlyNetwork, nothing),
  isActive: remoteProcedure('network_is_active', 152, onlyNetwork, int32),
  isPersistent: remoteProcedure('network_is_persistent', 153, onlyNetwork, int32),
  update: remoteProcedure(
    'network_update',
    291,
    struct({ network, command: uint32, section: uint32, parentIndex: int32, xml: string, flags: uint32 }),
    nothing,
  ),
  getDhcpLeases: remoteProcedure(
    'network_get_dhcp_leases',
    341,
    struct({ network, mac: optional(string), needResults: int32, flags: uint32 }),
    struct({ leases: list(lease, LEASE_LIMIT, SMALLEST_LEASE_BYTES), count: uint32 }),
  ),
};
