import type { XdrReader, XdrWriter } from './xdr.js';

// How libvirt names things on the wire. Source: libvirt 9.0.0, src/remote/remote_protocol.x.

/** A domain; found by uuid alone, name and id are only for people. */
export interface DomainReference {
  readonly name: string;
  /** Lower case with dashes. */
  readonly uuid: string;
  /** -1 when it does not run. */
  readonly id: number;
}

/** A network or a storage pool. */
export interface NamedReference {
  readonly name: string;
  readonly uuid: string;
}

export interface VolumeReference {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}

/** Types of a typed parameter. Source: include/libvirt/libvirt-common.h.in, virTypedParameterType. */
const PARAMETER_TYPE = { int: 1, unsignedInt: 2, unsignedHyper: 4, boolean: 6, string: 7 } as const;

export type TypedParameter = readonly [name: string, type: keyof typeof PARAMETER_TYPE, value: number | bigint | boolean | string];

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function readUuid(reader: XdrReader): string {
  return uuidText(reader.fixed(16));
}

export function readDomain(reader: XdrReader): DomainReference {
  return { name: reader.string(), uuid: readUuid(reader), id: reader.int() };
}

export function writeDomain(writer: XdrWriter, domain: DomainReference): void {
  writer.string(domain.name).fixed(uuidBytes(domain.uuid)).int(domain.id);
}

export function readNamed(reader: XdrReader): NamedReference {
  return { name: reader.string(), uuid: readUuid(reader) };
}

export function writeNamed(writer: XdrWriter, reference: NamedReference): void {
  writer.string(reference.name).fixed(uuidBytes(reference.uuid));
}

export function readVolume(reader: XdrReader): VolumeReference {
  return { pool: reader.string(), name: reader.string(), key: reader.string() };
}

export function writeVolume(writer: XdrWriter, volume: VolumeReference): void {
  writer.string(volume.pool).string(volume.name).string(volume.key);
}

const PARAMETER_WRITERS: Readonly<Record<keyof typeof PARAMETER_TYPE, (writer: XdrWriter, value: TypedParameter[2]) => void>> = {
  int: (writer, value) => void writer.int(Number(value)),
  unsignedInt: (writer, value) => void writer.unsigned(Number(value)),
  unsignedHyper: (writer, value) => void writer.unsignedHyper(BigInt(value)),
  boolean: (writer, value) => void writer.boolean(Boolean(value)),
  string: (writer, value) => void writer.string(String(value)),
};

export function writeParameter(writer: XdrWriter, [name, type, value]: TypedParameter): void {
  writer.string(name).int(PARAMETER_TYPE[type]);
  PARAMETER_WRITERS[type](writer, value);
}
