/**
 * A hypervisor in memory that speaks libvirt's RPC, for demos and tests.
 * @packageDocumentation
 */
export { startVirtualDevice } from './virtual-device.js';
export type { VirtualLibvirtDevice, VirtualLibvirtDeviceOptions } from './virtual-device.js';
export { startVirtualHypervisor } from './virtual-hypervisor.js';
export type { VirtualHypervisor, VirtualVolumeView } from './virtual-hypervisor.js';
export type { VirtualHypervisorOptions } from './options.js';
export type { GuestDeed, VirtualDomain } from './virtual-domain.js';
export { domainXml } from './domain/domain-xml.js';
export type { VirtualDomainDefinition } from './domain/domain-xml.js';
export type { BootName } from './domain/boot-order.js';
export type { GuestBehaviour, GuestReceipts } from './domain/guest.js';
export type { VirtualDomainState } from './domain/states.js';
export type { KeepAliveSettings } from './daemon/keep-alive.js';
export type { VirtualHypervisorActivity } from './daemon/activity.js';
