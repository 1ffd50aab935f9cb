import type { CallOptions, OptionIssue } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode, once } from './answer.js';
import { integerIssue, refuseIssues } from './inputs.js';

/** Payload type of serial over LAN. Source: IPMI 2.0, table 13-16. */
export const SOL_PAYLOAD = 0x01;

/** One payload beside IPMI messages: its type, and which of several of them. */
export interface PayloadInstance {
  /** 0..63, default serial over LAN. */
  readonly type?: number;
  /** 1..15, default 1. */
  readonly instance?: number;
}

interface NamedInstance {
  readonly type: number;
  readonly instance: number;
}

function named({ type = SOL_PAYLOAD, instance = 1 }: PayloadInstance): NamedInstance {
  refuseIssues('Payload', [...typeIssue(type), ...integerIssue('instance', instance, 1, 15)]);
  return { type, instance };
}

function typeIssue(type: number): readonly OptionIssue[] {
  return integerIssue('type', type, 0, 63);
}

/** How a payload was activated. Source: IPMI 2.0, section 24.1. */
export interface PayloadActivation {
  /** What the type of the payload says; serial over LAN: bit 0 test mode. */
  readonly auxiliary: number;
  /** Longest payload that the controller takes, with its header. Bytes. */
  readonly inboundSize: number;
  /** Longest payload that the controller sends, with its header. Bytes. */
  readonly outboundSize: number;
  /** UDP port by which the controller says that the payload comes. Often swapped or 0, and wrong behind an address translation. */
  readonly port: number;
  /** Null when there is none. */
  readonly vlanId: number | null;
}

/** A length has two readings: some controllers send the high byte first. */
const SANE_SIZES = { minimum: 5, maximum: 4 + 255, fallback: 16 } as const;

/**
 * Reads the answer to Activate Payload.
 * @throws PROTOCOL_FAULT for fewer than 8 bytes; the port (0) and the VLAN (none) may be missing
 */
export function decodePayloadActivation(data: Uint8Array): PayloadActivation {
  const bytes = requireBytes('Activate Payload', data, 8);
  const vlan = bytes.length >= 12 ? bytes.readUInt16LE(10) : 0xffff;
  return {
    auxiliary: bytes.readUInt32LE(0),
    inboundSize: saneSize(bytes, 4),
    outboundSize: saneSize(bytes, 6),
    port: bytes.length >= 10 ? bytes.readUInt16LE(8) : 0,
    vlanId: vlan === 0xffff ? null : vlan & 0x0fff,
  };
}

/** Sizes that no packet can have are read the other way round, and are cut or raised to what can be used when that does not help. */
function saneSize(bytes: Buffer, offset: number): number {
  const { minimum, maximum, fallback } = SANE_SIZES;
  const readings = [bytes.readUInt16LE(offset), bytes.readUInt16BE(offset)];
  const sane = readings.find((size) => size >= minimum && size <= maximum);
  if (sane !== undefined) return sane;
  return readings[0] !== undefined && readings[0] > maximum && readings[0] < 0x1000 ? maximum : fallback;
}

/**
 * Activates a payload in this session. Sent once: a repeated request would find the payload active and be refused.
 * @param auxiliary four bytes as the type of the payload has them, lowest first; see `SOL_ACTIVATION`
 * @throws CONFLICT while another session has it; REFUSED when it is switched off or wants encryption; BUSY at the limit
 */
export async function activatePayload(
  bmc: RequestCarrier,
  payload: PayloadInstance,
  auxiliary: number,
  options?: CallOptions,
): Promise<PayloadActivation> {
  const { type, instance } = named(payload);
  refuseIssues('Payload', integerIssue('auxiliary', auxiliary, 0, 0xffffffff));
  const data = Buffer.from([type, instance, 0, 0, 0, 0]);
  data.writeUInt32LE(auxiliary, 2);
  return carryOutAndDecode(bmc, 'Activate Payload', { netFn: 0x06, command: 0x48, data }, decodePayloadActivation, once(options));
}

/** Source: IPMI 2.0, section 24.2. */
const ALREADY_DEACTIVATED = 0x80;

/** Deactivates a payload, in whichever session it is. Idempotent: one that is not active is no error. Resolves with whether it was active. */
export async function deactivatePayload(bmc: RequestCarrier, payload: PayloadInstance = {}, options?: CallOptions): Promise<boolean> {
  const { type, instance } = named(payload);
  const step = 'Deactivate Payload';
  const request = { netFn: 0x06, command: 0x49, data: Uint8Array.of(type, instance, 0, 0, 0, 0) };
  const { completionCode } = await bmc.raw(request, { step, ...options });
  if (completionCode === ALREADY_DEACTIVATED) return false;
  if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, step);
  return true;
}

/** Which instances of a payload are active in any session. Source: IPMI 2.0, section 24.4. */
export interface PayloadStatus {
  /** How many there can be; 0 when told none. */
  readonly capacity: number;
  /** 1..16, ascending. */
  readonly activeInstances: readonly number[];
}

/**
 * Reads the answer to Get Payload Activation Status.
 * @throws PROTOCOL_FAULT for fewer than 3 bytes
 */
export function decodePayloadStatus(data: Uint8Array): PayloadStatus {
  const bytes = requireBytes('Get Payload Activation Status', data, 3);
  const active = bytes.readUInt16LE(1);
  return {
    capacity: bytes.readUInt8(0) & 0x0f,
    activeInstances: Array.from({ length: 16 }, (_, bit) => bit + 1).filter((instance) => (active & (1 << (instance - 1))) !== 0),
  };
}

/** Which instances of a payload are active in any session. Idempotent. @param type 0..63, default serial over LAN */
export async function getPayloadStatus(bmc: RequestCarrier, type: number = SOL_PAYLOAD, options?: CallOptions): Promise<PayloadStatus> {
  refuseIssues('Payload', typeIssue(type));
  return carryOutAndDecode(bmc, 'Get Payload Activation Status', { netFn: 0x06, command: 0x4a, data: Uint8Array.of(type) }, decodePayloadStatus, options);
}

/** Who has an instance of a payload. Source: IPMI 2.0, section 24.5. */
export interface PayloadInfo {
  /** Null when it is not active. */
  readonly sessionId: number | null;
  /** Serial over LAN: the first byte is the port number of the serial line, 0 for none. */
  readonly data: Uint8Array;
}

/**
 * Reads the answer to Get Payload Instance Info.
 * @throws PROTOCOL_FAULT for fewer than 4 bytes
 */
export function decodePayloadInfo(data: Uint8Array): PayloadInfo {
  const sessionId = requireBytes('Get Payload Instance Info', data, 4).readUInt32LE(0);
  return { sessionId: sessionId === 0 ? null : sessionId, data: Uint8Array.from(data.subarray(4, 12)) };
}

/** Who has an instance of a payload. Idempotent. */
export async function getPayloadInfo(bmc: RequestCarrier, payload: PayloadInstance = {}, options?: CallOptions): Promise<PayloadInfo> {
  const { type, instance } = named(payload);
  return carryOutAndDecode(bmc, 'Get Payload Instance Info', { netFn: 0x06, command: 0x4b, data: Uint8Array.of(type, instance) }, decodePayloadInfo, options);
}
