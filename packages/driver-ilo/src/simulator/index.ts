/**
 * A simulated iLO with its ProLiant: RIBCL, RIS and Redfish over one machine, with faults to switch on.
 * @packageDocumentation
 */
export { startVirtualDevice } from './virtual-device.js';
export type { VirtualIloDevice, VirtualIloDeviceOptions } from './virtual-device.js';
export { startIlo } from './ilo.js';
export type { VirtualIlo } from './ilo.js';
export type { IloOptions } from './ilo-options.js';
export type { IloActivity } from './activity.js';
export type { IloBehaviour } from './behaviour.js';
export type { ResetDurations } from './controller.js';
export { GENERATIONS } from './generations.js';
export type { Faces, Generation } from './generations.js';
export type { Machine } from './machine/machine.js';
export type { BootModes, MachineOptions } from './machine/machine-options.js';
export type { BootOverride, BootRecord } from './machine/boot.js';
export type { BootSource, SourceKind } from './machine/boot-sources.js';
export type { DriveOptions, LogicalDrive, PhysicalDrive } from './machine/storage.js';
export type { HardwareOptions } from './machine/hardware.js';
export type { PostDurations, PostState } from './machine/post-timeline.js';
export type { PowerDurations } from './machine/power.js';
export type { VirtualDrive } from './machine/media.js';
export type { Operation } from './operations.js';
