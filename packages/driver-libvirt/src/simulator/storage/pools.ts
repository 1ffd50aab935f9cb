import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import type { NamedReference, VolumeReference } from '../wire/structs.js';
import { cloneElement, elementAt, insertBehind, textOf, xmlElement, type XmlElement } from '../xml/element.js';
import { identify } from '../xml/identity.js';
import { parseDocument } from '../xml/parse-document.js';
import type { MemoryBudget } from './sparse-bytes.js';
import type { VirtualVolume } from './volumes.js';

/** Most pools, and most volumes of a pool. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_STORAGE_*_LIST_MAX. */
const MOST_POOLS = 4096;
const MOST_VOLUMES = 16_384;

/** What every pool claims to have. Bytes; 100 GiB. */
export const POOL_CAPACITY: bigint = 100n * 1024n ** 3n;

export interface StoragePool {
  readonly name: string;
  readonly uuid: string;
  definition: XmlElement;
  isActive: boolean;
  isPersistent: boolean;
  autostart: boolean;
  readonly volumes: Map<string, VirtualVolume>;
}

const fault = (kind: (typeof ERROR)[keyof typeof ERROR], text: string): RemoteError => new RemoteError(kind, ERROR_DOMAIN.storage, text);

/** The pools of one hypervisor; their volumes are in memory. */
export class StoragePools {
  readonly budget: MemoryBudget;
  readonly #pools = new Map<string, StoragePool>();

  constructor(budget: MemoryBudget) {
    this.budget = budget;
  }

  list(): StoragePool[] {
    return [...this.#pools.values()];
  }

  byReference({ uuid, name }: NamedReference): StoragePool {
    const pool = this.#pools.get(uuid);
    if (pool === undefined) throw fault(ERROR.noPool, `no storage pool with matching uuid '${uuid}' (${name})`);
    return pool;
  }

  byUuid(uuid: string): StoragePool {
    const pool = this.#pools.get(uuid);
    if (pool === undefined) throw fault(ERROR.noPool, `no storage pool with matching uuid '${uuid}'`);
    return pool;
  }

  byName(name: string): StoragePool {
    const pool = this.find(name);
    if (pool === undefined) throw fault(ERROR.noPool, `no storage pool with matching name '${name}'`);
    return pool;
  }

  byFolder(path: string): StoragePool {
    const pool = this.list().find((each) => folderOf(each) === path.replace(/\/+$/, ''));
    if (pool === undefined) throw fault(ERROR.noPool, `no storage pool with matching target path '${path}'`);
    return pool;
  }

  find(name: string): StoragePool | undefined {
    return this.list().find((each) => each.name === name);
  }

  define(text: string): StoragePool {
    const pool = this.#put(text);
    pool.isPersistent = true;
    return pool;
  }

  createTransient(text: string): StoragePool {
    const pool = this.#put(text);
    this.start(pool);
    return pool;
  }

  start(pool: StoragePool): void {
    this.requireInactive(pool);
    pool.isActive = true;
  }

  stop(pool: StoragePool): void {
    this.requireActive(pool);
    pool.isActive = false;
    if (!pool.isPersistent) this.#forget(pool);
  }

  undefine(pool: StoragePool): void {
    if (pool.isActive) throw fault(ERROR.operationInvalid, `storage pool '${pool.name}' is still active`);
    this.#forget(pool);
  }

  requireActive(pool: StoragePool): void {
    if (!pool.isActive) throw fault(ERROR.operationInvalid, `storage pool '${pool.name}' is not active`);
  }

  requireInactive(pool: StoragePool): void {
    if (pool.isActive) throw fault(ERROR.operationInvalid, `storage pool '${pool.name}' is already active`);
  }

  /** The pool of a volume, and the volume. @throws RemoteError 49, 50, 55 */
  volumeOf({ pool: poolName, name }: VolumeReference): { readonly pool: StoragePool; readonly volume: VirtualVolume } {
    const pool = this.byName(poolName);
    return { pool, volume: this.volumeByName(pool, name) };
  }

  volumeByName(pool: StoragePool, name: string): VirtualVolume {
    this.requireActive(pool);
    const volume = pool.volumes.get(name);
    if (volume === undefined) throw fault(ERROR.noVolume, `no storage vol with matching name '${name}'`);
    return volume;
  }

  /** The volume with this path, in any active pool. @param what how it was asked for, for the error. */
  volumeByPath(path: string, what: string): { readonly pool: StoragePool; readonly volume: VirtualVolume } {
    const found = this.findByPath(path);
    if (found === undefined) throw fault(ERROR.noVolume, `no storage vol with matching ${what}`);
    return found;
  }

  findByPath(path: string): { readonly pool: StoragePool; readonly volume: VirtualVolume } | undefined {
    for (const pool of this.list()) {
      const volume = [...pool.volumes.values()].find((each) => each.path === path);
      if (volume !== undefined && pool.isActive) return { pool, volume };
    }
    return undefined;
  }

  add(pool: StoragePool, volume: VirtualVolume): void {
    if (pool.volumes.has(volume.name)) throw fault(ERROR.volumeExists, `'${volume.name}' exists already`);
    if (pool.volumes.size >= MOST_VOLUMES) throw fault(ERROR.operationFailed, `this simulator holds ${MOST_VOLUMES} volumes in a pool`);
    pool.volumes.set(volume.name, volume);
  }

  remove(pool: StoragePool, volume: VirtualVolume): void {
    volume.content.discard();
    pool.volumes.delete(volume.name);
  }

  #put(text: string): StoragePool {
    const definition = parseDocument(text, 'storage_pool_definition', 'pool', ERROR_DOMAIN.storage);
    const missingName = fault(ERROR.xml, 'missing pool source name element');
    if (definition.attributes.get('type') !== 'dir') throw fault(ERROR.unsupportedConfiguration, "this simulator has pools of type 'dir' only");
    if ((textOf(elementAt(definition, 'target', 'path')) ?? '') === '') throw fault(ERROR.xml, 'missing storage pool target path');
    const { name, uuid, known } = identify(definition, { what: 'pool', errorDomain: ERROR_DOMAIN.storage, all: this.list(), missingName });
    if (known !== undefined) known.definition = definition;
    else if (this.#pools.size >= MOST_POOLS) throw fault(ERROR.operationFailed, `this simulator holds ${MOST_POOLS} pools`);
    const pool = known ?? { name, uuid, definition, isActive: false, isPersistent: false, autostart: false, volumes: new Map<string, VirtualVolume>() };
    this.#pools.set(uuid, pool);
    return pool;
  }

  #forget(pool: StoragePool): void {
    for (const volume of pool.volumes.values()) volume.content.discard();
    this.#pools.delete(pool.uuid);
  }
}

/** Where the volumes of a pool are, without a slash at the end. */
export function folderOf(pool: StoragePool): string {
  return (textOf(elementAt(pool.definition, 'target', 'path')) ?? '').replace(/\/+$/, '');
}

export function allocationOf(pool: StoragePool): bigint {
  return [...pool.volumes.values()].reduce((sum, volume) => sum + BigInt(volume.content.allocated), 0n);
}

/** The pool as `virsh pool-dumpxml` shows it: with its sizes while it is active. */
export function describePool(pool: StoragePool): XmlElement {
  const description = cloneElement(pool.definition);
  const allocation = pool.isActive ? allocationOf(pool) : 0n;
  const capacity = pool.isActive ? POOL_CAPACITY : 0n;
  const sizes = { available: capacity - allocation, allocation, capacity };
  for (const [name, value] of Object.entries(sizes)) insertBehind(description, ['name', 'uuid'], xmlElement(name, { unit: 'bytes' }, [String(value)]));
  return description;
}
