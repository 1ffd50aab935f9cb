import { protocolFault } from '../message/protocol-fault.js';
import type { CipherSuite } from './cipher-suites.js';

/** An answer in the handshake: its body, or null when the controller declines. Source: IPMI 2.0, sections 13.18 to 13.23. */
export interface HandshakeAnswer<Body> {
  /** Tag of the message that it answers. */
  readonly tag: number;
  /** 0: accepted. */
  readonly status: number;
  /** Left out by a controller that declines briefly. */
  readonly consoleSessionId: number | undefined;
  readonly body: Body | null;
}

export interface OpenSessionRequest {
  readonly tag: number;
  /** 1..5; 0 asks for the highest that the suite allows. */
  readonly privilegeLevel: number;
  readonly consoleSessionId: number;
  readonly suite: Pick<CipherSuite, 'authentication' | 'integrity' | 'confidentiality'>;
}

/** What the controller chose. */
export interface OpenSessionBody {
  /** 0 where the controller does not tell. */
  readonly maximumPrivilegeLevel: number;
  readonly bmcSessionId: number;
  readonly authentication: number;
  readonly integrity: number;
  readonly confidentiality: number;
}

const BLOCK_BYTES = 8;
const REQUEST_BYTES = 8 + 3 * BLOCK_BYTES;
const RESPONSE_BYTES = 12 + 3 * BLOCK_BYTES;
const SHORTEST_ANSWER_BYTES = 2;
/** Tag, status and session id. The codes of RAKP come behind them, and allow passwords to be guessed. */
const HEAD_BYTES = 8;

/** The payload of an open session request. Source: IPMI 2.0, table 13-9. */
export function encodeOpenSessionRequest(request: OpenSessionRequest): Buffer {
  const { suite } = request;
  const payload = Buffer.alloc(REQUEST_BYTES);
  payload[0] = request.tag;
  payload[1] = request.privilegeLevel;
  payload.writeUInt32LE(request.consoleSessionId, 4);
  for (const [kind, algorithm] of [suite.authentication, suite.integrity, suite.confidentiality].entries()) {
    const offset = 8 + kind * BLOCK_BYTES;
    payload[offset] = kind;
    payload[offset + 3] = BLOCK_BYTES;
    payload[offset + 4] = algorithm;
  }
  return payload;
}

/** Reads the payload of an open session response. @throws PROTOCOL_FAULT */
export function decodeOpenSessionResponse(payload: Uint8Array): HandshakeAnswer<OpenSessionBody> {
  return decodeHandshakeAnswer('open session response', payload, RESPONSE_BYTES, (bytes) => ({
    maximumPrivilegeLevel: bytes[2] ?? 0,
    bmcSessionId: bytes.readUInt32LE(8),
    authentication: bytes[16] ?? 0,
    integrity: bytes[24] ?? 0,
    confidentiality: bytes[32] ?? 0,
  }));
}

/** Reads what all answers of the handshake have in common; a controller that declines may stop after the status. @throws PROTOCOL_FAULT */
export function decodeHandshakeAnswer<Body>(
  step: string, payload: Uint8Array, wholeBytes: number, readBody: (bytes: Buffer) => Body,
): HandshakeAnswer<Body> {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (bytes.length < SHORTEST_ANSWER_BYTES) throw protocolFault(step, 'a tag and a status', payload);
  const [tag = 0, status = 0] = bytes;
  if (status === 0 && bytes.length < wholeBytes) throw protocolFault(step, `at least ${wholeBytes} bytes`, payload, HEAD_BYTES);
  return {
    tag,
    status,
    consoleSessionId: bytes.length >= HEAD_BYTES ? bytes.readUInt32LE(4) : undefined,
    body: status === 0 ? readBody(bytes) : null,
  };
}
