import { CONTRACT, anyDriver, createGateRegistry, silentLogger, systemClock, type AnyDriver, type HardwareType, type PluginParts } from '@ferric/core';
import { driverInfoSchema, z } from '@ferric/core/zod';
import { describe, expect, test } from 'vitest';
import type { LoadedPlugin } from './load-plugins.js';
import { createRegistry, type Registry } from './registry.js';

const host = { logger: silentLogger, clock: systemClock, gates: createGateRegistry() };

function driver(name: string, onDispose: () => void = () => undefined): AnyDriver {
  return anyDriver({
    contract: CONTRACT,
    name,
    driverInfo: driverInfoSchema(name, z.object({})),
    open: () => {
      throw new Error('not opened here');
    },
    [Symbol.asyncDispose]: async () => onDispose(),
  });
}

const type = (name: string, power: string, aliases: readonly string[] = []): HardwareType => ({
  name,
  description: name,
  interfaces: { power: [power] },
  aliases: aliases.map((alias) => ({ name: alias, interfaces: {} })),
});

function plugin(packageName: string, parts: Partial<PluginParts> | (() => never)): LoadedPlugin {
  const create = typeof parts === 'function' ? parts : () => ({ hardwareTypes: [], drivers: [], strategies: [], ...parts });
  return { packageName, version: '1.0.0', plugin: { contract: CONTRACT, create } };
}

const names = (registry: Registry): readonly string[] => registry.hardwareTypes.map((each) => each.name);

describe('createRegistry', () => {
  test('adds the parts of all packages up and finds types by alias', () => {
    const registry = createRegistry([plugin('b', { drivers: [driver('b')], hardwareTypes: [type('beta', 'b', ['old'])] }), plugin('a', { drivers: [driver('a')], hardwareTypes: [type('alpha', 'a')] })], host);
    expect(names(registry)).toEqual(['alpha', 'beta']);
    expect(registry.hardwareType('old')).toMatchObject({ type: { name: 'beta' }, alias: { name: 'old' } });
    expect(registry.hardwareType('nothing')).toBeUndefined();
    expect([...registry.installed('power')]).toEqual(['b', 'a']);
    expect(registry.refused).toEqual([]);
  });

  test.each([
    ['a driver', { drivers: [driver('a')] }, 'Driver a is already provided by another package'],
    ['a hardware type', { hardwareTypes: [type('alpha', 'a')] }, 'Hardware type alpha is already provided by another package'],
    ['a hardware type under an alias', { hardwareTypes: [type('other', 'a', ['alpha'])] }, 'Hardware type alpha is already provided by another package'],
  ])('refuses a package that brings %s again, whole', (_case, parts, reason) => {
    const first = plugin('first', { drivers: [driver('a')], hardwareTypes: [type('alpha', 'a')] });
    const registry = createRegistry([first, plugin('second', { drivers: [driver('c')], ...parts })], host);
    expect(names(registry)).toEqual(['alpha']);
    expect(registry.driver('c')).toBeUndefined();
    expect(registry.refused).toEqual([{ name: 'second', reason }]);
  });

  test('a plugin that throws is refused with its reason, the others work', () => {
    const broken = plugin('broken', () => {
      throw new Error('no such device file');
    });
    const registry = createRegistry([broken, plugin('a', { drivers: [driver('a')], hardwareTypes: [type('alpha', 'a')] })], host);
    expect(names(registry)).toEqual(['alpha']);
    expect(registry.refused).toEqual([{ name: 'broken', reason: 'its plugin failed to start: no such device file' }]);
  });

  test('a hardware type whose power nobody provides is left out', () => {
    const registry = createRegistry([plugin('a', { hardwareTypes: [type('alpha', 'missing', ['old'])] })], host);
    expect(names(registry)).toEqual([]);
    expect(registry.hardwareType('old')).toBeUndefined();
    expect(registry.refused[0]?.reason).toContain('missing');
  });

  test('disposing closes every driver', async () => {
    const closed: string[] = [];
    await createRegistry([plugin('a', { drivers: [driver('a', () => closed.push('a')), driver('b', () => closed.push('b'))] })], host)[Symbol.asyncDispose]();
    expect(closed).toEqual(['a', 'b']);
  });
});
