import type { CallOptions } from '@ferric/core';
import type { Caller } from './caller.js';
import {
  type ChangeScope, checkName, checkNumber, checkObject, checkOptionalWord, checkUuid, checkWord, checkXml, eitherFlag, flag, scopeFlags, wrongArgument,
} from './checks.js';
import { type DomainState, domainState, stateReason } from './domain-words.js';
import { isUnknownProcedure } from './libvirt-error.js';
import type { RpcStream } from './rpc/rpc-connection.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import { domainProcedures, KEY_LIMIT } from './wire/procedures/domain.js';
import type { Domain, TypedParameter, TypedValue } from './wire/structs.js';
import { optional, string, type XdrCodec } from './wire/xdr.js';

export { DOMAIN_STATES, type DomainState } from './domain-words.js';
export type { Domain, TypedValue } from './wire/structs.js';

export interface DomainStateReading {
  readonly state: DomainState;
  /** Why, in words: `booted`, `destroyed`, `I/O error`; `reason 23` where this version knows no word. */
  readonly reason: string;
}

export interface DomainInfo {
  readonly state: DomainState;
  readonly maximumMemoryKibibytes: bigint;
  readonly memoryKibibytes: bigint;
  readonly vcpus: number;
  readonly cpuTimeNanoseconds: bigint;
}

export interface DomainStats {
  readonly domain: Domain;
  /** As libvirt names them: `state.state`, `vcpu.current`, `balloon.rss`. */
  readonly values: Readonly<Record<string, TypedValue>>;
}

/** Groups of statistics and their bits. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainStatsTypes. */
const STATS_GROUPS = {
  state: 1, 'cpu-total': 2, balloon: 4, vcpu: 8, interface: 16, block: 32, perf: 64, iothread: 128, memory: 256, dirtyrate: 512, vm: 1024,
} as const;
export type DomainStatsGroup = keyof typeof STATS_GROUPS;

export interface DomainFilter {
  readonly running?: boolean;
  readonly persistent?: boolean;
}

export interface DomainXmlOptions {
  /** The definition that counts at the next start, instead of that of the running machine. Default false. */
  readonly inactive?: boolean;
  /** With passwords in it. Default false. */
  readonly secure?: boolean;
  readonly migratable?: boolean;
}

/** What a change to a machine changes: what runs now, what is defined, or both. Default: what is defined. */
export type DeviceChangeScope = ChangeScope;

/** Source: libvirt-domain.h, virDomainMetadataType. */
const METADATA_TYPES = { description: 0, title: 1, element: 2 } as const;
export type DomainMetadataKind = keyof typeof METADATA_TYPES;

export interface InterfaceAddress {
  readonly name: string;
  readonly hardwareAddress: string | null;
  readonly addresses: readonly { readonly family: 'ipv4' | 'ipv6'; readonly address: string; readonly prefix: number }[];
}

/**
 * Calls about domains. Each throws NOT_FOUND for a domain that is gone, INVALID_OPTIONS for wrong arguments before anything is sent, and what
 * {@link LibvirtClient.call} throws.
 */
export interface Domains {
  list(filter?: DomainFilter, options?: CallOptions): Promise<readonly Domain[]>;
  lookupByName(name: string, options?: CallOptions): Promise<Domain>;
  lookupByUuid(uuid: string, options?: CallOptions): Promise<Domain>;
  lookupById(id: number, options?: CallOptions): Promise<Domain>;
  state(domain: Domain, options?: CallOptions): Promise<DomainStateReading>;
  info(domain: Domain, options?: CallOptions): Promise<DomainInfo>;
  /** Statistics of many domains in one exchange; those that are gone are left out. Default: all domains, group `state`. */
  stats(domains?: readonly Domain[], groups?: readonly DomainStatsGroup[], options?: CallOptions): Promise<readonly DomainStats[]>;
  xml(domain: Domain, xmlOptions?: DomainXmlOptions, options?: CallOptions): Promise<string>;
  /** Defines a domain, or changes the definition of the one with the same uuid. */
  define(xml: string, options?: CallOptions & { readonly validate?: boolean }): Promise<Domain>;
  undefine(
    domain: Domain,
    options?: CallOptions & { readonly managedSave?: boolean; readonly snapshots?: boolean; readonly nvram?: 'remove' | 'keep'; readonly tpm?: boolean },
  ): Promise<void>;
  /** Starts a defined domain. @throws CONFLICT when it runs already. */
  create(domain: Domain, options?: CallOptions & { readonly paused?: boolean; readonly forceBoot?: boolean; readonly resetNvram?: boolean }): Promise<Domain>;
  /** Starts a domain that is gone once it stops. */
  createTransient(xml: string, options?: CallOptions & { readonly paused?: boolean; readonly autoDestroy?: boolean }): Promise<Domain>;
  /** Ends a machine like pulling its plug. `graceful`: only asks QEMU to end. @throws CONFLICT when it does not run. */
  destroy(domain: Domain, options?: CallOptions & { readonly graceful?: boolean }): Promise<void>;
  /** Asks the guest to shut down; returns when it was asked. */
  shutdown(domain: Domain, options?: CallOptions & { readonly by?: 'acpi' | 'agent' }): Promise<void>;
  /** Asks the guest to reboot; returns when it was asked. A changed definition does not count yet. */
  reboot(domain: Domain, options?: CallOptions & { readonly by?: 'acpi' | 'agent' }): Promise<void>;
  /** Presses the reset button. A changed definition does not count yet. */
  reset(domain: Domain, options?: CallOptions): Promise<void>;
  suspend(domain: Domain, options?: CallOptions): Promise<void>;
  resume(domain: Domain, options?: CallOptions): Promise<void>;
  /** Ends the sleep of a machine that is suspended by its guest. */
  wakeUp(domain: Domain, options?: CallOptions): Promise<void>;
  injectNmi(domain: Domain, options?: CallOptions): Promise<void>;
  /** Key codes of Linux (input-event-codes.h), pressed together. */
  sendKeys(domain: Domain, keys: readonly number[], options?: CallOptions & { readonly holdMs?: number }): Promise<void>;
  /** @throws NOT_FOUND when there is none. `uri` names the namespace of an element. */
  metadata(domain: Domain, kind: DomainMetadataKind, uri?: string, options?: CallOptions & { readonly scope?: 'live' | 'config' }): Promise<string>;
  /** Null removes it. An element is given without namespace; `key` is the prefix and `uri` the namespace that libvirt adds. */
  setMetadata(
    domain: Domain,
    metadata: { readonly kind: DomainMetadataKind; readonly value: string | null; readonly key?: string; readonly uri?: string },
    options?: CallOptions & DeviceChangeScope,
  ): Promise<void>;
  attachDevice(domain: Domain, xml: string, options?: CallOptions & DeviceChangeScope): Promise<void>;
  detachDevice(domain: Domain, xml: string, options?: CallOptions & DeviceChangeScope): Promise<void>;
  updateDevice(domain: Domain, xml: string, options?: CallOptions & DeviceChangeScope): Promise<void>;
  autostart(domain: Domain, options?: CallOptions): Promise<boolean>;
  setAutostart(domain: Domain, enabled: boolean, options?: CallOptions): Promise<void>;
  interfaceAddresses(domain: Domain, options?: CallOptions & { readonly source?: 'lease' | 'agent' | 'arp' }): Promise<readonly InterfaceAddress[]>;
  /** The serial console, both ways. `device`: its alias; default the first. `force` takes it from whoever has it. */
  openConsole(domain: Domain, options?: CallOptions & { readonly device?: string; readonly force?: boolean }): Promise<RpcStream>;
  /** A picture of the screen, with its media type. Read all of it, then `finish`. */
  screenshot(domain: Domain, options?: CallOptions & { readonly screen?: number }): Promise<RpcStream<string>>;
}

// Bits of flags. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, the enumerations named.

/** virConnectListAllDomainsFlags. */
const LIST = { active: 1, inactive: 2, persistent: 4, transient: 8 } as const;
/** virDomainXMLFlags. */
const XML = { secure: 1, inactive: 2, migratable: 8 } as const;
/** virDomainDefineFlags. */
const DEFINE_VALIDATE = 1;
/** virDomainUndefineFlagsValues. */
const UNDEFINE = { managedSave: 1, snapshots: 2, tpm: 32 } as const;
const UNDEFINE_NVRAM = { remove: 4, keep: 8 } as const;
/** virDomainCreateFlags. */
const START = { paused: 1, autoDestroy: 2, forceBoot: 8, resetNvram: 32 } as const;
/** virDomainDestroyFlagsValues. */
const DESTROY_GRACEFUL = 1;
/** virDomainShutdownFlagValues and virDomainRebootFlagValues. */
const ASK_BY = { acpi: 1, agent: 2 } as const;
/** virDomainModificationImpact. */
const METADATA_SCOPES = { live: 1, config: 2 } as const;
/** virDomainInterfaceAddressesSource. */
const ADDRESS_SOURCES = { lease: 0, agent: 1, arp: 2 } as const;
/** virDomainConsoleFlags. */
const CONSOLE_FORCE = 1;
/** virKeycodeSet. */
const LINUX_KEYCODES = 0;
/** KEY_MAX of Linux, include/uapi/linux/input-event-codes.h. */
const LARGEST_KEY = 0x2ff;
const LONGEST_HOLD_MS = 60_000;
const LARGEST_INT = 0x7fff_ffff;

/** virIPAddrType; the index is the number on the wire. */
const ADDRESS_FAMILIES = ['ipv4', 'ipv6'] as const;

/** Without passwords in it a definition may be shown in transcripts. */
const GET_PUBLIC_XML = { ...domainProcedures.getXmlDesc, secret: false };

/** Hypervisors need not say what kind of picture it is. */
const mediaType: XdrCodec<string> = { write: string.write, read: (reader) => optional(string).read(reader) ?? 'application/octet-stream' };
const SCREENSHOT = { ...domainProcedures.screenshot, reply: mediaType };

export function createDomains(caller: Caller): Domains {
  /** Daemons before libvirt 1.2.12 lack the newer procedure. */
  let definesWithFlags = true;

  const only = (domain: Domain): { readonly domain: Domain } => ({ domain: checkObject('domain', domain) });
  const withFlags = (domain: Domain, flags = 0): { readonly domain: Domain; readonly flags: number } => ({ domain: checkObject('domain', domain), flags });
  const deviceChange = (domain: Domain, xml: string, scope: DeviceChangeScope | undefined): { domain: Domain; xml: string; flags: number } => ({
    domain: checkObject('domain', domain),
    xml: checkXml('xml', xml),
    flags: scopeFlags(scope),
  });

  return {
    async list(filter = {}, options) {
      const flags = eitherFlag(filter.running, LIST.active, LIST.inactive) | eitherFlag(filter.persistent, LIST.persistent, LIST.transient);
      const { domains } = await caller.call(connectionProcedures.listAllDomains, { needResults: 1, flags }, options);
      return domains;
    },
    lookupByName: async (name, options) => caller.call(domainProcedures.lookupByName, { name: checkName('name', name) }, options),
    lookupByUuid: async (uuid, options) => caller.call(domainProcedures.lookupByUuid, { uuid: checkUuid('uuid', uuid) }, options),
    lookupById: async (id, options) => caller.call(domainProcedures.lookupById, { id: checkNumber('id', id, 0, LARGEST_INT) }, options),
    async state(domain, options) {
      const { state, reason } = await caller.call(domainProcedures.getState, withFlags(domain), options);
      const word = domainState(state);
      return { state: word, reason: stateReason(word, reason) };
    },
    async info(domain, options) {
      const { state, maximumMemory, memory, vcpus, cpuTime } = await caller.call(domainProcedures.getInfo, only(domain), options);
      return { state: domainState(state), maximumMemoryKibibytes: maximumMemory, memoryKibibytes: memory, vcpus, cpuTimeNanoseconds: cpuTime };
    },
    async stats(domains, groups = ['state'], options) {
      // On the wire no group means all groups, and no domain means all domains.
      if (groups.length === 0) throw wrongArgument('groups', 'at least one group');
      const stats = groups.reduce((bits, group) => bits | checkWord('groups', group, STATS_GROUPS), 0);
      for (const domain of domains ?? []) checkObject('domains', domain);
      if (domains?.length === 0) return [];
      const records = await caller.call(connectionProcedures.getAllDomainStats, { domains: domains ?? [], stats, flags: 0 }, options);
      return records.map(({ domain, parameters }) => ({ domain, values: valuesOf(parameters) }));
    },
    async xml(domain, { secure, inactive, migratable } = {}, options) {
      const flags = flag(secure, XML.secure) | flag(inactive, XML.inactive) | flag(migratable, XML.migratable);
      return caller.call(secure === true ? domainProcedures.getXmlDesc : GET_PUBLIC_XML, withFlags(domain, flags), options);
    },
    async define(xml, options) {
      const validate = options?.validate === true;
      checkXml('xml', xml);
      if (!definesWithFlags && !validate) return caller.call(domainProcedures.defineXml, { xml }, options);
      try {
        return await caller.call(domainProcedures.defineXmlFlags, { xml, flags: flag(validate, DEFINE_VALIDATE) }, options);
      } catch (error) {
        if (validate || !isUnknownProcedure(error)) throw error;
        definesWithFlags = false;
        return caller.call(domainProcedures.defineXml, { xml }, options);
      }
    },
    async undefine(domain, options) {
      const { managedSave, snapshots, nvram, tpm } = options ?? {};
      const flags =
        flag(managedSave, UNDEFINE.managedSave) | flag(snapshots, UNDEFINE.snapshots) | flag(tpm, UNDEFINE.tpm) | checkOptionalWord('nvram', nvram, UNDEFINE_NVRAM);
      await caller.call(domainProcedures.undefineFlags, withFlags(domain, flags), options);
    },
    async create(domain, options) {
      const { paused, forceBoot, resetNvram } = options ?? {};
      const flags = flag(paused, START.paused) | flag(forceBoot, START.forceBoot) | flag(resetNvram, START.resetNvram);
      return caller.call(domainProcedures.createWithFlags, withFlags(domain, flags), options);
    },
    async createTransient(xml, options) {
      const flags = flag(options?.paused, START.paused) | flag(options?.autoDestroy, START.autoDestroy);
      return caller.call(domainProcedures.createXml, { xml: checkXml('xml', xml), flags }, options);
    },
    destroy: async (domain, options) => caller.call(domainProcedures.destroyFlags, withFlags(domain, flag(options?.graceful, DESTROY_GRACEFUL)), options),
    shutdown: async (domain, options) =>
      caller.call(domainProcedures.shutdownFlags, withFlags(domain, checkOptionalWord('by', options?.by, ASK_BY)), options),
    reboot: async (domain, options) => caller.call(domainProcedures.reboot, withFlags(domain, checkOptionalWord('by', options?.by, ASK_BY)), options),
    reset: async (domain, options) => caller.call(domainProcedures.reset, withFlags(domain), options),
    suspend: async (domain, options) => caller.call(domainProcedures.suspend, only(domain), options),
    resume: async (domain, options) => caller.call(domainProcedures.resume, only(domain), options),
    wakeUp: async (domain, options) => caller.call(domainProcedures.pmWakeup, withFlags(domain), options),
    injectNmi: async (domain, options) => caller.call(domainProcedures.injectNmi, withFlags(domain), options),
    async sendKeys(domain, keys, options) {
      if (keys.length === 0 || keys.length > KEY_LIMIT) throw wrongArgument('keys', `1 to ${KEY_LIMIT} key codes`, { value: `${keys.length} of them` });
      for (const key of keys) checkNumber('keys', key, 1, LARGEST_KEY);
      const holdTime = checkNumber('holdMs', options?.holdMs ?? 0, 0, LONGEST_HOLD_MS);
      await caller.call(domainProcedures.sendKey, { ...withFlags(domain), codeset: LINUX_KEYCODES, holdTime, keycodes: keys }, options);
    },
    async metadata(domain, kind, uri, options) {
      const type = checkWord('kind', kind, METADATA_TYPES);
      checkMetadataUri(kind, uri);
      const flags = checkOptionalWord('scope', options?.scope, METADATA_SCOPES);
      return caller.call(domainProcedures.getMetadata, { ...withFlags(domain, flags), type, uri: uri ?? null }, options);
    },
    async setMetadata(domain, { kind, value, key, uri }, options) {
      const type = checkWord('kind', kind, METADATA_TYPES);
      checkMetadataUri(kind, uri);
      if (kind === 'element' && value !== null) {
        checkXml('value', value);
        checkName('key', key ?? '');
      }
      const flags = scopeFlags(options);
      await caller.call(domainProcedures.setMetadata, { ...withFlags(domain, flags), type, metadata: value, key: key ?? null, uri: uri ?? null }, options);
    },
    attachDevice: async (domain, xml, options) => caller.call(domainProcedures.attachDeviceFlags, deviceChange(domain, xml, options), options),
    detachDevice: async (domain, xml, options) => caller.call(domainProcedures.detachDeviceFlags, deviceChange(domain, xml, options), options),
    updateDevice: async (domain, xml, options) => caller.call(domainProcedures.updateDeviceFlags, deviceChange(domain, xml, options), options),
    autostart: async (domain, options) => (await caller.call(domainProcedures.getAutostart, only(domain), options)) !== 0,
    setAutostart: async (domain, enabled, options) => caller.call(domainProcedures.setAutostart, { ...only(domain), autostart: enabled ? 1 : 0 }, options),
    async interfaceAddresses(domain, options) {
      const source = checkOptionalWord('source', options?.source, ADDRESS_SOURCES);
      const interfaces = await caller.call(domainProcedures.interfaceAddresses, { ...withFlags(domain), source }, options);
      return interfaces.map(({ name, hardwareAddress, addresses }) => ({
        name,
        hardwareAddress,
        addresses: addresses.flatMap(({ type, address, prefix }) => {
          const family = ADDRESS_FAMILIES[type];
          return family === undefined ? [] : [{ family, address, prefix }];
        }),
      }));
    },
    async openConsole(domain, options) {
      const device = options?.device === undefined ? null : checkName('device', options.device);
      return caller.openStream(domainProcedures.openConsole, { ...withFlags(domain, flag(options?.force, CONSOLE_FORCE)), device }, options);
    },
    async screenshot(domain, options) {
      const screen = checkNumber('screen', options?.screen ?? 0, 0, LARGEST_INT);
      return caller.openStream(SCREENSHOT, { ...withFlags(domain), screen }, options);
    },
  };
}

function valuesOf(parameters: readonly TypedParameter[]): Readonly<Record<string, TypedValue>> {
  const values: Record<string, TypedValue> = {};
  for (const { field, value } of parameters) values[field] = value;
  return values;
}

function checkMetadataUri(kind: DomainMetadataKind, uri: string | undefined): void {
  if ((kind === 'element') === (uri !== undefined && uri !== '')) return;
  throw wrongArgument('uri', kind === 'element' ? 'the namespace of the element' : `left out for a ${kind}`, { value: uri });
}
