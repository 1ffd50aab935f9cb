import { byteAt, double, join, readDouble, readWord, word } from './bytes.js';

/** Version 1.0, reserved, sequence FFh: no acknowledgement wanted, class. Source: IPMI 1.5, section 12.2. */
const RMCP_IPMI: readonly number[] = [0x06, 0x00, 0xff, 0x07];
const RMCP_ASF: readonly number[] = [0x06, 0x00, 0xff, 0x06];
const RMCP_LENGTH = 4;

/** Authentication types of the session header. Source: IPMI 1.5, table 12-9; 06h marks the header of 2.0. */
export const AUTH_TYPE = { none: 0x00, md5: 0x02, password: 0x04, rmcpPlus: 0x06 } as const;

export const PAYLOAD = {
  message: 0x00,
  serial: 0x01,
  openRequest: 0x10,
  openResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const;

/** A datagram of IPMI 1.5. */
export interface LegacyPacket {
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes; empty when the authentication type is none. */
  readonly authCode: Uint8Array;
  readonly message: Uint8Array;
}

/** A datagram of IPMI 2.0. */
export interface PlusPacket {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** What an integrity check covers, without the trailer behind the payload. */
  readonly covered: Uint8Array;
  /** What stands behind the payload. */
  readonly trailer: Uint8Array;
}

export type IncomingPacket =
  | { readonly kind: 'ping'; readonly tag: number }
  | { readonly kind: 'legacy'; readonly packet: LegacyPacket }
  | { readonly kind: 'plus'; readonly packet: PlusPacket };

/** Tells what a datagram is; undefined when it is nothing for a BMC. Source: IPMI 1.5, sections 12.2 to 12.4; IPMI 2.0, table 13-8. */
export function readPacket(datagram: Uint8Array): IncomingPacket | undefined {
  if (byteAt(datagram, 0) !== 0x06) return undefined;
  const rest = datagram.subarray(RMCP_LENGTH);
  if (byteAt(datagram, 3) === 0x06) return readPing(rest);
  if (byteAt(datagram, 3) !== 0x07) return undefined;
  return byteAt(rest, 0) === AUTH_TYPE.rmcpPlus ? readPlus(rest) : readLegacy(rest);
}

/** Number of the ASF, and the presence ping. Source: IPMI 1.5, section 12.2.1. */
function readPing(rest: Uint8Array): IncomingPacket | undefined {
  const isPing = rest.length >= 8 && rest.subarray(0, 4).every((byte, index) => byte === ASF_ENTERPRISE[index]) && byteAt(rest, 4) === 0x80;
  return isPing ? { kind: 'ping', tag: byteAt(rest, 5) } : undefined;
}

const ASF_ENTERPRISE: readonly number[] = [0x00, 0x00, 0x11, 0xbe];

/** The presence pong of a BMC that speaks IPMI. Source: IPMI 1.5, table 12-6. */
export function writePong(tag: number): Buffer {
  const supportsIpmiAndAsf1 = 0x81;
  return join(RMCP_ASF, ASF_ENTERPRISE, [0x40, tag, 0x00, 0x10], ASF_ENTERPRISE, double(0), [supportsIpmiAndAsf1, 0x00], new Uint8Array(6));
}

function readLegacy(rest: Uint8Array): IncomingPacket | undefined {
  const authType = byteAt(rest, 0);
  const codeEnd = authType === AUTH_TYPE.none ? 9 : 25;
  if (rest.length < codeEnd + 1) return undefined;
  const length = byteAt(rest, codeEnd);
  const message = rest.subarray(codeEnd + 1, codeEnd + 1 + length);
  if (message.length < length) return undefined;
  return {
    kind: 'legacy',
    packet: { authType, sequence: readDouble(rest, 1), sessionId: readDouble(rest, 5), authCode: rest.subarray(9, codeEnd), message },
  };
}

export function writeLegacy(packet: LegacyPacket): Buffer {
  return join(RMCP_IPMI, [packet.authType], double(packet.sequence), double(packet.sessionId), packet.authCode, [packet.message.length], packet.message);
}

/** Header of 2.0 without OEM payloads: type, flags, session, sequence, length. */
const PLUS_HEADER_LENGTH = 12;

function readPlus(rest: Uint8Array): IncomingPacket | undefined {
  if (rest.length < PLUS_HEADER_LENGTH) return undefined;
  const length = readWord(rest, 10);
  const end = PLUS_HEADER_LENGTH + length;
  if (rest.length < end) return undefined;
  const type = byteAt(rest, 1);
  return {
    kind: 'plus',
    packet: {
      payloadType: type & 0x3f,
      encrypted: (type & 0x80) !== 0,
      authenticated: (type & 0x40) !== 0,
      sessionId: readDouble(rest, 2),
      sequence: readDouble(rest, 6),
      payload: rest.subarray(PLUS_HEADER_LENGTH, end),
      covered: rest.subarray(0, end),
      trailer: rest.subarray(end),
    },
  };
}

export interface PlusFields {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  readonly sessionId: number;
  readonly sequence: number;
  /** As it travels: encrypted where the flag says so. */
  readonly payload: Uint8Array;
}

/** Header and payload of a datagram of 2.0, without RMCP header and trailer: what an integrity check begins with. */
export function writePlusBody(fields: PlusFields): Buffer {
  const type = fields.payloadType | (fields.encrypted ? 0x80 : 0) | (fields.authenticated ? 0x40 : 0);
  return join([AUTH_TYPE.rmcpPlus, type], double(fields.sessionId), double(fields.sequence), word(fields.payload.length), fields.payload);
}

/** A whole datagram around what `writePlusBody` made and, where it is authenticated, its trailer. */
export function writePlus(body: Uint8Array, trailer: Uint8Array = new Uint8Array()): Buffer {
  return join(RMCP_IPMI, body, trailer);
}
