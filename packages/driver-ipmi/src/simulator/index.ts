export { startVirtualDevice } from './virtual-device.js';
export type { VirtualIpmiDevice, VirtualIpmiDeviceOptions } from './virtual-device.js';
