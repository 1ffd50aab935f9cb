import { CONTRACT, anyDriver, createGateRegistry, silentLogger, systemClock, type HardwareType } from '@ferric/core';
import { driverInfoSchema, z } from '@ferric/core/zod';
import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../test/support/sample-node.js';
import { createRegistry } from '../compose/registry.js';
import { applyEdit, checkUpdateAllowed } from './node-editing.js';
import { chooseInterfaces, newNode } from './node-creation.js';
import type { EditableNodeFields } from './node-service.js';

const ALPHA: HardwareType = { name: 'alpha', description: 'First', interfaces: { power: ['alpha', 'beta'], management: ['alpha', 'noop'] } };
const TYPES: readonly HardwareType[] = [
  ALPHA,
  { name: 'beta', description: 'Second', interfaces: { power: ['beta'] }, aliases: [{ name: 'old_beta', interfaces: { deploy: 'no-deploy' } }] },
];

function driver(name: string) {
  return anyDriver({
    contract: CONTRACT,
    name,
    driverInfo: driverInfoSchema(name, z.object({})),
    open: () => {
      throw new Error('not opened here');
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
}

const registry = createRegistry(
  [{ packageName: 'p', version: '1', plugin: { contract: 1, create: () => ({ hardwareTypes: TYPES, drivers: [driver('alpha'), driver('beta')], strategies: [] }) } }],
  { logger: silentLogger, clock: systemClock, gates: createGateRegistry() },
);
const at = new Date('2026-11-21T00:00:00Z');
const alpha = sampleNode({ ...newNode(registry, { driver: 'alpha', interfaces: {}, fields: {} }, 82, at), id: 1 });

describe('newNode', () => {
  test('starts in enroll from 1.11 on, available before, with the first installed interfaces', () => {
    expect(alpha.provisionState).toBe('enroll');
    expect(newNode(registry, { driver: 'alpha', interfaces: {}, fields: {} }, 10, at).provisionState).toBe('available');
    expect(alpha.interfaces).toMatchObject({ power: 'alpha', management: 'alpha', deploy: 'no-deploy', network: 'noop' });
  });

  test('an alias is answered with the canonical name', () => {
    expect(newNode(registry, { driver: 'old_beta', interfaces: {}, fields: {} }, 82, at).driver).toBe('beta');
  });

  test('a driver that is not installed is refused in the words of Ironic', () => {
    expect(() => newNode(registry, { driver: 'nosuch', interfaces: {}, fields: {} }, 82, at)).toThrow(
      'No valid host was found. Reason: No conductor service registered which supports driver nosuch for conductor group "".',
    );
  });

  test('an interface of another type is refused', () => {
    expect(() => newNode(registry, { driver: 'beta', interfaces: { power: 'alpha' }, fields: {} }, 82, at)).toThrow(
      "power interface implementation 'alpha' is not supported by hardware type beta.",
    );
  });
});

describe('applyEdit', () => {
  test('a change of driver keeps interfaces that fit, resetting gives the defaults of the new type', () => {
    const chosen = sampleNode({ ...alpha, interfaces: chooseInterfaces(registry, { type: ALPHA }, { power: 'beta', management: 'noop' }) });
    expect(applyEdit(registry, chosen, { fields: {}, driver: 'beta', interfaces: {} }, false)).toMatchObject({ driver: 'beta', interfaces: { power: 'beta' } });
    expect(() => applyEdit(registry, alpha, { fields: {}, driver: 'beta', interfaces: {} }, false)).toThrow(/not supported by hardware type beta/);
    expect(applyEdit(registry, alpha, { fields: {}, driver: 'beta', interfaces: {} }, true)).toMatchObject({ driver: 'beta', interfaces: { power: 'beta' } });
    expect(() => applyEdit(registry, alpha, { fields: {}, interfaces: {} }, true)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('interfaces change only where Ironic allows it', () => {
    const edit = { fields: {}, interfaces: { power: 'beta' } };
    const active = sampleNode({ ...alpha, provisionState: 'active' });
    expect(() => applyEdit(registry, active, edit, false)).toThrow(expect.objectContaining({ status: 400 }));
    expect(applyEdit(registry, { ...active, maintenance: true }, edit, false)).toMatchObject({ interfaces: { power: 'beta' } });
    expect(applyEdit(registry, alpha, { fields: {}, interfaces: { power: null } }, false)).toMatchObject({ interfaces: { power: 'alpha' } });
  });

  test.each([
    ['replacing an instance', { instanceUuid: 'a' }, { instanceUuid: 'b' }, 409],
    ['taking the instance of an allocation away from a deployed node', { provisionState: 'active', instanceUuid: 'a', allocationUuid: 'a' }, { instanceUuid: null }, 409],
    ['the resource class of a deployed node', { provisionState: 'active' }, { resourceClass: 'other' }, 400],
    ['protecting a node that is not deployed', {}, { protected: true }, 400],
    ['retiring an available node', { provisionState: 'available' }, { retired: true }, 400],
  ] as const)('refuses %s', (_case, before, fields, status) => {
    expect(() => applyEdit(registry, sampleNode({ ...alpha, ...before }), { fields, interfaces: {} }, false)).toThrow(expect.objectContaining({ status }));
  });

  test('an instance that is taken away takes its allocation with it', () => {
    const allocated = sampleNode({ ...alpha, provisionState: 'available', instanceUuid: 'a', allocationUuid: 'a', instanceInfo: { traits: ['CUSTOM_A'], kept: 1 } });
    const edit = (fields: Partial<EditableNodeFields>) => applyEdit(registry, allocated, { fields, interfaces: {} }, false);
    expect(edit({ instanceUuid: null })).toEqual({ instanceUuid: null, allocationUuid: null, instanceInfo: { kept: 1 } });
    expect(edit({ instanceUuid: null, instanceInfo: { traits: [], other: 2 } })).toEqual({ instanceUuid: null, allocationUuid: null, instanceInfo: { other: 2 } });
    expect(edit({ extra: {} })).toEqual({ extra: {} });
    expect(applyEdit(registry, { ...allocated, provisionState: 'active', maintenance: true }, { fields: { instanceUuid: null }, interfaces: {} }, false)).toMatchObject({ allocationUuid: null });
    expect(applyEdit(registry, { ...allocated, allocationUuid: null }, { fields: { instanceUuid: null }, interfaces: {} }, false)).toEqual({ instanceUuid: null });
  });

  test('leaving maintenance clears reason and fault', () => {
    expect(applyEdit(registry, alpha, { fields: { maintenance: false }, interfaces: {} }, false)).toEqual({ maintenance: false, maintenanceReason: null, fault: null });
  });
});

describe('checkUpdateAllowed', () => {
  const edit = { fields: {}, interfaces: {} };
  test('is free without a target, refused during work, allowed in the states of the list', () => {
    expect(() => checkUpdateAllowed(alpha, 82, edit)).not.toThrow();
    const deploying = sampleNode({ provisionState: 'deploying', targetProvisionState: 'active' });
    expect(() => checkUpdateAllowed(deploying, 82, edit)).toThrow(expect.objectContaining({ status: 409 }));
    expect(() => checkUpdateAllowed(sampleNode({ provisionState: 'deploy failed', targetProvisionState: 'active' }), 82, edit)).not.toThrow();
    const inspecting = sampleNode({ provisionState: 'inspecting', targetProvisionState: 'manageable' });
    expect(() => checkUpdateAllowed(inspecting, 38, edit)).not.toThrow();
    expect(() => checkUpdateAllowed(inspecting, 39, edit)).toThrow(expect.objectContaining({ status: 409 }));
  });

  test('an instance can be removed in maintenance even then', () => {
    const node = sampleNode({ provisionState: 'deploying', targetProvisionState: 'active', maintenance: true });
    expect(() => checkUpdateAllowed(node, 82, { fields: { instanceUuid: null }, interfaces: {} })).not.toThrow();
  });
});
