import { type CallOptions, invalidOptions, printValue } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import { integerIssue, refuseIssues } from './inputs.js';
import { decodeIpAddress, decodeMacAddress } from './lan-parameters.js';
import { decodePrivilegeLimit, type PrivilegeLimit } from './privilege.js';

const STEP = 'Get Session Info';

/** The sessions of a controller, and one of them. Source: IPMI 2.0, section 22.20. */
export interface SessionInfo {
  /** Of the session that was asked for; 0 when there is none. */
  readonly handle: number;
  readonly possibleSessions: number;
  readonly activeSessions: number;
  /** Null when there is no such session. */
  readonly session: ActiveSession | null;
}

export interface ActiveSession {
  readonly userId: number;
  readonly privilegeLevel: PrivilegeLimit | null;
  readonly channel: number;
  readonly protocol: '1.5' | '2.0' | 'unknown';
  /** Who is at the other end; null where the channel is no LAN, or the controller does not tell. */
  readonly console: { readonly ipAddress: string; readonly macAddress: string; readonly port: number } | null;
}

/** Which session: this one, the n-th of the active ones (1..253), or by handle or id. */
export type SessionSelector = 'current' | { readonly index: number } | { readonly handle: number } | { readonly sessionId: number };

/** The request data of Get Session Info. Throws INVALID_OPTIONS. */
export function encodeSessionSelector(selector: SessionSelector): Uint8Array {
  if (selector === 'current') return Uint8Array.of(0x00);
  if (typeof selector !== 'object' || selector === null) {
    throw invalidOptions(STEP, [{ field: 'session', problem: 'invalid', expected: "'current', { index }, { handle } or { sessionId }", received: printValue(selector) }]);
  }
  if ('index' in selector) {
    refuseIssues(STEP, integerIssue('index', selector.index, 1, 0xfd));
    return Uint8Array.of(selector.index);
  }
  if ('handle' in selector) {
    refuseIssues(STEP, integerIssue('handle', selector.handle, 1, 0xff));
    return Uint8Array.of(0xfe, selector.handle);
  }
  refuseIssues(STEP, integerIssue('sessionId', selector.sessionId, 1, 0xffffffff));
  const data = Buffer.alloc(5, 0xff);
  data.writeUInt32LE(selector.sessionId, 1);
  return data;
}

/** The first half of the byte that ends in the channel. */
const PROTOCOLS: Readonly<Record<number, ActiveSession['protocol']>> = { 0: '1.5', 1: '2.0' };

/**
 * Reads the answer to Get Session Info: 3 bytes without such a session, 6 with one, 18 with its other end.
 * @throws PROTOCOL_FAULT for a shorter answer
 */
export function decodeSessionInfo(data: Uint8Array): SessionInfo {
  const bytes = requireBytes(STEP, data, 3);
  return {
    handle: bytes.readUInt8(0),
    possibleSessions: bytes.readUInt8(1) & 0x3f,
    activeSessions: bytes.readUInt8(2) & 0x3f,
    session: bytes.length >= 6 && bytes.readUInt8(0) !== 0 ? activeSession(bytes) : null,
  };
}

function activeSession(bytes: Buffer): ActiveSession {
  const protocolAndChannel = bytes.readUInt8(5);
  return {
    userId: bytes.readUInt8(3) & 0x3f,
    privilegeLevel: decodePrivilegeLimit(bytes.readUInt8(4)),
    channel: protocolAndChannel & 0x0f,
    protocol: PROTOCOLS[protocolAndChannel >> 4] ?? 'unknown',
    console: bytes.length < 18 ? null : { ipAddress: decodeIpAddress(bytes.subarray(6)), macAddress: decodeMacAddress(bytes.subarray(10)), port: bytes.readUInt16LE(16) },
  };
}

/** The sessions of a controller, and one of them. Idempotent. */
export async function getSessionInfo(bmc: RequestCarrier, selector: SessionSelector = 'current', options?: CallOptions): Promise<SessionInfo> {
  return carryOutAndDecode(bmc, STEP, { netFn: 0x06, command: 0x3d, data: encodeSessionSelector(selector) }, decodeSessionInfo, options);
}
