import { revealSealed, Secret, sealSecrets, type JsonValue, type SealedObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../../test/support/sample-node.js';
import { creationBody } from '../table/input.js';
import { patchBody } from '../table/patch.js';
import { NODE_TABLE } from './node-fields.js';
import { toNodeCreation, toNodeEdit } from './node-input.js';

/** `pin` is a secret of the driver `vault` only. */
const isSecretKey = (driver: string) => (key: string) => /password/.test(key) || (driver === 'vault' && key === 'pin');

const create = (body: JsonValue) => {
  const reader = creationBody(NODE_TABLE);
  return toNodeCreation(reader.read(reader.seal?.(body), 82), isSecretKey);
};
const patch = (operations: JsonValue, node = sampleNode()) => {
  const reader = patchBody(NODE_TABLE);
  return toNodeEdit(reader.read(reader.seal?.(operations), 82), node, 82, isSecretKey);
};

describe('toNodeCreation', () => {
  test('sorts what it was given', () => {
    expect(create({ driver: 'vault', uuid: '11111111-1111-1111-1111-111111111111', name: 'x', power_interface: 'fake', boot_interface: '', extra: { a: 1 }, conductor_group: 'Rack' })).toEqual({
      driver: 'vault',
      uuid: '11111111-1111-1111-1111-111111111111',
      interfaces: { power: 'fake' },
      fields: { name: 'x', extra: { a: 1 }, conductorGroup: 'rack' },
    });
  });

  test('seals secrets by the names that the driver knows', () => {
    const { fields } = create({ driver: 'vault', driver_info: { pin: 'p1', ipmi_password: 'p2', address: 'a' } });
    expect(Secret.is(fields.driverInfo?.['pin'])).toBe(true);
    expect(fields.driverInfo?.['address']).toBe('a');
    expect(JSON.stringify(fields)).not.toMatch(/p[12]/);
    expect(create({ driver: 'other', driver_info: { pin: 'p1' } }).fields.driverInfo).toEqual({ pin: 'p1' });
  });
});

describe('toNodeEdit', () => {
  test('changes only what the patch names', () => {
    expect(patch([{ op: 'add', path: '/extra/k', value: 1 }, { op: 'replace', path: '/maintenance', value: 'true' }])).toEqual({
      interfaces: {}, fields: { extra: { k: 1 }, maintenance: true },
    });
  });

  test('gives an interface back its default', () => {
    expect(patch([{ op: 'remove', path: '/power_interface' }, { op: 'replace', path: '/boot_interface', value: 'ipxe' }])).toEqual({
      interfaces: { power: null, boot: 'ipxe' }, fields: {},
    });
  });

  test('keeps a secret that comes back as asterisks', () => {
    const node = sampleNode({ driver: 'vault', driverInfo: sealSecrets({ pin: 'kept', address: 'a' }, isSecretKey('vault')) as SealedObject });
    for (const operations of [
      [{ op: 'replace', path: '/driver_info/pin', value: '******' }],
      [{ op: 'replace', path: '/driver_info', value: { pin: '******', address: 'b' } }],
      [{ op: 'add', path: '/driver_info/port', value: 1 }],
    ]) {
      const { fields } = patch(operations, node);
      expect(Secret.is(fields.driverInfo?.['pin'])).toBe(true);
      expect(revealSealed(fields.driverInfo?.['pin'] ?? null)).toBe('kept');
    }
  });

  test('keeps a config drive that is shown as asterisks although it is an object', () => {
    const node = sampleNode({ instanceInfo: sealSecrets({ configdrive: { user_data: 'u' }, image_url: 'http://x' }) as SealedObject });
    const { fields } = patch([{ op: 'replace', path: '/instance_info', value: { configdrive: '******', image_url: '******', root_gb: 10 } }], node);
    expect(revealSealed(fields.instanceInfo ?? {})).toEqual({ configdrive: { user_data: 'u' }, image_url: 'http://x', root_gb: 10 });
  });

  test('seals by the names of the new driver', () => {
    const { fields, driver } = patch([{ op: 'replace', path: '/driver', value: 'vault' }, { op: 'add', path: '/driver_info/pin', value: 'p1' }]);
    expect(driver).toBe('vault');
    expect(Secret.is(fields.driverInfo?.['pin'])).toBe(true);
  });

  test('is pure: applied again to a changed node, it starts from that node', () => {
    const reader = patchBody(NODE_TABLE);
    const operations = reader.read([{ op: 'add', path: '/extra/b', value: 2 }], 82);
    const edit = (extra: { readonly [key: string]: JsonValue }) => toNodeEdit(operations, sampleNode({ extra }), 82, isSecretKey).fields.extra;
    expect([edit({ a: 1 }), edit({ a: 3 })]).toEqual([{ a: 1, b: 2 }, { a: 3, b: 2 }]);
  });
});
