import { remoteProcedure } from '../procedure.js';
import { domain, uuid } from '../structs.js';
import { int32, list, nothing, optional, string, struct, uint32, uint64 } from '../xdr.js';

/** Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_DOMAIN_SEND_KEY_MAX. */
export const KEY_LIMIT = 16;

/** Source: remote_protocol.x, REMOTE_DOMAIN_INTERFACE_MAX and REMOTE_DOMAIN_IP_ADDR_MAX. */
const INTERFACE_LIMIT = 2048;
const ADDRESS_LIMIT = 2048;

const interfaceAddress = struct({ type: int32, address: string, prefix: uint32 });
const domainInterface = struct({ name: string, hardwareAddress: optional(string), addresses: list(interfaceAddress, ADDRESS_LIMIT, 12) });

const onlyDomain = struct({ domain });
const domainAndFlags = struct({ domain, flags: uint32 });
const deviceChange = struct({ domain, xml: string, flags: uint32 });

/** Definitions hold the passwords of consoles and disks, and keys can be a password that is typed. */
const SECRET = { secret: true } as const;

/** Procedures about one domain. Source: libvirt 9.0.0, src/remote/remote_protocol.x. */
export const domainProcedures = {
  create: remoteProcedure('domain_create', 9, onlyDomain, nothing),
  createXml: remoteProcedure('domain_create_xml', 10, struct({ xml: string, flags: uint32 }), domain, SECRET),
  defineXml: remoteProcedure('domain_define_xml', 11, struct({ xml: string }), domain, SECRET),
  destroy: remoteProcedure('domain_destroy', 12, onlyDomain, nothing),
  /** Marked secret because of the flag that asks for passwords; a caller that does not set it may take the mark away. */
  getXmlDesc: remoteProcedure('domain_get_xml_desc', 14, domainAndFlags, string, SECRET),
  getAutostart: remoteProcedure('domain_get_autostart', 15, onlyDomain, int32),
  getInfo: remoteProcedure(
    'domain_get_info',
    16,
    onlyDomain,
    struct({ state: uint32, maximumMemory: uint64, memory: uint64, vcpus: uint32, cpuTime: uint64 }),
  ),
  lookupById: remoteProcedure('domain_lookup_by_id', 22, struct({ id: int32 }), domain),
  lookupByName: remoteProcedure('domain_lookup_by_name', 23, struct({ name: string }), domain),
  lookupByUuid: remoteProcedure('domain_lookup_by_uuid', 24, struct({ uuid }), domain),
  reboot: remoteProcedure('domain_reboot', 27, domainAndFlags, nothing),
  resume: remoteProcedure('domain_resume', 28, onlyDomain, nothing),
  setAutostart: remoteProcedure('domain_set_autostart', 29, struct({ domain, autostart: int32 }), nothing),
  shutdown: remoteProcedure('domain_shutdown', 33, onlyDomain, nothing),
  suspend: remoteProcedure('domain_suspend', 34, onlyDomain, nothing),
  undefine: remoteProcedure('domain_undefine', 35, onlyDomain, nothing),
  isActive: remoteProcedure('domain_is_active', 150, onlyDomain, int32),
  isPersistent: remoteProcedure('domain_is_persistent', 151, onlyDomain, int32),
  attachDeviceFlags: remoteProcedure('domain_attach_device_flags', 160, deviceChange, nothing, SECRET),
  detachDeviceFlags: remoteProcedure('domain_detach_device_flags', 161, deviceChange, nothing, SECRET),
  updateDeviceFlags: remoteProcedure('domain_update_device_flags', 174, deviceChange, nothing, SECRET),
  createWithFlags: remoteProcedure('domain_create_with_flags', 196, domainAndFlags, domain),
  openConsole: remoteProcedure('domain_open_console', 201, struct({ domain, device: optional(string), flags: uint32 }), nothing, { stream: 'two-way' }),
  injectNmi: remoteProcedure('domain_inject_nmi', 210, domainAndFlags, nothing),
  /** The reply is the media type of the picture that follows. */
  screenshot: remoteProcedure('domain_screenshot', 211, struct({ domain, screen: uint32, flags: uint32 }), optional(string), { stream: 'download' }),
  getState: remoteProcedure('domain_get_state', 212, domainAndFlags, struct({ state: int32, reason: int32 })),
  sendKey: remoteProcedure(
    'domain_send_key',
    226,
    struct({ domain, codeset: uint32, holdTime: uint32, keycodes: list(uint32, KEY_LIMIT), flags: uint32 }),
    nothing,
    SECRET,
  ),
  undefineFlags: remoteProcedure('domain_undefine_flags', 231, domainAndFlags, nothing),
  destroyFlags: remoteProcedure('domain_destroy_flags', 234, domainAndFlags, nothing),
  reset: remoteProcedure('domain_reset', 245, domainAndFlags, nothing),
  shutdownFlags: remoteProcedure('domain_shutdown_flags', 258, domainAndFlags, nothing),
  setMetadata: remoteProcedure(
    'domain_set_metadata',
    264,
    struct({ domain, type: int32, metadata: optional(string), key: optional(string), uri: optional(string), flags: uint32 }),
    nothing,
  ),
  getMetadata: remoteProcedure('domain_get_metadata', 265, struct({ domain, type: int32, uri: optional(string), flags: uint32 }), string),
  pmWakeup: remoteProcedure('domain_pm_wakeup', 267, domainAndFlags, nothing),
  defineXmlFlags: remoteProcedure('domain_define_xml_flags', 350, struct({ xml: string, flags: uint32 }), domain, SECRET),
  interfaceAddresses: remoteProcedure(
    'domain_interface_addresses',
    353,
    struct({ domain, source: uint32, flags: uint32 }),
    list(domainInterface, INTERFACE_LIMIT, 12),
  ),
};
