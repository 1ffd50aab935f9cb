import { describe, expect, test } from 'vitest';
import { type HardwareType, supportedImplementations } from './hardware-type.js';
import { DEVICE_INTERFACES, EMPTY_IMPLEMENTATIONS, INTERFACES, isEmptyImplementation, isRamdiskImplementation, STRATEGY_INTERFACES, WORKING_EMPTY_IMPLEMENTATIONS } from './interfaces.js';
import { enabledImplementations, selectInterface } from './select-interface.js';

const type: HardwareType = {
  name: 'staging-x',
  description: 'Machines of kind x',
  interfaces: { power: ['staging-x', 'staging-y'], boot: ['ipxe', 'virtual-media'], management: ['staging-x', 'noop'], deploy: ['direct'] },
};
const installed = (...names: string[]) => (): ReadonlySet<string> => new Set(names);
const everything = installed('staging-x', 'staging-y', 'ipxe', 'virtual-media', 'direct', 'foreign');

describe('interfaces', () => {
  test('are the thirteen of Ironic, each of a device or of a strategy', () => {
    expect(INTERFACES).toHaveLength(13);
    expect([...DEVICE_INTERFACES, ...STRATEGY_INTERFACES].toSorted()).toEqual([...INTERFACES].toSorted());
    expect(Object.keys(EMPTY_IMPLEMENTATIONS).toSorted()).toEqual([...INTERFACES].toSorted());
  });

  test('only power has nothing that stands for nothing', () => {
    expect(INTERFACES.filter((name) => EMPTY_IMPLEMENTATIONS[name] === null)).toEqual(['power']);
    expect(isEmptyImplementation('storage', 'noop')).toBe(true);
    expect(isEmptyImplementation('raid', 'noop')).toBe(false);
    expect([...WORKING_EMPTY_IMPLEMENTATIONS].map((name) => EMPTY_IMPLEMENTATIONS[name])).toEqual(['noop', 'noop', 'noop']);
  });

  test('only RAID can be left to the ramdisk', () => {
    expect(INTERFACES.filter((name) => isRamdiskImplementation(name, 'agent'))).toEqual(['raid']);
    expect(isRamdiskImplementation('raid', 'no-raid')).toBe(false);
  });

  test('a type supports its own implementations in order, then the empty one', () => {
    expect(supportedImplementations(type, 'boot')).toEqual(['ipxe', 'virtual-media', 'no-boot']);
    expect(supportedImplementations(type, 'management')).toEqual(['staging-x', 'noop']);
    expect(supportedImplementations(type, 'power')).toEqual(['staging-x', 'staging-y']);
    expect(supportedImplementations(type, 'rescue')).toEqual(['no-rescue']);
  });
});

describe('selectInterface', () => {
  test('takes the one that the node names', () => {
    expect(selectInterface(type, 'boot', 'virtual-media', everything)).toBe('virtual-media');
    expect(selectInterface(type, 'boot', 'no-boot', installed())).toBe('no-boot');
  });

  test.each([null, undefined])('takes the first that is installed when the node names %s', (requested) => {
    expect(selectInterface(type, 'boot', requested, everything)).toBe('ipxe');
    expect(selectInterface(type, 'boot', requested, installed('virtual-media'))).toBe('virtual-media');
    expect(selectInterface(type, 'boot', requested, installed())).toBe('no-boot');
    expect(selectInterface(type, 'console', requested, everything)).toBe('no-console');
    expect(enabledImplementations(type, 'power', installed('staging-y'))).toEqual(['staging-y']);
  });

  // Ironic, ironic/common/exception.py: clients match these texts.
  test("says in Ironic's words that something is not installed", () => {
    expect(() => selectInterface(type, 'boot', 'pxe', everything)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: "Could not find the following interface in the 'ironic.hardware.interfaces.boot' entrypoint: pxe. Valid interfaces are ['ipxe', 'virtual-media', 'no-boot'].",
      }) as Error,
    );
    expect(() => selectInterface(type, 'power', '', everything)).toThrow("Could not find the following interface in the 'ironic.hardware.interfaces.power' entrypoint: .");
  });

  test("says in Ironic's words that this type does not support it", () => {
    expect(() => selectInterface(type, 'power', 'foreign', everything)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: "power interface implementation 'foreign' is not supported by hardware type staging-x.",
        hint: 'Supported here: staging-x, staging-y.',
      }) as Error,
    );
  });

  test("says in Ironic's words that there is nothing to choose, and what to install", () => {
    expect(() => selectInterface(type, 'power', null, installed())).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: "For hardware type 'staging-x', no default value found for power interface.",
        hint: 'Install a package that provides one of: staging-x, staging-y.',
      }) as Error,
    );
  });
});
