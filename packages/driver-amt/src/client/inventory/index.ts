export { createInventoryCalls } from './inventory-calls.js';
export type { InventoryCalls } from './inventory-calls.js';
export type { PartCalls } from './part-calls.js';
export type {
  BiosPart, ChassisPart, FirmwareVersions, MediaDevice, MemoryModule, Nameplate, ProcessorChip, ProcessorPart, SystemPart,
} from './parts.js';
export { platformUuid } from './platform-uuid.js';
export type { AmtInventory } from './whole-inventory.js';
