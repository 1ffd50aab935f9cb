import { readFileSync } from 'node:fs';
import { CONTRACT, INTERFACES, selectInterface, STRATEGY_INTERFACES, supportedImplementations, type HardwareType, type InterfaceName } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { plugin } from './plugin.js';

interface Manifest {
  readonly ferric: { readonly contract: number; readonly driver: string };
  readonly exports: Readonly<Record<string, unknown>>;
}
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const parts = plugin.create(createFakeHost());
const fakeHardware = parts.hardwareTypes[0] as HardwareType;

/** What is installed when this package is the only one. */
function installed(name: InterfaceName): ReadonlySet<string> {
  if (!(STRATEGY_INTERFACES as readonly string[]).includes(name)) return new Set(['fake']);
  return new Set(parts.strategies.filter((strategy) => strategy.interface === name).map((strategy) => strategy.name));
}

describe('the plugin', () => {
  test('carries the contract that its package.json promises', () => {
    const manifest = readJson('../package.json') as Manifest;
    expect(plugin.contract).toBe(CONTRACT);
    expect(manifest.ferric).toEqual({ contract: plugin.contract, driver: parts.drivers[0]?.name });
    expect(Object.keys(manifest.exports)).toEqual(['.', './client', './plugin', './simulator', './package.json']);
  });

  test('adds one hardware type with one driver', () => {
    expect(parts.hardwareTypes.map((type) => type.name)).toEqual(['fake-hardware']);
    expect(parts.drivers.map((driver) => driver.name)).toEqual(['fake']);
  });

  test('chooses by default what Ironic chooses, as recorded', () => {
    const recorded = (readJson('../test/fixtures/010-driver-one.json') as { response: { body: Record<string, string> } }).response.body;
    // The record is older than the firmware interface.
    for (const name of INTERFACES) {
      expect(selectInterface(fakeHardware, name, null, installed), name).toBe(name === 'firmware' ? 'no-firmware' : recorded[`default_${name}_interface`]);
    }
  });

  test('lets a node use the real ways to boot and deploy when they are installed', () => {
    expect(supportedImplementations(fakeHardware, 'boot')).toEqual(['fake', 'ipxe', 'pxe', 'no-boot']);
    expect(supportedImplementations(fakeHardware, 'deploy')).toEqual(['fake', 'direct', 'ramdisk', 'no-deploy']);
    expect(supportedImplementations(fakeHardware, 'network')).toEqual(['noop', 'flat']);
    expect(supportedImplementations(fakeHardware, 'raid')).toEqual(['fake', 'agent', 'no-raid']);
    expect(supportedImplementations(fakeHardware, 'inspect')).toEqual(['fake', 'agent', 'no-inspect']);
  });
});
