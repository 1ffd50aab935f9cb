import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import { allocationOf, describePool, POOL_CAPACITY, type StoragePool } from '../storage/pools.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readNamed, readUuid, readVolume, writeNamed, writeVolume } from '../wire/structs.js';
import { writeXml } from '../xml/element.js';
import { LASTING_FILTERS, matchesFilters } from './filters.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-storage.h, virStoragePoolState. */
const STATE = { inactive: 0, running: 2 } as const;
/** Pools of this simulator are folders. */
const FILTER_FOLDER = 1 << 6;
const FILTER_OTHER_TYPES = ~((1 << 7) - 1);

/** A procedure that takes a pool, and flags that change nothing here where it has some. */
function onPool(name: string, answer: (pool: StoragePool, call: Call) => void, changes?: 'host'): Procedure {
  return { name, ...(changes === undefined ? {} : { changes }), answer: (call) => answer(call.host.pools.byReference(readNamed(call.args)), call) };
}

function fromXml(name: string, make: (call: Call, xml: string) => StoragePool): Procedure {
  return { name, changes: 'host', answer: (call) => writeNamed(call.reply, make(call, call.args.string())) };
}

function listAll({ host, args, reply }: Call): void {
  const wantsResults = args.int() !== 0;
  const flags = args.unsigned();
  const wantsType = (flags & (FILTER_FOLDER | FILTER_OTHER_TYPES)) === 0 || (flags & FILTER_FOLDER) !== 0;
  const found = host.pools.list().filter((pool) => wantsType && matchesFilters(LASTING_FILTERS, flags, pool));
  reply.list(wantsResults ? found : [], writeNamed).unsigned(found.length);
}

function info(pool: StoragePool, { reply }: Call): void {
  const allocation = pool.isActive ? allocationOf(pool) : 0n;
  const capacity = pool.isActive ? POOL_CAPACITY : 0n;
  reply.unsigned(pool.isActive ? STATE.running : STATE.inactive);
  reply.unsignedHyper(capacity).unsignedHyper(allocation).unsignedHyper(capacity - allocation);
}

function listVolumes(pool: StoragePool, { host, args, reply }: Call): void {
  const wantsResults = args.int() !== 0;
  args.unsigned();
  host.pools.requireActive(pool);
  const found = [...pool.volumes.values()].map(({ name, path }) => ({ pool: pool.name, name, key: path }));
  reply.list(wantsResults ? found : [], writeVolume).unsigned(found.length);
}

function listVolumeNames(pool: StoragePool, { host, args, reply }: Call): void {
  const most = args.int();
  host.pools.requireActive(pool);
  reply.list([...pool.volumes.keys()].slice(0, Math.max(0, most)), (writer, name) => writer.string(name));
}

function setAutostart(pool: StoragePool, { args }: Call): void {
  const wanted = args.boolean();
  if (!pool.isPersistent) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.storage, 'pool has no config file');
  pool.autostart = wanted;
}

function names(pick: (pool: StoragePool) => boolean): (call: Call) => void {
  return ({ host, args, reply }) => {
    const most = args.int();
    reply.list(host.pools.list().filter(pick).slice(0, Math.max(0, most)), (writer, pool) => writer.string(pool.name));
  };
}

function count(pick: (pool: StoragePool) => boolean): (call: Call) => void {
  return ({ host, reply }) => void reply.int(host.pools.list().filter(pick).length);
}

const isActive = (pool: StoragePool): boolean => pool.isActive;
const isInactive = (pool: StoragePool): boolean => !pool.isActive;

export const storagePoolProcedures: ProcedureTable = {
  71: { name: 'virConnectNumOfStoragePools', answer: count(isActive) },
  72: { name: 'virConnectListStoragePools', answer: names(isActive) },
  73: { name: 'virConnectNumOfDefinedStoragePools', answer: count(isInactive) },
  74: { name: 'virConnectListDefinedStoragePools', answer: names(isInactive) },
  76: fromXml('virStoragePoolCreateXML', ({ host }, xml) => host.pools.createTransient(xml)),
  77: fromXml('virStoragePoolDefineXML', ({ host }, xml) => host.pools.define(xml)),
  78: onPool('virStoragePoolCreate', (pool, { host }) => host.pools.start(pool), 'host'),
  79: onPool('virStoragePoolBuild', (pool, { host }) => host.pools.requireInactive(pool), 'host'),
  80: onPool('virStoragePoolDestroy', (pool, { host }) => host.pools.stop(pool), 'host'),
  81: onPool('virStoragePoolDelete', (pool, { host }) => host.pools.requireInactive(pool), 'host'),
  82: onPool('virStoragePoolUndefine', (pool, { host }) => host.pools.undefine(pool), 'host'),
  83: onPool('virStoragePoolRefresh', (pool, { host }) => host.pools.requireActive(pool), 'host'),
  84: { name: 'virStoragePoolLookupByName', answer: ({ host, args, reply }) => writeNamed(reply, host.pools.byName(args.string())) },
  85: { name: 'virStoragePoolLookupByUUID', answer: ({ host, args, reply }) => writeNamed(reply, host.pools.byUuid(readUuid(args))) },
  86: { name: 'virStoragePoolLookupByVolume', answer: ({ host, args, reply }) => writeNamed(reply, host.pools.byName(readVolume(args).pool)) },
  87: onPool('virStoragePoolGetInfo', info),
  88: onPool('virStoragePoolGetXMLDesc', (pool, { reply }) => void reply.string(writeXml(describePool(pool)))),
  89: onPool('virStoragePoolGetAutostart', (pool, { reply }) => void reply.boolean(pool.autostart)),
  90: onPool('virStoragePoolSetAutostart', setAutostart, 'host'),
  91: onPool('virStoragePoolNumOfVolumes', (pool, { host, reply }) => {
    host.pools.requireActive(pool);
    reply.int(pool.volumes.size);
  }),
  92: onPool('virStoragePoolListVolumes', listVolumeNames),
  154: onPool('virStoragePoolIsActive', (pool, { reply }) => void reply.boolean(pool.isActive)),
  155: onPool('virStoragePoolIsPersistent', (pool, { reply }) => void reply.boolean(pool.isPersistent)),
  281: { name: 'virConnectListAllStoragePools', answer: listAll },
  282: onPool('virStoragePoolListAllVolumes', listVolumes),
  391: { name: 'virStoragePoolLookupByTargetPath', answer: ({ host, args, reply }) => writeNamed(reply, host.pools.byFolder(args.string())) },
};
