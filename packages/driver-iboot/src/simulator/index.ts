export { startVirtualDevice } from './virtual-device.js';
export type { VirtualIbootDevice, VirtualIbootOptions } from './virtual-device.js';
export { startIbootUnit } from './iboot-unit.js';
export type { IbootUnit, IbootUnitActivity } from './iboot-unit.js';
export type { IbootUnitBehaviour, IbootUnitOptions } from './unit-options.js';
