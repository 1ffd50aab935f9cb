import { type CallOptions, type OptionIssue, printValue } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import { integerIssue, refuseIssues } from './inputs.js';
import { decodePrivilegeLimit, encodePrivilegeLimit, type PrivilegeLimit, privilegeLimitIssue } from './privilege.js';

/** Source: IPMI 2.0, section 22.29. */
const NAME_BYTES = 16;

/** Whether a user may log in at all; `unspecified` by controllers that do not tell. Source: IPMI 2.0, section 22.27. */
const ENABLED = ['unspecified', 'enabled', 'disabled', 'reserved'] as const;

/** What one user may do on one channel. Source: IPMI 2.0, section 22.27. */
export interface UserAccess {
  /** Users that the controller can have. */
  readonly maximumUsers: number;
  readonly enabledUsers: number;
  /** Users whose names cannot be changed. */
  readonly fixedNames: number;
  readonly enabled: (typeof ENABLED)[number];
  readonly callbackOnly: boolean;
  readonly linkAuthentication: boolean;
  /** Whether he may open sessions on this channel. */
  readonly messaging: boolean;
  readonly privilegeLimit: PrivilegeLimit | null;
}

function userIssue(userId: number): readonly OptionIssue[] {
  return integerIssue('userId', userId, 1, 63);
}

/**
 * Reads the answer to Get User Access.
 * @throws PROTOCOL_FAULT for fewer than 4 bytes
 */
export function decodeUserAccess(data: Uint8Array): UserAccess {
  const bytes = requireBytes('Get User Access', data, 4);
  const access = bytes.readUInt8(3);
  return {
    maximumUsers: bytes.readUInt8(0) & 0x3f,
    enabledUsers: bytes.readUInt8(1) & 0x3f,
    fixedNames: bytes.readUInt8(2) & 0x3f,
    enabled: ENABLED[bytes.readUInt8(1) >> 6] ?? 'reserved',
    callbackOnly: (access & 0x40) !== 0,
    linkAuthentication: (access & 0x20) !== 0,
    messaging: (access & 0x10) !== 0,
    privilegeLimit: decodePrivilegeLimit(access),
  };
}

/** What one user may do on one channel. Idempotent. */
export async function getUserAccess(bmc: RequestCarrier, channel: number, userId: number, options?: CallOptions): Promise<UserAccess> {
  refuseIssues('Get User Access', [...integerIssue('channel', channel, 0, 15), ...userIssue(userId)]);
  return carryOutAndDecode(bmc, 'Get User Access', { netFn: 0x06, command: 0x44, data: Uint8Array.of(channel, userId) }, decodeUserAccess, options);
}

/** What a user shall be allowed on one channel. */
export interface UserAccessChange {
  readonly privilegeLimit: PrivilegeLimit;
  /** Given together, or left as they are. */
  readonly flags?: { readonly callbackOnly: boolean; readonly linkAuthentication: boolean; readonly messaging: boolean };
}

/** The request data of Set User Access. Throws INVALID_OPTIONS. Source: IPMI 2.0, section 22.26. */
export function encodeUserAccess(channel: number, userId: number, change: UserAccessChange): Uint8Array {
  const { privilegeLimit, flags } = change;
  refuseIssues('Set User Access', [
    ...integerIssue('channel', channel, 0, 15),
    ...userIssue(userId),
    ...privilegeLimitIssue('privilegeLimit', privilegeLimit),
  ]);
  const bits = flags === undefined ? 0 : 0x80 | (flags.callbackOnly ? 0x40 : 0) | (flags.linkAuthentication ? 0x20 : 0) | (flags.messaging ? 0x10 : 0);
  return Uint8Array.of(bits | channel, userId, encodePrivilegeLimit(privilegeLimit));
}

/** Sets what one user may do on one channel. Idempotent. */
export async function setUserAccess(bmc: RequestCarrier, channel: number, userId: number, change: UserAccessChange, options?: CallOptions): Promise<void> {
  await carryOut(bmc, 'Set User Access', { netFn: 0x06, command: 0x43, data: encodeUserAccess(channel, userId, change) }, options);
}

/**
 * Reads the answer to Get User Name: 16 bytes, filled up with 00; what stands behind the first 00 is ignored.
 * @throws PROTOCOL_FAULT for fewer bytes
 */
export function decodeUserName(data: Uint8Array): string {
  const bytes = requireBytes('Get User Name', data, NAME_BYTES);
  const end = bytes.subarray(0, NAME_BYTES).indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? NAME_BYTES : end);
}

/** The name of one user; empty when he has none. Idempotent. Source: IPMI 2.0, section 22.29. */
export async function getUserName(bmc: RequestCarrier, userId: number, options?: CallOptions): Promise<string> {
  refuseIssues('Get User Name', userIssue(userId));
  return carryOutAndDecode(bmc, 'Get User Name', { netFn: 0x06, command: 0x46, data: Uint8Array.of(userId) }, decodeUserName, options);
}

/** The request data of Set User Name. Throws INVALID_OPTIONS. Source: IPMI 2.0, section 22.28. */
export function encodeUserName(userId: number, name: string): Uint8Array {
  const tooLong = Buffer.byteLength(name) > NAME_BYTES || name.includes('\0');
  refuseIssues('Set User Name', [
    ...userIssue(userId),
    ...(tooLong ? [{ field: 'name', problem: 'invalid', expected: `at most ${NAME_BYTES} bytes without NUL`, received: printValue(name) } as const] : []),
  ]);
  const data = Buffer.alloc(1 + NAME_BYTES);
  data.writeUInt8(userId, 0);
  data.write(name, 1, 'utf8');
  return data;
}

/** Gives one user a name. Idempotent; a fixed name is REFUSED. */
export async function setUserName(bmc: RequestCarrier, userId: number, name: string, options?: CallOptions): Promise<void> {
  await carryOut(bmc, 'Set User Name', { netFn: 0x06, command: 0x45, data: encodeUserName(userId, name) }, options);
}
