import { type AnyDriver, anyDriver, type Device } from '@ferric/core';
import type { ConformanceSubject } from '@ferric/core/conformance/check';
import { createLineDriver, linePlugin, type LineDriverParts } from './line-driver.js';
import { startLineDevice } from './line-simulator.js';

/** What may be changed to make the reference driver wrong. */
export interface Mutation {
  readonly parts?: Partial<LineDriverParts>;
  /** Changes each device; `driver` is the unchanged driver. */
  readonly device?: (device: Device, driver: AnyDriver, info: unknown) => Device;
  readonly driver?: (driver: AnyDriver) => AnyDriver;
  readonly subject?: Partial<ConformanceSubject>;
}

/** The reference driver with its simulator, right unless a mutation is given. */
export function lineSubject(mutation: Mutation = {}): ConformanceSubject {
  const { device: changeDevice = (device) => device, driver: changeDriver = (driver) => driver } = mutation;
  return {
    createDriver(host) {
      const driver = anyDriver(createLineDriver(host, mutation.parts));
      return changeDriver({ ...driver, open: (info, context) => changeDevice(driver.open(info, context), driver, info) });
    },
    startVirtualDevice: startLineDevice,
    capabilities: ['bootDevice', 'vendor', 'steps'],
    plugin: linePlugin,
    ...mutation.subject,
  };
}
