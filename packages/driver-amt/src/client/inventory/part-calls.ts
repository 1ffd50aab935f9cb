import type { CallOptions } from '@ferric/core';
import type { NetworkPort } from '../settings/network-ports.js';
import type {
  BiosPart, ChassisPart, FirmwareVersions, MediaDevice, MemoryModule, Nameplate, ProcessorChip, ProcessorPart, SystemPart,
} from './parts.js';

/** One part of the machine at a time, each from one class. */
export interface PartCalls {
  readSystem(options?: CallOptions): Promise<SystemPart>;
  /** Lower case with dashes, as the machine's own software shows it. */
  readSystemUuid(options?: CallOptions): Promise<string>;
  readChassis(options?: CallOptions): Promise<ChassisPart>;
  readBaseBoard(options?: CallOptions): Promise<Nameplate>;
  readBios(options?: CallOptions): Promise<BiosPart>;
  readProcessors(options?: CallOptions): Promise<readonly ProcessorPart[]>;
  readProcessorChips(options?: CallOptions): Promise<readonly ProcessorChip[]>;
  readMemoryModules(options?: CallOptions): Promise<readonly MemoryModule[]>;
  /** Disks; those on NVMe may be missing. */
  readMedia(options?: CallOptions): Promise<readonly MediaDevice[]>;
  readNetworkPorts(options?: CallOptions): Promise<readonly NetworkPort[]>;
  readFirmwareVersions(options?: CallOptions): Promise<FirmwareVersions>;
}
