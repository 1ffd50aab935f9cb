import type { RequestCarrier } from '../message/request.js';
import { askFor, type CommandOptions } from '../sdr/ask.js';
import { decodeAnswer, hasBit, requireBytes } from '../message/bytes.js';

/** Source: IPMI 1.5, section 28.1. */
export interface FruAreaInfo {
  readonly sizeBytes: number;
  /** `words`: offsets and counts are in units of two bytes. */
  readonly access: 'bytes' | 'words';
}

/** The reply to Get FRU Inventory Area Info, after the completion code. @throws FerricError PROTOCOL_FAULT */
export function decodeFruAreaInfo(data: Uint8Array): FruAreaInfo {
  const info = requireBytes('Get FRU Inventory Area Info', data, 3);
  return { sizeBytes: info.readUInt16LE(0), access: hasBit(info.readUInt8(2), 0x01) ? 'words' : 'bytes' };
}

/** @throws FerricError NOT_FOUND, REFUSED, ... when there is no such device; what the carrier throws */
export async function getFruAreaInfo(bmc: RequestCarrier, fruDeviceId: number, options: CommandOptions = {}): Promise<FruAreaInfo> {
  const request = { netFn: 0x0a, command: 0x10, data: Uint8Array.of(fruDeviceId) };
  return decodeAnswer(bmc, decodeFruAreaInfo, await askFor(bmc, 'Get FRU Inventory Area Info', request, options));
}
