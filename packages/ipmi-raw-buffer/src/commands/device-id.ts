import type { CallOptions } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';

const STEP = 'Get Device ID';

/** What the controller is. Source: IPMI 2.0, section 20.1. */
export interface DeviceId {
  readonly deviceId: number;
  /** 0..15. */
  readonly deviceRevision: number;
  /** Whether there are SDRs of this controller besides those of a repository. */
  readonly providesDeviceSdrs: boolean;
  /** False while the controller starts or takes new firmware. */
  readonly available: boolean;
  readonly firmwareMajor: number;
  /** As two digits: `08`. */
  readonly firmwareMinor: string;
  /** `9.08`. */
  readonly firmwareVersion: string;
  /** `2.0` or `1.5`. */
  readonly ipmiVersion: string;
  readonly supports: DeviceSupport;
  /** IANA enterprise number, 20 bits; see {@link manufacturerName}. */
  readonly manufacturerId: number;
  readonly productId: number;
  /** Up to 4 bytes in the vendor's own order; empty when not told. */
  readonly auxiliaryFirmware: Uint8Array;
}

/** What the controller says it can do besides. */
export interface DeviceSupport {
  readonly chassis: boolean;
  readonly bridge: boolean;
  readonly eventGenerator: boolean;
  readonly eventReceiver: boolean;
  readonly fru: boolean;
  readonly sel: boolean;
  readonly sdrRepository: boolean;
  readonly sensors: boolean;
}

/** Manufacturers often met, by IANA enterprise number. Source: IANA, Private Enterprise Numbers. */
const MANUFACTURERS: Readonly<Record<number, string>> = {
  2: 'IBM',
  11: 'HP',
  42: 'Sun Microsystems',
  343: 'Intel',
  674: 'Dell',
  10876: 'Supermicro',
  19046: 'Lenovo',
  47196: 'HPE',
};

/** The manufacturer by its IANA enterprise number; null for one that is not in the short list here. */
export function manufacturerName(manufacturerId: number): string | null {
  return MANUFACTURERS[manufacturerId] ?? null;
}

/**
 * Reads the answer to Get Device ID: 11 bytes, with auxiliary firmware 15.
 * @throws PROTOCOL_FAULT for a shorter answer
 */
export function decodeDeviceId(data: Uint8Array): DeviceId {
  const bytes = requireBytes(STEP, data, 11);
  const flags = bytes.readUInt8(1);
  const firmware = bytes.readUInt8(2);
  const support = bytes.readUInt8(5);
  const firmwareMajor = firmware & 0x7f;
  const firmwareMinor = bytes.readUInt8(3).toString(16).padStart(2, '0');
  return {
    deviceId: bytes.readUInt8(0),
    deviceRevision: flags & 0x0f,
    providesDeviceSdrs: (flags & 0x80) !== 0,
    available: (firmware & 0x80) === 0,
    firmwareMajor,
    firmwareMinor,
    firmwareVersion: `${firmwareMajor}.${firmwareMinor}`,
    ipmiVersion: ipmiVersion(bytes.readUInt8(4)),
    supports: {
      chassis: (support & 0x80) !== 0,
      bridge: (support & 0x40) !== 0,
      eventGenerator: (support & 0x20) !== 0,
      eventReceiver: (support & 0x10) !== 0,
      fru: (support & 0x08) !== 0,
      sel: (support & 0x04) !== 0,
      sdrRepository: (support & 0x02) !== 0,
      sensors: (support & 0x01) !== 0,
    },
    manufacturerId: bytes.readUIntLE(6, 3) & 0xfffff,
    productId: bytes.readUInt16LE(9),
    auxiliaryFirmware: copyBytes(data, 11, 15),
  };
}

function ipmiVersion(byte: number): string {
  const low = byte & 0x0f;
  const high = byte >> 4;
  // The major number belongs into the low half; some controllers send 20h for 2.0.
  const swapped = (low === 0 || low > 2) && (high === 1 || high === 2);
  return swapped ? `${high}.${low}` : `${low}.${high}`;
}

/** Asks the controller what it is. Idempotent, and allowed at every privilege level. */
export async function getDeviceId(bmc: RequestCarrier, options?: CallOptions): Promise<DeviceId> {
  return carryOutAndDecode(bmc, STEP, { netFn: 0x06, command: 0x01 }, decodeDeviceId, options);
}
