import { protocolFault } from '../message/protocol-fault.js';
import { isRmcp, RMCP_HEADER_BYTES, writeRmcpHeader } from './rmcp.js';

/** Payload types of IPMI 2.0. Source: IPMI 2.0, table 13-16; FreeIPMI 1.6.10, ipmi-rmcpplus-interface. */
export const PAYLOAD_TYPES = {
  ipmi: 0x00, sol: 0x01, oemExplicit: 0x02,
  openSessionRequest: 0x10, openSessionResponse: 0x11, rakp1: 0x12, rakp2: 0x13, rakp3: 0x14, rakp4: 0x15,
} as const;

/** Where the session header starts: the first byte that the integrity check covers. */
export const SESSION_HEADER_OFFSET = RMCP_HEADER_BYTES;
/** RMCP header and session header of IPMI 2.0. */
export const HEADER_BYTES = 16;

const AUTH_TYPE_RMCP_PLUS = 0x06;
const ENCRYPTED = 0x80;
const AUTHENTICATED = 0x40;
const TYPE_BITS = 0x3f;
/** An OEM payload puts its enterprise number (4) and payload id (2) before the session id. Source: FreeIPMI 1.6.10, fields of the RMCP+ session header. */
const OEM_BYTES = 6;

/** A packet of IPMI 2.0 as it stands on the wire: the payload is encrypted when `encrypted` says so. */
export interface Packet {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  readonly sessionId: number;
  /** Session sequence number; 0 outside a session. */
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Where the payload ends: the session trailer of an authenticated packet starts here. */
  readonly trailerOffset: number;
}

/** What starts a packet. */
export interface PacketHeader {
  readonly payloadType: number;
  readonly encrypted?: boolean;
  readonly authenticated?: boolean;
  readonly sessionId: number;
  readonly sequence: number;
}

/** Writes RMCP and session header into the first 16 bytes of a datagram. */
export function writePacketHeader(datagram: Buffer, header: PacketHeader, payloadBytes: number): void {
  writeRmcpHeader(datagram, 'ipmi');
  datagram[4] = AUTH_TYPE_RMCP_PLUS;
  datagram[5] = header.payloadType | (header.encrypted === true ? ENCRYPTED : 0) | (header.authenticated === true ? AUTHENTICATED : 0);
  datagram.writeUInt32LE(header.sessionId, 6);
  datagram.writeUInt32LE(header.sequence, 10);
  datagram.writeUInt16LE(payloadBytes, 14);
}

/** A whole datagram without protection, as the handshake uses it: session id and sequence are 0. */
export function encodePacket(payloadType: number, payload: Uint8Array): Buffer {
  const datagram = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  writePacketHeader(datagram, { payloadType, sessionId: 0, sequence: 0 }, payload.length);
  datagram.set(payload, HEADER_BYTES);
  return datagram;
}

/** Whether a datagram carries a packet of IPMI 2.0, and not one of 1.5 or ASF. */
export function isPacket(datagram: Uint8Array): boolean {
  return isRmcp(datagram, 'ipmi') && datagram[SESSION_HEADER_OFFSET] === AUTH_TYPE_RMCP_PLUS;
}

/** The session id of a packet, 0 when it has none or is too short. OEM payloads have it further back. */
export function readSessionId(datagram: Uint8Array): number {
  return datagram.length < HEADER_BYTES ? 0 : Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length).readUInt32LE(6);
}

/** Reads a datagram; the payload is a view into it, what follows it is left to the caller. @throws PROTOCOL_FAULT */
export function decodePacket(datagram: Uint8Array): Packet {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  if (!isPacket(bytes) || bytes.length < HEADER_BYTES) throw protocolFault('RMCP+ packet', 'a packet of IPMI 2.0', datagram);
  const typeByte = bytes[5] ?? 0;
  const payloadType = typeByte & TYPE_BITS;
  const shift = payloadType === PAYLOAD_TYPES.oemExplicit ? OEM_BYTES : 0;
  if (bytes.length < HEADER_BYTES + shift) throw protocolFault('RMCP+ packet', 'the header of an OEM payload', datagram);
  const start = HEADER_BYTES + shift;
  const end = start + bytes.readUInt16LE(14 + shift);
  if (end > bytes.length) throw protocolFault('RMCP+ packet', `a payload up to byte ${end}`, datagram, HEADER_BYTES);
  return {
    payloadType,
    encrypted: (typeByte & ENCRYPTED) !== 0,
    authenticated: (typeByte & AUTHENTICATED) !== 0,
    sessionId: bytes.readUInt32LE(6 + shift),
    sequence: bytes.readUInt32LE(10 + shift),
    payload: bytes.subarray(start, end),
    trailerOffset: end,
  };
}
