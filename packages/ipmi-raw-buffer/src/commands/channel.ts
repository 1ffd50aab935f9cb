import type { CallOptions } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import { checkChannel } from './inputs.js';
import { decodePrivilegeLimit, type PrivilegeLimit } from './privilege.js';

/** The channel by which the request itself comes. Source: IPMI 2.0, table 6-1. */
export const PRESENT_CHANNEL = 0x0e;

/** Source: IPMI 2.0, table 6-3. */
const MEDIA: Readonly<Record<number, string>> = {
  1: 'IPMB',
  2: 'ICMB 1.0',
  3: 'ICMB 0.9',
  4: '802.3 LAN',
  5: 'serial',
  6: 'other LAN',
  7: 'PCI SMBus',
  8: 'SMBus 1.x',
  9: 'SMBus 2.0',
  10: 'USB 1.x',
  11: 'USB 2.x',
  12: 'system interface',
};

const SESSION_SUPPORT = ['none', 'one session', 'several sessions', 'with and without sessions'] as const;

/** One way to the controller. Source: IPMI 2.0, section 22.24. */
export interface ChannelInfo {
  readonly channel: number;
  /** `802.3 LAN`; null for a number that is not assigned. */
  readonly medium: string | null;
  readonly mediumCode: number;
  readonly protocolCode: number;
  readonly sessionSupport: (typeof SESSION_SUPPORT)[number];
  readonly activeSessions: number;
  /** IANA enterprise number of whoever defined the protocol: 7154 for IPMI itself. */
  readonly protocolVendor: number;
}

/**
 * Reads the answer to Get Channel Info.
 * @throws PROTOCOL_FAULT for fewer than 7 bytes
 */
export function decodeChannelInfo(data: Uint8Array): ChannelInfo {
  const bytes = requireBytes('Get Channel Info', data, 7);
  const mediumCode = bytes.readUInt8(1) & 0x7f;
  const sessions = bytes.readUInt8(3);
  return {
    channel: bytes.readUInt8(0) & 0x0f,
    medium: MEDIA[mediumCode] ?? null,
    mediumCode,
    protocolCode: bytes.readUInt8(2) & 0x1f,
    sessionSupport: SESSION_SUPPORT[sessions >> 6] ?? 'none',
    activeSessions: sessions & 0x3f,
    protocolVendor: bytes.readUIntLE(4, 3),
  };
}

/** One way to the controller. Idempotent. @param channel 0..15, default the one by which the request comes */
export async function getChannelInfo(bmc: RequestCarrier, channel: number = PRESENT_CHANNEL, options?: CallOptions): Promise<ChannelInfo> {
  checkChannel('Get Channel Info', channel);
  return carryOutAndDecode(bmc, 'Get Channel Info', { netFn: 0x06, command: 0x42, data: Uint8Array.of(channel) }, decodeChannelInfo, options);
}

const ACCESS_MODES = ['disabled', 'before the system starts', 'always', 'shared'] as const;

/** Whom a channel lets in. Source: IPMI 2.0, section 22.23. */
export interface ChannelAccess {
  readonly accessMode: (typeof ACCESS_MODES)[number] | 'reserved';
  readonly userLevelAuthentication: boolean;
  readonly perMessageAuthentication: boolean;
  readonly alerting: boolean;
  readonly privilegeLimit: PrivilegeLimit | null;
}

/**
 * Reads the answer to Get Channel Access.
 * @throws PROTOCOL_FAULT for fewer than 2 bytes
 */
export function decodeChannelAccess(data: Uint8Array): ChannelAccess {
  const bytes = requireBytes('Get Channel Access', data, 2);
  const access = bytes.readUInt8(0);
  return {
    accessMode: ACCESS_MODES[access & 0x07] ?? 'reserved',
    userLevelAuthentication: (access & 0x08) === 0,
    perMessageAuthentication: (access & 0x10) === 0,
    alerting: (access & 0x20) === 0,
    privilegeLimit: decodePrivilegeLimit(bytes.readUInt8(1)),
  };
}

export interface ChannelAccessOptions extends CallOptions {
  /** What counts after a restart of the controller instead of what counts now. Default false. */
  readonly nonVolatile?: boolean;
}

/** Whom a channel lets in. Idempotent. @param channel 0..15, default the one by which the request comes */
export async function getChannelAccess(bmc: RequestCarrier, channel: number = PRESENT_CHANNEL, options: ChannelAccessOptions = {}): Promise<ChannelAccess> {
  const { nonVolatile = false, ...call } = options;
  checkChannel('Get Channel Access', channel);
  const data = Uint8Array.of(channel, nonVolatile ? 0x40 : 0x80);
  return carryOutAndDecode(bmc, 'Get Channel Access', { netFn: 0x06, command: 0x41, data }, decodeChannelAccess, call);
}
