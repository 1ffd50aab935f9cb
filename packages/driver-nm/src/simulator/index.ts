/**
 * A server with Intel Node Manager in memory: a BMC that speaks IPMI over UDP, and the Node Manager behind it.
 * @packageDocumentation
 */
export { startVirtualDevice } from './virtual-device.js';
export type { VirtualNmDevice, VirtualNmDeviceOptions } from './virtual-device.js';
export { createVirtualNodeManager, discoveryRecord } from './virtual-node-manager.js';
export type { VirtualNodeManager, VirtualNodeManagerOptions } from './virtual-node-manager.js';
export type { VirtualPolicy } from './policy-table.js';
export { VIRTUAL_LIMITS } from './virtual-commands.js';
