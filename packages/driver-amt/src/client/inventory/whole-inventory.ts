import { type CallOptions, type Clock, FerricError, withDeadline } from '@ferric/core';
import { present } from '../classes/present.js';
import { isFieldFault } from '../classes/read-instance.js';
import type { NetworkPort } from '../settings/network-ports.js';
import type { PartCalls } from './part-calls.js';
import type {
  BiosPart, ChassisPart, FirmwareVersions, MediaDevice, MemoryModule, Nameplate, ProcessorChip, ProcessorPart, SystemPart,
} from './parts.js';

/** Some twenty exchanges of up to several seconds each. Milliseconds. */
const INVENTORY_MS = 180_000;

/** Everything that the device tells about the machine. */
export interface AmtInventory {
  readonly system?: SystemPart;
  readonly uuid?: string;
  readonly chassis?: ChassisPart;
  readonly baseBoard?: Nameplate;
  readonly bios?: BiosPart;
  readonly processors?: readonly ProcessorPart[];
  readonly processorChips?: readonly ProcessorChip[];
  readonly memoryModules?: readonly MemoryModule[];
  readonly media?: readonly MediaDevice[];
  readonly networkPorts?: readonly NetworkPort[];
  readonly firmware?: FirmwareVersions;
  /** Classes that this device does not have. */
  readonly missingClasses: readonly string[];
  /** Classes whose answer held a field that could not be understood, or that this user may not read, and why. */
  readonly unreadableClasses: Readonly<Record<string, string>>;
}

/** Whether this user may not read the class; he may well read others. */
function isDenied(error: unknown): error is FerricError {
  return FerricError.is(error) && error.details['subcode'] === 'AccessDenied';
}

/**
 * Reads part after part: the device works on one request at a time.
 * @throws REFUSED when this user may not read any of it
 */
export async function readWholeInventory(calls: PartCalls, clock: Clock, options?: CallOptions): Promise<AmtInventory> {
  return withDeadline(options, { what: 'reading the inventory', defaultTimeoutMs: INVENTORY_MS, clock }, async ({ signal }) => {
    const missingClasses: string[] = [];
    const unreadableClasses: Record<string, string> = {};
    const denials: FerricError[] = [];
    const part = async <T>(className: string, read: (options: CallOptions) => Promise<T>): Promise<T | undefined> => {
      try {
        return await read({ signal });
      } catch (error) {
        if (FerricError.is(error) && error.code === 'NOT_FOUND') missingClasses.push(className);
        else if (isFieldFault(error) || isDenied(error)) unreadableClasses[className] = error.message;
        else throw error;
        if (isDenied(error)) denials.push(error);
        return undefined;
      }
    };
    const parts = present({
      system: await part('CIM_ComputerSystem', calls.readSystem),
      uuid: await part('CIM_ComputerSystemPackage', calls.readSystemUuid),
      chassis: await part('CIM_Chassis', calls.readChassis),
      baseBoard: await part('CIM_Card', calls.readBaseBoard),
      bios: await part('CIM_BIOSElement', calls.readBios),
      processors: await part('CIM_Processor', calls.readProcessors),
      processorChips: await part('CIM_Chip', calls.readProcessorChips),
      memoryModules: await part('CIM_PhysicalMemory', calls.readMemoryModules),
      media: await part('CIM_MediaAccessDevice', calls.readMedia),
      networkPorts: await part('AMT_EthernetPortSettings', calls.readNetworkPorts),
      firmware: await part('CIM_SoftwareIdentity', calls.readFirmwareVersions),
    });
    const [denial] = denials;
    if (denial !== undefined && Object.keys(parts).length === 0) throw denial;
    return { ...parts, missingClasses, unreadableClasses };
  });
}
