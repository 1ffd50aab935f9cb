import type { CallOptions } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { IpmiRequest, RequestCarrier } from '../message/request.js';
import { copyBytes, requireBytes } from '../message/bytes.js';
import { protocolFault } from '../message/protocol-fault.js';
import { carryOutAndDecode } from './answer.js';
import { integerIssue, refuseIssues } from './inputs.js';

/** Boot option parameters by number; 96..127 are the vendor's. Source: IPMI 2.0, table 28-14. */
export const BOOT_PARAMETERS = {
  setInProgress: 0,
  servicePartitionSelector: 1,
  servicePartitionScan: 2,
  validBitClearing: 3,
  bootInfoAcknowledge: 4,
  bootFlags: 5,
  initiator: 6,
  mailbox: 7,
} as const;

/** One boot option parameter as the controller keeps it. */
export interface BootParameter {
  /** 0..127. */
  readonly parameter: number;
  /** Version of the parameters, 1. */
  readonly version: number;
  /** The controller says that nobody should rely on it. */
  readonly invalid: boolean;
  /** What the number means: see the specification. May be shorter than specified. */
  readonly data: Uint8Array;
}

/**
 * Reads the answer to Get System Boot Options.
 * @throws PROTOCOL_FAULT for fewer than 2 bytes, and for another parameter than the one asked for
 */
export function decodeBootParameter(data: Uint8Array, asked?: number): BootParameter {
  const step = 'Get System Boot Options';
  const bytes = requireBytes(step, data, 2);
  const parameter = bytes.readUInt8(1) & 0x7f;
  if (asked !== undefined && parameter !== asked) throw protocolFault(step, `parameter ${asked}`, data);
  return { parameter, version: bytes.readUInt8(0) & 0x0f, invalid: (bytes.readUInt8(1) & 0x80) !== 0, data: copyBytes(data, 2) };
}

/** The request data of Get System Boot Options. Throws INVALID_OPTIONS. */
export function encodeGetBootParameter(parameter: number, set = 0, block = 0): Uint8Array {
  refuseIssues('Boot option', [
    ...integerIssue('parameter', parameter, 0, 127),
    ...integerIssue('set', set, 0, 255),
    ...integerIssue('block', block, 0, 255),
  ]);
  return Uint8Array.of(parameter, set, block);
}

/** Which part of a parameter is asked for. */
export interface BootParameterPart extends CallOptions {
  /** 0..255, default 0. */
  readonly set?: number;
  /** 0..255, default 0: the block of the mailbox. */
  readonly block?: number;
}

/**
 * Reads one boot option parameter. Idempotent.
 * @throws UNSUPPORTED for a parameter that the controller does not have; some answer REFUSED instead
 */
export async function getBootParameter(bmc: RequestCarrier, parameter: number, options: BootParameterPart = {}): Promise<BootParameter> {
  const { set, block, ...call } = options;
  const request = { netFn: 0x00, command: 0x09, data: encodeGetBootParameter(parameter, set, block) };
  return carryOutAndDecode(bmc, `Get System Boot Options (parameter ${parameter})`, request, (data) => decodeBootParameter(data, parameter), call);
}

/**
 * The request that writes one boot option parameter.
 * @param invalid marks it as one that nobody should rely on
 * @throws INVALID_OPTIONS for a parameter outside 0..127
 */
export function bootParameterRequest(parameter: number, data: Uint8Array, invalid = false): IpmiRequest {
  refuseIssues('Boot option', integerIssue('parameter', parameter, 0, 127));
  return { netFn: 0x00, command: 0x08, data: Uint8Array.of(parameter | (invalid ? 0x80 : 0), ...data) };
}

/** Writes one boot option parameter. Idempotent. */
export async function setBootParameter(
  bmc: RequestCarrier,
  parameter: number,
  data: Uint8Array,
  options: CallOptions & { readonly invalid?: boolean } = {},
): Promise<void> {
  const { invalid, ...call } = options;
  await carryOut(bmc, `Set System Boot Options (parameter ${parameter})`, bootParameterRequest(parameter, data, invalid), call);
}
