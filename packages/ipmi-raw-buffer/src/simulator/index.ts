/**
 * A BMC in memory that speaks IPMI 1.5 and 2.0 over UDP, for demos, tests and benchmarks.
 * @packageDocumentation
 */
export { startBmc } from './virtual-bmc.js';
export type { VirtualBmc } from './virtual-bmc.js';
export { startBmcFleet } from './fleet.js';
export type { BmcFleet, BmcFleetOptions, FleetActivity, FleetBmc } from './fleet.js';
export type {
  BmcOptions, SeenCommand, VirtualDeviceId, VirtualFru, VirtualLan, VirtualPrivilegeLevel, VirtualReading, VirtualUser,
} from './options.js';
export type { VirtualCipherSuite } from './wire/suites.js';
export { BMC_FAULT_KINDS } from './faults.js';
export type { BmcFault, BmcFaultKind, BmcFaults } from './faults.js';
export type { BmcActivity, DroppedPackets } from './activity.js';
export type { VirtualBootChoice, VirtualBootDevice } from './machine/boot-flags.js';
export type { VirtualMachine, VirtualPowerChange, VirtualPowerState } from './machine/machine.js';
export type { ControllerReply, ControllerRequest, VirtualController, VirtualControllers } from './controller.js';
export type { CommandHandler, CommandHandlers } from './commands/handlers.js';
export { createLoginLine } from './sol/serial-line.js';
export type { LoginLineOptions, VirtualSerialLine } from './sol/serial-line.js';
export { compactSensorRecord, controllerLocatorRecord, fruLocatorRecord, fullSensorRecord, oemRecord, sdrRecord } from './content/sdr-builders.js';
export type { CompactSensorFields, ControllerLocatorFields, EntityFields, FruLocatorFields, FullSensorFields } from './content/sdr-builders.js';
export { fruImage } from './content/fru-image.js';
export type { BoardFields, ChassisFields, FruImageFields, ProductFields } from './content/fru-image.js';
export { systemEvent } from './content/default-sel.js';
export type { EventFields } from './content/default-sel.js';
export { DEFAULT_READINGS, DEFAULT_SDR } from './content/default-sdr.js';
