import { invalidOptions, printValue } from '@ferric/core';
import { boolean, double, int32, int64, list, malformed, string, struct, uint32, uint64, type XdrCodec } from './xdr.js';

// Source of everything here: libvirt 9.0.0, src/remote/remote_protocol.x.

/** A domain as the daemon names it. It is found by uuid alone; name and id are as they were when it was looked up. */
export interface Domain {
  readonly name: string;
  /** Lower case with dashes. */
  readonly uuid: string;
  /** Number of the running machine, another one after each start; -1 when it is not running. */
  readonly id: number;
}

/** A virtual network as the daemon names it. It is found by uuid alone. */
export interface Network {
  readonly name: string;
  /** Lower case with dashes. */
  readonly uuid: string;
}

/** A place that holds volumes, as the daemon names it. It is found by uuid alone. */
export interface StoragePool {
  readonly name: string;
  /** Lower case with dashes. */
  readonly uuid: string;
}

/** A disk image or block device in a pool. It is found by its key. */
export interface StorageVolume {
  /** Name of its pool. */
  readonly pool: string;
  readonly name: string;
  /** What tells it from all others of this host; for a file, its path. */
  readonly key: string;
}

const UUID_BYTES = 16;
const UUID_FORM = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** `opaque[16]`, as text in the usual form. @throws INVALID_OPTIONS for a text that is no uuid. */
export const uuid: XdrCodec<string> = {
  write(writer, value) {
    if (!UUID_FORM.test(value)) {
      throw invalidOptions('libvirt', [
        { field: 'uuid', problem: 'invalid', expected: 'a uuid such as 8a41d4e1-2c6b-4a57-9d0a-3f6f0a1c7e55', received: printValue(value) },
      ]);
    }
    writer.fixed(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  read(reader) {
    const digits = reader.fixed(UUID_BYTES).toString('hex');
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
  },
};

/** Written by hand: bulk reads decode hundreds at a time. */
export const domain: XdrCodec<Domain> = {
  write(writer, value) {
    writer.string(value.name);
    uuid.write(writer, value.uuid);
    writer.int32(value.id);
  },
  read: (reader) => ({ name: reader.string(), uuid: uuid.read(reader), id: reader.int32() }),
};

/** Length, uuid and id: a domain with the shortest name. */
export const SMALLEST_DOMAIN_BYTES = 24;

export const network: XdrCodec<Network> = struct({ name: string, uuid });
export const storagePool: XdrCodec<StoragePool> = struct({ name: string, uuid });
export const storageVolume: XdrCodec<StorageVolume> = struct({ pool: string, name: string, key: string });

/** The types of a typed parameter; the index is the number on the wire. Source: include/libvirt/libvirt-common.h, virTypedParameterType. */
export const TYPED_PARAMETER_TYPES = [undefined, 'int', 'uint', 'llong', 'ullong', 'double', 'boolean', 'string'] as const;
export type TypedParameterType = Exclude<(typeof TYPED_PARAMETER_TYPES)[number], undefined>;

export type TypedValue = number | bigint | boolean | string;

/** A value that says its own name and type. */
export interface TypedParameter {
  readonly field: string;
  readonly type: TypedParameterType;
  /** A bigint for `llong` and `ullong`, a boolean or a string for these, else a number. */
  readonly value: TypedValue;
}

const valueCodecs = { int: int32, uint: uint32, llong: int64, ullong: uint64, double, boolean, string } satisfies Record<TypedParameterType, unknown>;

export const typedParameter: XdrCodec<TypedParameter> = {
  write(writer, { field, type, value }) {
    writer.string(field);
    writer.int32(TYPED_PARAMETER_TYPES.indexOf(type));
    (valueCodecs[type] as XdrCodec<unknown>).write(writer, value);
  },
  read(reader) {
    const field = reader.string();
    const number = reader.int32();
    const type = TYPED_PARAMETER_TYPES[number];
    if (type === undefined) throw malformed(`a parameter ${printValue(field)} of type ${number}`);
    return { field, type, value: valueCodecs[type].read(reader) };
  },
};

/** An empty name, a type and a value of one word. */
const SMALLEST_PARAMETER_BYTES = 12;

export function typedParameters(limit: number): XdrCodec<readonly TypedParameter[]> {
  return list(typedParameter, limit, SMALLEST_PARAMETER_BYTES);
}
