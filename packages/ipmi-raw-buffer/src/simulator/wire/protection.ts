import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { byteAt, join } from './bytes.js';
import { type PlusPacket, writePlus, writePlusBody } from './packet.js';
import type { Suite } from './suites.js';

/** Secrets of one session of 2.0. */
export interface SessionKeys {
  /** For the check of RAKP message 4. */
  readonly sessionKey: Buffer;
  readonly integrityKey: Buffer;
  /** First 16 bytes: the key of AES. */
  readonly encryptionKey: Buffer;
}

/** A keyed hash by the suite; empty when the suite has none. */
export function keyedHash(suite: Suite, key: Uint8Array, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  return suite.hash === undefined ? Buffer.alloc(0) : createHmac(suite.hash, key).update(join(...parts)).digest();
}

/** Source: IPMI 2.0, sections 13.31 and 13.32. The constants have 20 bytes whatever the hash. */
export function deriveKeys(suite: Suite, sessionKey: Buffer): SessionKeys {
  return {
    sessionKey,
    integrityKey: keyedHash(suite, sessionKey, Buffer.alloc(20, 0x01)),
    encryptionKey: keyedHash(suite, sessionKey, Buffer.alloc(20, 0x02)).subarray(0, 16),
  };
}

/** Compares without telling by its time how much was right. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

const BLOCK = 16;

/** Initial value, then AES-CBC over payload, pad 01 02 03 ... and its length. Source: IPMI 2.0, section 13.29. */
function encrypt(keys: SessionKeys, payload: Uint8Array): Buffer {
  const padLength = (BLOCK - ((payload.length + 1) % BLOCK)) % BLOCK;
  const pad = Uint8Array.from({ length: padLength + 1 }, (_, index) => (index === padLength ? padLength : index + 1));
  const initial = randomBytes(BLOCK);
  const cipher = createCipheriv('aes-128-cbc', keys.encryptionKey, initial).setAutoPadding(false);
  return Buffer.concat([initial, cipher.update(join(payload, pad)), cipher.final()]);
}

/** The payload; undefined when it is no whole number of blocks or its pad is wrong. */
function decrypt(keys: SessionKeys, payload: Uint8Array): Uint8Array | undefined {
  if (payload.length < 2 * BLOCK || payload.length % BLOCK !== 0) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', keys.encryptionKey, payload.subarray(0, BLOCK)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(payload.subarray(BLOCK)), decipher.final()]);
  const padLength = byteAt(plain, plain.length - 1);
  const end = plain.length - 1 - padLength;
  if (padLength >= BLOCK || end < 0) return undefined;
  const padIsSound = plain.subarray(end, -1).every((byte, index) => byte === index + 1);
  return padIsSound ? plain.subarray(0, end) : undefined;
}

/** Why a packet is not taken; the text is what `activity` counts. */
export type Refusal = 'integrity' | 'malformed';

/** Checks and opens a packet of a session. Source: IPMI 2.0, sections 13.28 and 13.29. */
export function openPacket(suite: Suite, keys: SessionKeys, packet: PlusPacket): Uint8Array | Refusal {
  if (suite.packetCheckLength > 0 && !isAuthentic(suite, keys, packet)) return 'integrity';
  if (!packet.encrypted) return packet.payload;
  if (!suite.encrypts) return 'malformed';
  return decrypt(keys, packet.payload) ?? 'malformed';
}

/** Pad FFh, its length, next header 07h, check. The check covers everything before itself. */
function isAuthentic(suite: Suite, keys: SessionKeys, { authenticated, covered, trailer }: PlusPacket): boolean {
  const checkLength = suite.packetCheckLength;
  if (!authenticated || trailer.length < checkLength + 2) return false;
  const padAndHeader = trailer.subarray(0, -checkLength);
  if ((covered.length + padAndHeader.length) % 4 !== 0) return false;
  const expected = keyedHash(suite, keys.integrityKey, covered, padAndHeader).subarray(0, checkLength);
  return sameBytes(expected, trailer.subarray(-checkLength));
}

export interface Outgoing {
  readonly payloadType: number;
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Whether to encrypt where the suite can. Default true. */
  readonly encrypted?: boolean;
}

/** Protects a packet of a session as its suite says. */
export function sealPacket(suite: Suite, keys: SessionKeys, { encrypted: wanted = true, ...outgoing }: Outgoing): Buffer {
  const encrypted = suite.encrypts && wanted;
  const authenticated = suite.packetCheckLength > 0;
  const payload = encrypted ? encrypt(keys, outgoing.payload) : outgoing.payload;
  const body = writePlusBody({ ...outgoing, encrypted, authenticated, payload });
  if (!authenticated) return writePlus(body);
  const padLength = (4 - ((body.length + 2) % 4)) % 4;
  const padAndHeader = join(Buffer.alloc(padLength, 0xff), [padLength, 0x07]);
  const check = keyedHash(suite, keys.integrityKey, body, padAndHeader).subarray(0, suite.packetCheckLength);
  return writePlus(body, join(padAndHeader, check));
}
