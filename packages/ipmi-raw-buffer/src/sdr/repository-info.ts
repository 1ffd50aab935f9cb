import type { RequestCarrier } from '../message/request.js';
import { askFor, type CommandOptions } from './ask.js';
import { decodeAnswer, hasBit, hexadecimalText, requireBytes } from '../message/bytes.js';

/** Source: IPMI 1.5, section 27.9. */
export interface SdrRepositoryInfo {
  /** 0x51 for IPMI 1.5 and 2.0. */
  readonly sdrVersion: number;
  readonly recordCount: number;
  /** Bytes; null when the BMC does not know. 65534 stands for that many or more. */
  readonly freeBytes: number | null;
  /** As the BMC counts them: seconds since 1970 or since its start. They do not change with every BMC. */
  readonly lastAddition: number;
  readonly lastErase: number;
  readonly overflow: boolean;
  readonly canReserve: boolean;
  readonly canDelete: boolean;
  /** Tells one content of the repository from another, for a cache. */
  readonly cacheKey: string;
}

/** Source: IPMI 1.5, section 29.2. */
export interface DeviceSdrInfo {
  /** Of the logical unit that was asked. */
  readonly sensorCount: number;
  /** The set of sensors may change while the controller runs. */
  readonly dynamic: boolean;
  /** Logical units that have sensors, 0..3. */
  readonly luns: readonly number[];
  /** Tells one content from another, for a cache. */
  readonly cacheKey: string;
}

const UNKNOWN_FREE = 0xffff;

/** The reply to Get SDR Repository Info, after the completion code. @throws FerricError PROTOCOL_FAULT */
export function decodeSdrRepositoryInfo(data: Uint8Array): SdrRepositoryInfo {
  const info = requireBytes('Get SDR Repository Info', data, 14);
  const free = info.readUInt16LE(3);
  const support = info.readUInt8(13);
  return {
    sdrVersion: info.readUInt8(0),
    recordCount: info.readUInt16LE(1),
    freeBytes: free === UNKNOWN_FREE ? null : free,
    lastAddition: info.readUInt32LE(5),
    lastErase: info.readUInt32LE(9),
    overflow: hasBit(support, 0x80),
    canReserve: hasBit(support, 0x02),
    canDelete: hasBit(support, 0x08),
    // Version, count and both times; the free space changes by itself with some firmware.
    cacheKey: `repository:${hexadecimalText(info.subarray(0, 3))}:${hexadecimalText(info.subarray(5, 13))}`,
  };
}

/** The reply to Get Device SDR Info, after the completion code. @throws FerricError PROTOCOL_FAULT */
export function decodeDeviceSdrInfo(data: Uint8Array): DeviceSdrInfo {
  const info = requireBytes('Get Device SDR Info', data, 2);
  const flags = info.readUInt8(1);
  return {
    sensorCount: info.readUInt8(0),
    dynamic: hasBit(flags, 0x80),
    luns: [0, 1, 2, 3].filter((lun) => hasBit(flags, 1 << lun)),
    // The counter of changes comes only with a dynamic set of sensors.
    cacheKey: `device:${hexadecimalText(info.subarray(0, 6))}`,
  };
}

/** Source: IPMI 1.5, section 27.9. @throws FerricError UNSUPPORTED when there is no repository; what the carrier throws */
export async function getSdrRepositoryInfo(bmc: RequestCarrier, options: CommandOptions = {}): Promise<SdrRepositoryInfo> {
  return decodeAnswer(bmc, decodeSdrRepositoryInfo, await askFor(bmc, 'Get SDR Repository Info', { netFn: 0x0a, command: 0x20 }, options));
}

/** Source: IPMI 1.5, section 29.2. @throws FerricError UNSUPPORTED when there are no device records; what the carrier throws */
export async function getDeviceSdrInfo(bmc: RequestCarrier, options: CommandOptions = {}): Promise<DeviceSdrInfo> {
  return decodeAnswer(bmc, decodeDeviceSdrInfo, await askFor(bmc, 'Get Device SDR Info', { netFn: 0x04, command: 0x20 }, options));
}
