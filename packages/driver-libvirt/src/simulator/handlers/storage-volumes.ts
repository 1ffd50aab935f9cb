import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import type { StreamEnd, StreamPort } from '../daemon/streams.js';
import { folderOf, type StoragePool } from '../storage/pools.js';
import { capacityOf, createVolume, describeVolume, parseVolume, type VirtualVolume } from '../storage/volumes.js';
import { STREAM_CHUNK_BYTES } from '../wire/frames.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readNamed, readVolume, writeVolume } from '../wire/structs.js';
import { writeXml } from '../xml/element.js';
import { requireRoomForStream } from './stream-room.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-storage.h, virStorageVolType, virStorageVolInfoFlags. */
const TYPE_FILE = 0;
const INFO_PHYSICAL = 1;
/** ENOSPC */
const NO_SPACE = 28;

function noSpace(): RemoteError {
  return new RemoteError(ERROR.system, ERROR_DOMAIN.streams, 'cannot write to stream: No space left on device', { int1: NO_SPACE });
}

/** A procedure that takes a volume, and flags that change nothing here where it has some. */
function onVolume(name: string, answer: (volume: VirtualVolume, call: Call, pool: StoragePool) => void, changes?: 'host'): Procedure {
  return {
    name,
    ...(changes === undefined ? {} : { changes }),
    answer(call) {
      const { pool, volume } = call.host.pools.volumeOf(readVolume(call.args));
      answer(volume, call, pool);
    },
  };
}

function create({ host, args, reply }: Call): void {
  const pool = host.pools.byReference(readNamed(args));
  const xml = args.string();
  host.pools.requireActive(pool);
  const volume = parseVolume(xml, folderOf(pool), host.pools.budget);
  host.pools.add(pool, volume);
  writeVolume(reply, referenceOf(pool, volume));
}

function createFrom({ host, args, reply }: Call): void {
  const pool = host.pools.byReference(readNamed(args));
  const xml = args.string();
  const source = host.pools.volumeOf(readVolume(args)).volume;
  host.pools.requireActive(pool);
  const wanted = parseVolume(xml, folderOf(pool), host.pools.budget);
  const capacity = wanted.capacity > source.capacity ? wanted.capacity : source.capacity;
  const volume = createVolume({ name: wanted.name, folder: folderOf(pool), capacity, format: wanted.format }, host.pools.budget);
  host.pools.add(pool, volume);
  if (!volume.content.copyFrom(source.content)) {
    host.pools.remove(pool, volume);
    throw noSpace();
  }
  writeVolume(reply, referenceOf(pool, volume));
}

function referenceOf(pool: StoragePool, { name, path }: VirtualVolume): { readonly pool: string; readonly name: string; readonly key: string } {
  return { pool: pool.name, name, key: path };
}

function writeInfo(volume: VirtualVolume, { reply }: Call, isPhysical: boolean): void {
  const second = isPhysical ? volume.content.length : volume.content.allocated;
  reply.int(TYPE_FILE).unsignedHyper(capacityOf(volume)).unsignedHyper(BigInt(second));
}

function lookUpByPath(what: 'key' | 'path'): (call: Call) => void {
  return ({ host, args, reply }) => {
    const text = args.string();
    const { pool, volume } = host.pools.volumeByPath(text, what === 'path' ? `path '${text}'` : `key ${text}`);
    writeVolume(reply, referenceOf(pool, volume));
  };
}

function resize(volume: VirtualVolume, { args }: Call): void {
  const capacity = args.unsignedHyper();
  if (volume.format === 'raw') volume.content.truncate(Number(capacity));
  volume.capacity = capacity;
}

function wipe(volume: VirtualVolume): void {
  const { length } = volume.content;
  volume.content.clear();
  volume.content.grow(length);
}

/** Offset and length of a transfer. A length of 0 means to the end. */
function readRange({ args }: Call): { readonly offset: number; readonly length: number } {
  const offset = args.unsignedHyper();
  const length = args.unsignedHyper();
  args.unsigned();
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (offset > limit || length > limit) throw new RemoteError(ERROR.invalidArgument, ERROR_DOMAIN.storage, 'offset and length must be less than 2^53');
  return { offset: Number(offset), length: length === 0n ? Number.MAX_SAFE_INTEGER : Number(length) };
}

function upload(volume: VirtualVolume, call: Call): void {
  const { offset, length } = readRange(call);
  requireRoomForStream(call);
  call.openStream(new Upload(volume, offset, length));
}

/** Takes what a client sends into a volume. */
class Upload implements StreamEnd {
  readonly #volume: VirtualVolume;
  #offset: number;
  #left: number;

  constructor(volume: VirtualVolume, offset: number, length: number) {
    this.#volume = volume;
    this.#offset = offset;
    this.#left = length;
  }

  receive(data: Buffer): void {
    if (data.length > this.#left || !this.#volume.content.write(this.#offset, data)) throw noSpace();
    this.#advance(data.length);
  }

  skip(bytes: bigint): void {
    if (bytes < 0n || bytes > BigInt(this.#left)) throw noSpace();
    this.#advance(Number(bytes));
    this.#volume.content.grow(this.#offset);
  }

  #advance(bytes: number): void {
    this.#offset += bytes;
    this.#left -= bytes;
  }
}

function download(volume: VirtualVolume, call: Call): void {
  const { offset, length } = readRange(call);
  requireRoomForStream(call);
  call.openStream({
    start: (port) => void sendContent(port, volume, offset, length),
    receive: () => undefined,
  });
}

/** Sends a volume in pieces, each when the one before has left. */
async function sendContent(port: StreamPort, volume: VirtualVolume, offset: number, length: number): Promise<void> {
  for (let done = 0; done < length; ) {
    const piece = volume.content.read(offset + done, Math.min(STREAM_CHUNK_BYTES, length - done));
    if (piece.length === 0) break;
    if (!(await port.send(piece))) return;
    done += piece.length;
  }
  port.end();
}

export const storageVolumeProcedures: ProcedureTable = {
  93: { name: 'virStorageVolCreateXML', changes: 'host', answer: create },
  94: onVolume('virStorageVolDelete', (volume, { host }, pool) => host.pools.remove(pool, volume), 'host'),
  95: {
    name: 'virStorageVolLookupByName',
    answer({ host, args, reply }) {
      const pool = host.pools.byReference(readNamed(args));
      writeVolume(reply, referenceOf(pool, host.pools.volumeByName(pool, args.string())));
    },
  },
  96: { name: 'virStorageVolLookupByKey', answer: lookUpByPath('key') },
  97: { name: 'virStorageVolLookupByPath', answer: lookUpByPath('path') },
  98: onVolume('virStorageVolGetInfo', (volume, call) => writeInfo(volume, call, false)),
  99: onVolume('virStorageVolGetXMLDesc', (volume, { reply }) => void reply.string(writeXml(describeVolume(volume)))),
  100: onVolume('virStorageVolGetPath', (volume, { reply }) => void reply.string(volume.path)),
  125: { name: 'virStorageVolCreateXMLFrom', changes: 'host', answer: createFrom },
  165: onVolume('virStorageVolWipe', wipe, 'host'),
  208: onVolume('virStorageVolUpload', upload, 'host'),
  209: onVolume('virStorageVolDownload', download),
  260: onVolume('virStorageVolResize', resize, 'host'),
  378: onVolume('virStorageVolGetInfoFlags', (volume, call) => writeInfo(volume, call, (call.args.unsigned() & INFO_PHYSICAL) !== 0)),
};
