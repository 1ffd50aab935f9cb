import type { CallOptions } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';

/** The orders in which controllers send a GUID. Source: ipmitool 1.8.19, `mc guid`. */
export const GUID_READINGS = ['smbios', 'ipmi', 'rfc4122'] as const;
export type GuidReading = (typeof GUID_READINGS)[number];

/** 16 bytes whose order depends on the controller, and what they read as. */
export interface IpmiGuid {
  /** As they came, 16 bytes: the stable key, whatever they mean. */
  readonly raw: Uint8Array;
  /** False when all bytes are 00 or all are FF: nobody has set it. */
  readonly isSet: boolean;
  /** Order of the IPMI specification: the whole UUID reversed. */
  readonly ipmi: string;
  /** Order of SMBIOS type 1, which most servers use: the first three fields reversed. */
  readonly smbios: string;
  /** Order of RFC 4122: as printed. */
  readonly rfc4122: string;
  /**
   * The first of {@link GUID_READINGS} that is a well-formed UUID: version 1..5 and the variant of RFC 4122. Null when none is.
   * A guess: where the operating system's UUID is known, compare with that.
   */
  readonly likely: GuidReading | null;
}

/** Where each byte of the printed text stands in the answer. */
const BYTE_ORDERS: Readonly<Record<GuidReading, readonly number[]>> = {
  ipmi: [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  smbios: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15],
  rfc4122: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
};

/** A UUID of one of the known versions in the variant of RFC 4122, section 4.1. */
const WELL_FORMED = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Reads 16 bytes of a GUID in all three orders.
 * @throws PROTOCOL_FAULT for fewer bytes
 */
export function decodeGuid(data: Uint8Array, step = 'Get System GUID'): IpmiGuid {
  requireBytes(step, data, 16);
  const raw = copyBytes(data, 0, 16);
  const texts = { ipmi: printGuid(raw, 'ipmi'), smbios: printGuid(raw, 'smbios'), rfc4122: printGuid(raw, 'rfc4122') };
  return {
    raw,
    isSet: !raw.every((byte) => byte === 0x00) && !raw.every((byte) => byte === 0xff),
    ...texts,
    likely: GUID_READINGS.find((reading) => WELL_FORMED.test(texts[reading])) ?? null,
  };
}

function printGuid(raw: Uint8Array, reading: GuidReading): string {
  const digits = BYTE_ORDERS[reading].map((index) => (raw[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The identity of the machine. Idempotent; UNSUPPORTED where the controller has none. Source: IPMI 2.0, section 22.14. */
export async function getSystemGuid(bmc: RequestCarrier, options?: CallOptions): Promise<IpmiGuid> {
  return carryOutAndDecode(bmc, 'Get System GUID', { netFn: 0x06, command: 0x37 }, (data) => decodeGuid(data, 'Get System GUID'), options);
}

/** The identity of the controller itself. Idempotent; UNSUPPORTED where it has none. Source: IPMI 2.0, section 20.8. */
export async function getDeviceGuid(bmc: RequestCarrier, options?: CallOptions): Promise<IpmiGuid> {
  return carryOutAndDecode(bmc, 'Get Device GUID', { netFn: 0x06, command: 0x08 }, (data) => decodeGuid(data, 'Get Device GUID'), options);
}
