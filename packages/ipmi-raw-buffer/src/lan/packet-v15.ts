import { createHash, timingSafeEqual } from 'node:crypto';
import { protocolFault } from '../message/protocol-fault.js';
import { isRmcp, writeRmcpHeader } from './rmcp.js';

/** Authentication types of IPMI 1.5. Source: IPMI 1.5, table 12-7. MD2 is not spoken. */
export const AUTH_TYPES = { none: 0, md2: 1, md5: 2, password: 4 } as const;

/** Bytes of the auth code, of the password that makes it, and of the challenge. Source: IPMI 1.5, section 18.14.1. */
export const AUTH_CODE_BYTES = 16;
/** The longest message that fits: its length has one byte. */
export const LONGEST_MESSAGE_V15 = 255;
/** Where the auth code starts, which may be the password itself: what follows is not shown in errors. */
const AUTH_CODE_OFFSET = 13;
const OPEN_HEADER_BYTES = 14;

/** Lengths that some network chips cannot receive: one byte 00 follows. Source: IPMI 1.5, table 12-8, legacy pad. */
const PADDED_LENGTHS: ReadonlySet<number> = new Set([56, 84, 112, 128, 156]);

/** A packet of IPMI 1.5. */
export interface PacketV15 {
  /** One of {@link AUTH_TYPES}, or what else came. */
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** Null when the authentication type is none. */
  readonly authCode: Uint8Array | null;
  /** IPMI message from the first address to the last checksum. */
  readonly message: Uint8Array;
}

/** The header that authenticates. */
export interface AuthenticationV15 {
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes, padded with zeros. */
  readonly password: Uint8Array;
}

/**
 * The 16 bytes that prove knowledge of the password: itself, or MD5(password, session id, message, sequence, password).
 * Source: IPMI 1.5, section 18.15.1; compared with the packets of ipmitool 1.8.19.
 */
function authCode(authentication: AuthenticationV15, message: Uint8Array): Uint8Array {
  const { authType, sequence, sessionId, password } = authentication;
  if (authType === AUTH_TYPES.password) return password;
  const numbers = Buffer.allocUnsafe(8);
  numbers.writeUInt32LE(sessionId, 0);
  numbers.writeUInt32LE(sequence, 4);
  return createHash('md5').update(password).update(numbers.subarray(0, 4)).update(message).update(numbers.subarray(4)).update(password).digest();
}

/** A whole datagram. */
export function encodePacketV15(authentication: AuthenticationV15, message: Uint8Array): Buffer {
  const authenticated = authentication.authType !== AUTH_TYPES.none;
  const start = OPEN_HEADER_BYTES + (authenticated ? AUTH_CODE_BYTES : 0);
  const length = start + message.length;
  const datagram = Buffer.alloc(length + (PADDED_LENGTHS.has(length) ? 1 : 0));
  writeRmcpHeader(datagram, 'ipmi');
  datagram[4] = authentication.authType;
  datagram.writeUInt32LE(authentication.sequence, 5);
  datagram.writeUInt32LE(authentication.sessionId, 9);
  if (authenticated) datagram.set(authCode(authentication, message), AUTH_CODE_OFFSET);
  datagram[start - 1] = message.length;
  datagram.set(message, start);
  return datagram;
}

/** A whole datagram outside a session. */
export function encodeOpenPacketV15(message: Uint8Array): Buffer {
  return encodePacketV15({ authType: AUTH_TYPES.none, sequence: 0, sessionId: 0, password: new Uint8Array(0) }, message);
}

/** Whether a datagram carries a packet of IPMI 1.5. */
export function isPacketV15(datagram: Uint8Array): boolean {
  const authType = datagram[4];
  return isRmcp(datagram, 'ipmi') && authType !== undefined && authType !== 0x06;
}

/** Reads a datagram; message and code are views into it, surplus bytes are ignored. @throws PROTOCOL_FAULT */
export function decodePacketV15(datagram: Uint8Array): PacketV15 {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const authType = bytes[4] ?? 0;
  const start = OPEN_HEADER_BYTES + (authType === AUTH_TYPES.none ? 0 : AUTH_CODE_BYTES);
  if (!isPacketV15(bytes) || bytes.length < start) throw protocolFault('IPMI 1.5 packet', 'a packet of IPMI 1.5', bytes.subarray(0, AUTH_CODE_OFFSET));
  const end = start + (bytes[start - 1] ?? 0);
  if (end > bytes.length) throw protocolFault('IPMI 1.5 packet', `a message up to byte ${end} of ${bytes.length}`, bytes.subarray(0, AUTH_CODE_OFFSET));
  return {
    authType,
    sequence: bytes.readUInt32LE(5),
    sessionId: bytes.readUInt32LE(9),
    authCode: authType === AUTH_TYPES.none ? null : bytes.subarray(AUTH_CODE_OFFSET, AUTH_CODE_OFFSET + AUTH_CODE_BYTES),
    message: bytes.subarray(start, end),
  };
}

/** Whether a packet proves knowledge of the password; one without code never does. In constant time. */
export function verifyAuthCode(packet: PacketV15, password: Uint8Array): boolean {
  if (packet.authCode === null) return false;
  return timingSafeEqual(authCode({ ...packet, password }, packet.message), packet.authCode);
}
