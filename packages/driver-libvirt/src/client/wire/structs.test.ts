import { errorCode } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domain, network, SMALLEST_DOMAIN_BYTES, storagePool, storageVolume, TYPED_PARAMETER_TYPES, typedParameter, uuid } from './structs.js';
import { type XdrCodec, XdrReader, XdrWriter } from './xdr.js';

function encode<T>(codec: XdrCodec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

function decode<T>(codec: XdrCodec<T>, bytes: Buffer): T {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.finish();
  return value;
}

const uuids = fc.uuid();
const names = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
const integers = fc.integer();

const parameters = fc.oneof(
  fc.record({ field: names, type: fc.constant('int' as const), value: integers }),
  fc.record({ field: names, type: fc.constant('uint' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
  fc.record({ field: names, type: fc.constant('llong' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ field: names, type: fc.constant('ullong' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ field: names, type: fc.constant('double' as const), value: fc.double() }),
  fc.record({ field: names, type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ field: names, type: fc.constant('string' as const), value: names }),
);

test.each([
  ['uuid', uuid, uuids],
  ['domain', domain, fc.record({ name: names, uuid: uuids, id: integers })],
  ['network', network, fc.record({ name: names, uuid: uuids })],
  ['storage pool', storagePool, fc.record({ name: names, uuid: uuids })],
  ['storage volume', storageVolume, fc.record({ pool: names, name: names, key: names })],
  ['typed parameter', typedParameter, parameters],
] as readonly (readonly [string, XdrCodec<unknown>, fc.Arbitrary<unknown>])[])('%s comes back as it was', (_name, codec, values) => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decode(codec, encode(codec, value))).toEqual(value);
    }),
  );
});

test('a domain on the wire', () => {
  const bytes = '00000004 74657374 6695eb01f6a4830479aa97f2502e193f ffffffff'.replaceAll(' ', '');
  const value = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: -1 };
  expect(encode(domain, value).toString('hex')).toBe(bytes);
  expect(decode(domain, Buffer.from(bytes, 'hex'))).toEqual(value);
});

test('the smallest domain is as small as is said', () => {
  expect(encode(domain, { name: '', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 })).toHaveLength(SMALLEST_DOMAIN_BYTES);
});

describe('a uuid', () => {
  test('may come in capitals', () => {
    expect(decode(uuid, encode(uuid, '6695EB01-F6A4-8304-79AA-97F2502E193F'))).toBe('6695eb01-f6a4-8304-79aa-97f2502e193f');
  });

  test.each(['', 'test', '6695eb01f6a4830479aa97f2502e193f', '6695eb01-f6a4-8304-79aa-97f2502e193', '6695eb01-f6a4-8304-79aa-97f2502e193g', '{6695eb01-f6a4-8304-79aa-97f2502e193f}'])(
    'is not %j',
    (text) => {
      expect(() => encode(uuid, text)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('uuid') as string }) as Error);
    },
  );
});

test.each([0, 8, -1, 0x7fff_ffff])('a parameter of type %i is a fault of the daemon', (type) => {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(type, 4);
  let code = 'nothing thrown';
  try {
    decode(typedParameter, bytes);
  } catch (error) {
    code = errorCode(error);
  }
  expect(code).toBe('PROTOCOL_FAULT');
});

test('types of parameters have their numbers of libvirt-common.h', () => {
  expect(TYPED_PARAMETER_TYPES).toEqual([undefined, 'int', 'uint', 'llong', 'ullong', 'double', 'boolean', 'string']);
});
