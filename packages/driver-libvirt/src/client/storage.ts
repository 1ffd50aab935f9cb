import type { CallOptions } from '@ferric/core';
import type { Caller } from './caller.js';
import { checkName, checkObject, checkSize, checkUuid, checkXml, eitherFlag, flag } from './checks.js';
import type { RpcStream } from './rpc/rpc-connection.js';
import { type UploadOptions, uploadVolume, type VolumeSource } from './upload.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import { storageProcedures } from './wire/procedures/storage.js';
import type { StoragePool, StorageVolume } from './wire/structs.js';

export type { UploadOptions, UploadProgress, VolumeSource } from './upload.js';
export type { StoragePool, StorageVolume } from './wire/structs.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-storage.h, virStoragePoolState; the index is the number on the wire. */
export const POOL_STATES = ['inactive', 'building', 'running', 'degraded', 'inaccessible'] as const;
export type StoragePoolState = (typeof POOL_STATES)[number];

export interface StoragePoolInfo {
  /** `unknown` for a state that this version has no word for. */
  readonly state: StoragePoolState | 'unknown';
  readonly capacityBytes: bigint;
  readonly allocationBytes: bigint;
  readonly availableBytes: bigint;
}

/** Source: libvirt-storage.h, virStorageVolType; the index is the number on the wire. */
export const VOLUME_TYPES = ['file', 'block', 'directory', 'network', 'network directory', 'ploop'] as const;
export type StorageVolumeType = (typeof VOLUME_TYPES)[number];

export interface StorageVolumeInfo {
  /** `unknown` for a type that this version has no word for. */
  readonly type: StorageVolumeType | 'unknown';
  /** How large the disk looks to a machine. */
  readonly capacityBytes: bigint;
  /** What it takes in the pool. */
  readonly allocationBytes: bigint;
}

export interface StoragePoolFilter {
  readonly active?: boolean;
  readonly persistent?: boolean;
}

export interface StoragePools {
  list(filter?: StoragePoolFilter, options?: CallOptions): Promise<readonly StoragePool[]>;
  lookupByName(name: string, options?: CallOptions): Promise<StoragePool>;
  lookupByUuid(uuid: string, options?: CallOptions): Promise<StoragePool>;
  /** The pool that a volume is in. */
  lookupByVolume(volume: StorageVolume, options?: CallOptions): Promise<StoragePool>;
  info(pool: StoragePool, options?: CallOptions): Promise<StoragePoolInfo>;
  /** `inactive`: the definition that counts at the next start. */
  xml(pool: StoragePool, options?: CallOptions & { readonly inactive?: boolean }): Promise<string>;
  define(xml: string, options?: CallOptions): Promise<StoragePool>;
  /** Starts a pool that is gone once it stops. `build`: makes its folder or its like first. */
  createTransient(xml: string, options?: CallOptions & { readonly build?: boolean }): Promise<StoragePool>;
  /** Starts a defined pool. @throws CONFLICT when it runs already. */
  create(pool: StoragePool, options?: CallOptions & { readonly build?: boolean }): Promise<void>;
  /** Makes the folder, file system or its like. `overwrite`: also where something else is now, which is lost; false: refuses then. */
  build(pool: StoragePool, options?: CallOptions & { readonly overwrite?: boolean }): Promise<void>;
  /** Looks what volumes there are. */
  refresh(pool: StoragePool, options?: CallOptions): Promise<void>;
  /** Stops it; the volumes stay. @throws CONFLICT when it does not run. */
  destroy(pool: StoragePool, options?: CallOptions): Promise<void>;
  /** Forgets the definition; the volumes stay. */
  undefine(pool: StoragePool, options?: CallOptions): Promise<void>;
  /** Removes what {@link StoragePools.build} made; only of a pool that is stopped, and for a folder only when it is empty. */
  delete(pool: StoragePool, options?: CallOptions): Promise<void>;
  autostart(pool: StoragePool, options?: CallOptions): Promise<boolean>;
  setAutostart(pool: StoragePool, enabled: boolean, options?: CallOptions): Promise<void>;
}

export interface StorageVolumes {
  list(pool: StoragePool, options?: CallOptions): Promise<readonly StorageVolume[]>;
  lookupByName(pool: StoragePool, name: string, options?: CallOptions): Promise<StorageVolume>;
  lookupByPath(path: string, options?: CallOptions): Promise<StorageVolume>;
  lookupByKey(key: string, options?: CallOptions): Promise<StorageVolume>;
  info(volume: StorageVolume, options?: CallOptions): Promise<StorageVolumeInfo>;
  path(volume: StorageVolume, options?: CallOptions): Promise<string>;
  xml(volume: StorageVolume, options?: CallOptions): Promise<string>;
  /** `preallocateMetadata`: for formats that have some, such as qcow2. @throws CONFLICT when there is one of this name. */
  create(pool: StoragePool, xml: string, options?: CallOptions & { readonly preallocateMetadata?: boolean }): Promise<StorageVolume>;
  delete(volume: StorageVolume, options?: CallOptions): Promise<void>;
  /**
   * Writes over the content of a volume; complete when it resolves. `timeoutMs` is the time for all of it; without it, each packet has the
   * time of a call. What fails in the middle leaves the volume half written.
   * @returns how many bytes were sent.
   */
  upload(volume: StorageVolume, source: VolumeSource, options?: UploadOptions): Promise<bigint>;
  /** Opens the content of a volume for reading. Read all of it, then `finish`. `length` 0 or none: to the end. Offset and length in bytes. */
  download(volume: StorageVolume, options?: CallOptions & { readonly offset?: number | bigint; readonly length?: number | bigint }): Promise<RpcStream>;
}

/** Calls about storage. Each throws NOT_FOUND for a pool or volume that is gone, INVALID_OPTIONS, and what {@link LibvirtClient.call} throws. */
export interface Storage {
  readonly pools: StoragePools;
  readonly volumes: StorageVolumes;
}

// Bits of flags. Source: libvirt 9.0.0, include/libvirt/libvirt-storage.h, the enumerations named.

/** virConnectListAllStoragePoolsFlags. */
const LIST = { inactive: 1, active: 2, persistent: 4, transient: 8 } as const;
/** virStoragePoolCreateFlags. */
const CREATE_WITH_BUILD = 1;
/** virStoragePoolBuildFlags. */
const BUILD = { noOverwrite: 4, overwrite: 8 } as const;
/** virStorageXMLFlags. */
const XML_INACTIVE = 1;
/** virStorageVolCreateFlags. */
const PREALLOCATE_METADATA = 1;

export function createStorage(caller: Caller): Storage {
  return { pools: createPools(caller), volumes: createVolumes(caller) };
}

function createPools(caller: Caller): StoragePools {
  const only = (pool: StoragePool): { readonly pool: StoragePool } => ({ pool: checkObject('pool', pool) });
  const withFlags = (pool: StoragePool, flags = 0): { readonly pool: StoragePool; readonly flags: number } => ({ ...only(pool), flags });

  return {
    async list(filter = {}, options) {
      const flags = eitherFlag(filter.active, LIST.active, LIST.inactive) | eitherFlag(filter.persistent, LIST.persistent, LIST.transient);
      const { pools } = await caller.call(connectionProcedures.listAllStoragePools, { needResults: 1, flags }, options);
      return pools;
    },
    lookupByName: async (name, options) => caller.call(storageProcedures.poolLookupByName, { name: checkName('name', name) }, options),
    lookupByUuid: async (uuid, options) => caller.call(storageProcedures.poolLookupByUuid, { uuid: checkUuid('uuid', uuid) }, options),
    lookupByVolume: async (volume, options) => caller.call(storageProcedures.poolLookupByVolume, { volume: checkVolume(volume) }, options),
    async info(pool, options) {
      const { state, capacity, allocation, available } = await caller.call(storageProcedures.poolGetInfo, only(pool), options);
      return { state: POOL_STATES[state] ?? 'unknown', capacityBytes: capacity, allocationBytes: allocation, availableBytes: available };
    },
    xml: async (pool, options) => caller.call(storageProcedures.poolGetXmlDesc, withFlags(pool, flag(options?.inactive, XML_INACTIVE)), options),
    define: async (xml, options) => caller.call(storageProcedures.poolDefineXml, { xml: checkXml('xml', xml), flags: 0 }, options),
    createTransient: async (xml, options) =>
      caller.call(storageProcedures.poolCreateXml, { xml: checkXml('xml', xml), flags: flag(options?.build, CREATE_WITH_BUILD) }, options),
    create: async (pool, options) => caller.call(storageProcedures.poolCreate, withFlags(pool, flag(options?.build, CREATE_WITH_BUILD)), options),
    build: async (pool, options) =>
      caller.call(storageProcedures.poolBuild, withFlags(pool, eitherFlag(options?.overwrite, BUILD.overwrite, BUILD.noOverwrite)), options),
    refresh: async (pool, options) => caller.call(storageProcedures.poolRefresh, withFlags(pool), options),
    destroy: async (pool, options) => caller.call(storageProcedures.poolDestroy, only(pool), options),
    undefine: async (pool, options) => caller.call(storageProcedures.poolUndefine, only(pool), options),
    delete: async (pool, options) => caller.call(storageProcedures.poolDelete, withFlags(pool), options),
    autostart: async (pool, options) => (await caller.call(storageProcedures.poolGetAutostart, only(pool), options)) !== 0,
    setAutostart: async (pool, enabled, options) => caller.call(storageProcedures.poolSetAutostart, { ...only(pool), autostart: enabled ? 1 : 0 }, options),
  };
}

function createVolumes(caller: Caller): StorageVolumes {
  const only = (volume: StorageVolume): { readonly volume: StorageVolume } => ({ volume: checkVolume(volume) });
  const withFlags = (volume: StorageVolume): { readonly volume: StorageVolume; readonly flags: number } => ({ ...only(volume), flags: 0 });

  return {
    async list(pool, options) {
      const args = { pool: checkObject('pool', pool), needResults: 1, flags: 0 };
      const { volumes } = await caller.call(storageProcedures.poolListAllVolumes, args, options);
      return volumes;
    },
    lookupByName: async (pool, name, options) =>
      caller.call(storageProcedures.volLookupByName, { pool: checkObject('pool', pool), name: checkName('name', name) }, options),
    lookupByPath: async (path, options) => caller.call(storageProcedures.volLookupByPath, { path: checkName('path', path) }, options),
    lookupByKey: async (key, options) => caller.call(storageProcedures.volLookupByKey, { key: checkName('key', key) }, options),
    async info(volume, options) {
      const { type, capacity, allocation } = await caller.call(storageProcedures.volGetInfo, only(volume), options);
      return { type: VOLUME_TYPES[type] ?? 'unknown', capacityBytes: capacity, allocationBytes: allocation };
    },
    path: async (volume, options) => caller.call(storageProcedures.volGetPath, only(volume), options),
    xml: async (volume, options) => caller.call(storageProcedures.volGetXmlDesc, withFlags(volume), options),
    async create(pool, xml, options) {
      const args = { pool: checkObject('pool', pool), xml: checkXml('xml', xml), flags: flag(options?.preallocateMetadata, PREALLOCATE_METADATA) };
      return caller.call(storageProcedures.volCreateXml, args, options);
    },
    delete: async (volume, options) => caller.call(storageProcedures.volDelete, withFlags(volume), options),
    upload: async (volume, source, options) => uploadVolume(caller, checkVolume(volume), source, options),
    async download(volume, options) {
      const args = { ...withFlags(volume), offset: checkSize('offset', options?.offset ?? 0), length: checkSize('length', options?.length ?? 0) };
      return caller.openStream(storageProcedures.volDownload, args, options);
    },
  };
}

function checkVolume(volume: StorageVolume): StorageVolume {
  checkName('volume.pool', volume.pool);
  checkName('volume.name', volume.name);
  checkName('volume.key', volume.key);
  return volume;
}
