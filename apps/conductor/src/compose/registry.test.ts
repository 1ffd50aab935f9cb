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

  describe('names that a hardware type has for strategies of others', () => {
    const boot = (name: string): PluginParts['strategies'][number] => ({ interface: 'boot', name }) as PluginParts['strategies'][number];
    const generic = plugin('generic', { strategies: [boot('virtual-media'), boot('pxe')] });
    const acme = (strategyNames: HardwareType['strategyNames'], name = 'acme'): LoadedPlugin =>
      plugin(name, { drivers: [driver(name)], hardwareTypes: [{ ...type(name, name), interfaces: { power: [name], boot: ['acme-media'] }, ...(strategyNames === undefined ? {} : { strategyNames }) }] });

    test('are names of those strategies', () => {
      const registry = createRegistry([generic, acme({ boot: { 'acme-media': 'virtual-media', 'acme-pxe': 'pxe' } })], host);
      expect(registry.strategy('boot', 'acme-media')).toBe(registry.strategy('boot', 'virtual-media'));
      expect(registry.strategy('boot', 'acme-media')).toBeDefined();
      expect(registry.strategyName('boot', 'acme-pxe')).toBe('pxe');
      expect([registry.strategyName('boot', 'pxe'), registry.strategyName('deploy', 'acme-pxe'), registry.strategyName('boot', 'nothing')]).toEqual(['pxe', 'acme-pxe', 'nothing']);
      expect([...registry.installed('boot')]).toEqual(['virtual-media', 'pxe', 'acme-media', 'acme-pxe']);
      expect([...registry.installed('deploy')]).toEqual([]);
    });

    test('count as installed only where the strategy is', () => {
      const registry = createRegistry([acme({ boot: { 'acme-media': 'virtual-media' } })], host);
      expect([...registry.installed('boot')]).toEqual([]);
      expect(registry.strategy('boot', 'acme-media')).toBeUndefined();
    });

    test.each<[string, readonly LoadedPlugin[]]>([
      ['a strategy that is there', [generic, acme({ boot: { pxe: 'virtual-media' } })]],
      ['something else in another package', [generic, acme({ boot: { 'acme-media': 'pxe' } }), acme({ boot: { 'acme-media': 'virtual-media' } }, 'other')]],
    ])('must not stand for %s too', (_case, plugins) => {
      const registry = createRegistry(plugins, host);
      expect(registry.refused).toEqual([{ name: plugins.at(-1)?.packageName, reason: expect.stringMatching(/^The boot interface (pxe|acme-media) is already provided/) as string }]);
    });

    test('may be the same in two packages for the same strategy', () => {
      const registry = createRegistry([generic, acme({ boot: { 'acme-media': 'pxe' } }), acme({ boot: { 'acme-media': 'pxe' } }, 'other')], host);
      expect(registry.refused).toEqual([]);
    });
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
