import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.js';
import { decodeHandshakeAnswer, type HandshakeAnswer } from './open-session.js';

/** Bit of the role byte: the user is looked up by name alone, not by name and privilege level. Source: IPMI 2.0, table 13-11. */
export const NAME_ONLY_LOOKUP = 0x10;
export const RANDOM_BYTES = 16;
const RAKP2_BYTES = 40;
const RAKP3_BYTES = 8;
const RAKP4_BYTES = 8;
const KEY_CONSTANT_BYTES = 20;

/** What both sides know once RAKP 2 has come. */
export interface KeyExchange {
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  /** Rm, 16 bytes. */
  readonly consoleRandom: Uint8Array;
  /** Rc, 16 bytes. */
  readonly bmcRandom: Uint8Array;
  readonly guid: Uint8Array;
  /** The role byte of RAKP 1: privilege level, and {@link NAME_ONLY_LOOKUP}. */
  readonly role: number;
  /** At most 16 bytes. */
  readonly username: Uint8Array;
}

export interface Rakp1 extends Pick<KeyExchange, 'bmcSessionId' | 'consoleRandom' | 'role' | 'username'> {
  readonly tag: number;
}

export interface Rakp2Body {
  readonly bmcRandom: Uint8Array;
  readonly guid: Uint8Array;
  readonly code: Uint8Array;
}

/** Keys of a session. Source: IPMI 2.0, sections 13.31 and 13.32. */
export interface SessionKeys {
  /** Session integrity key. */
  readonly sik: KeyObject;
  /** Proves packets. */
  readonly k1: KeyObject;
  /** Its first 16 bytes encrypt. */
  readonly k2: Uint8Array;
}

/** The payload of RAKP 1. Source: IPMI 2.0, table 13-11. */
export function encodeRakp1(message: Rakp1): Buffer {
  const payload = Buffer.alloc(28 + message.username.length);
  payload[0] = message.tag;
  payload.writeUInt32LE(message.bmcSessionId, 4);
  payload.set(message.consoleRandom, 8);
  payload[24] = message.role;
  payload[27] = message.username.length;
  payload.set(message.username, 28);
  return payload;
}

/** Reads the payload of RAKP 2. Source: IPMI 2.0, table 13-12. @throws PROTOCOL_FAULT */
export function decodeRakp2(payload: Uint8Array, suite: CipherSuite): HandshakeAnswer<Rakp2Body> {
  return decodeHandshakeAnswer('RAKP 2', payload, RAKP2_BYTES + suite.keyExchangeBytes, (bytes) => ({
    bmcRandom: bytes.subarray(8, 24),
    guid: bytes.subarray(24, RAKP2_BYTES),
    code: bytes.subarray(RAKP2_BYTES, RAKP2_BYTES + suite.keyExchangeBytes),
  }));
}

/** The payload of RAKP 3; with a status other than 0 it tells the controller to forget the session. Source: IPMI 2.0, table 13-13. */
export function encodeRakp3(message: { readonly tag: number; readonly status: number; readonly bmcSessionId: number; readonly code: Uint8Array }): Buffer {
  const payload = Buffer.alloc(RAKP3_BYTES + message.code.length);
  payload[0] = message.tag;
  payload[1] = message.status;
  payload.writeUInt32LE(message.bmcSessionId, 4);
  payload.set(message.code, RAKP3_BYTES);
  return payload;
}

/** Reads the payload of RAKP 4; its body is the integrity check value. Source: IPMI 2.0, table 13-14. @throws PROTOCOL_FAULT */
export function decodeRakp4(payload: Uint8Array, suite: CipherSuite): HandshakeAnswer<Uint8Array> {
  const wholeBytes = RAKP4_BYTES + suite.integrityCheckBytes;
  return decodeHandshakeAnswer('RAKP 4', payload, wholeBytes, (bytes) => bytes.subarray(RAKP4_BYTES, wholeBytes));
}

/** By which the controller proves that it knows the password. Source: IPMI 2.0, section 13.28. */
export function rakp2Code(suite: CipherSuite, password: KeyObject, exchange: KeyExchange): Uint8Array {
  const { consoleSessionId, bmcSessionId, consoleRandom, bmcRandom, guid } = exchange;
  return code(suite, password, [sessionIdBytes(consoleSessionId), sessionIdBytes(bmcSessionId), consoleRandom, bmcRandom, guid, roleAndName(exchange)]);
}

/** By which the console proves that it knows the password. Source: IPMI 2.0, section 13.28. */
export function rakp3Code(suite: CipherSuite, password: KeyObject, exchange: KeyExchange): Uint8Array {
  return code(suite, password, [exchange.bmcRandom, sessionIdBytes(exchange.consoleSessionId), roleAndName(exchange)]);
}

/** By which the controller proves that it derived the same keys. Source: IPMI 2.0, section 13.28. */
export function rakp4Code(suite: CipherSuite, keys: SessionKeys, exchange: KeyExchange): Uint8Array {
  const { consoleRandom, bmcSessionId, guid } = exchange;
  return code(suite, keys.sik, [consoleRandom, sessionIdBytes(bmcSessionId), guid]).subarray(0, suite.integrityCheckBytes);
}

/** The keys of the session; null where the suite proves nothing. @param key the key of the controller (Kg), or the password in its place */
export function deriveKeys(suite: CipherSuite, key: KeyObject, exchange: KeyExchange): SessionKeys | null {
  if (suite.hash === null) return null;
  const sik = createSecretKey(code(suite, key, [exchange.consoleRandom, exchange.bmcRandom, roleAndName(exchange)]));
  return {
    sik,
    k1: createSecretKey(code(suite, sik, [Buffer.alloc(KEY_CONSTANT_BYTES, 1)])),
    k2: code(suite, sik, [Buffer.alloc(KEY_CONSTANT_BYTES, 2)]),
  };
}

function code(suite: CipherSuite, key: KeyObject, parts: readonly Uint8Array[]): Uint8Array {
  return suite.hash === null ? new Uint8Array(0) : createHmac(suite.hash, key).update(Buffer.concat(parts)).digest();
}

function roleAndName({ role, username }: Pick<KeyExchange, 'role' | 'username'>): Uint8Array {
  return Buffer.from([role, username.length, ...username]);
}

function sessionIdBytes(sessionId: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(sessionId);
  return bytes;
}
