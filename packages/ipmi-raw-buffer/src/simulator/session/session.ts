import { createHash } from 'node:crypto';
import type { StoredUser } from '../records/users.js';
import { double, join, zeroSum } from '../wire/bytes.js';
import { AUTH_TYPE, PAYLOAD, type PlusPacket, writeLegacy } from '../wire/packet.js';
import { deriveKeys, openPacket, type Refusal, sealPacket, type SessionKeys } from '../wire/protection.js';
import { nextSequence, type SequenceWindow } from '../wire/sequence-window.js';
import type { Suite } from '../wire/suites.js';
import { AnswerMemory } from './answer-memory.js';

/** Where a console is. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** How packets of one session are made. */
export interface Protection {
  readonly protocol: '1.5' | '2.0';
  /** Whether what somebody else makes can be told from what the BMC makes. */
  readonly isChecked: boolean;
  /** Whether payloads can be encrypted. */
  readonly encrypts: boolean;
  /** Checks and opens a packet of the console; of IPMI 2.0 only. */
  open(packet: PlusPacket): Uint8Array | Refusal;
  seal(payloadType: number, sequence: number, payload: Uint8Array, encrypted: boolean): Buffer;
  /** The same packet as somebody would make it who knows everything but the keys. */
  forge(payloadType: number, sequence: number, payload: Uint8Array): Buffer;
}

/** Of IPMI 2.0. @param consoleId what the console calls the session */
export function plusProtection(suite: Suite, keys: SessionKeys, consoleId: number): Protection {
  const seal = (used: SessionKeys, payloadType: number, sequence: number, payload: Uint8Array, encrypted: boolean): Buffer =>
    sealPacket(suite, used, { payloadType, sessionId: consoleId, sequence, payload, encrypted });
  return {
    protocol: '2.0',
    isChecked: suite.packetCheckLength > 0,
    encrypts: suite.encrypts,
    open: (packet) => openPacket(suite, keys, packet),
    seal: (...packet) => seal(keys, ...packet),
    forge: (payloadType, sequence, payload) => seal(deriveKeys(suite, Buffer.alloc(20, 0x5a)), payloadType, sequence, payload, true),
  };
}

export interface LegacySecrets {
  readonly sessionId: number;
  /** Type of the checks; none: packets are not checked one by one. */
  readonly authType: number;
  /** 16 bytes. */
  readonly password: Uint8Array;
}

/** The check of a packet of IPMI 1.5. Source: IPMI 1.5, section 18.15.1. */
export function legacyCode({ sessionId, authType, password }: LegacySecrets, sequence: number, message: Uint8Array): Buffer {
  if (authType === AUTH_TYPE.none) return Buffer.alloc(0);
  if (authType === AUTH_TYPE.password) return Buffer.from(password);
  return createHash('md5').update(join(password, double(sessionId), message, double(sequence), password)).digest();
}

/** Of IPMI 1.5, which knows no payloads but messages. */
export function legacyProtection(secrets: LegacySecrets): Protection {
  const { sessionId, authType } = secrets;
  const seal = (used: LegacySecrets, sequence: number, message: Uint8Array): Buffer =>
    writeLegacy({ authType, sequence, sessionId, authCode: legacyCode(used, sequence, message), message });
  return {
    protocol: '1.5',
    isChecked: authType !== AUTH_TYPE.none,
    encrypts: false,
    open: () => 'malformed',
    seal: (_payloadType, sequence, message) => seal(secrets, sequence, message),
    forge: (_payloadType, sequence, message) => seal({ ...secrets, password: Buffer.alloc(16, 0x5a) }, sequence, message),
  };
}

export interface SessionFields {
  /** What the BMC calls it. */
  readonly id: number;
  /** Its number in the table, 1..63. */
  readonly handle: number;
  readonly user: StoredUser;
  /** The highest level it may rise to. */
  readonly privilegeLimit: number;
  readonly protection: Protection;
  readonly window: SequenceWindow;
  /** Number of the last packet to the console. */
  readonly lastSent: number;
  readonly peer: Peer;
}

/** Level that a session begins with. Source: IPMI 1.5, section 18.16. */
const FIRST_PRIVILEGE = 2;

/** An open session. */
export class Session {
  readonly id: number;
  readonly handle: number;
  readonly user: StoredUser;
  readonly privilegeLimit: number;
  readonly protection: Protection;
  readonly window: SequenceWindow;
  readonly answers = new AnswerMemory();
  peer: Peer;
  privilege: number;
  lastSeenMs = 0;
  #sent: number;

  constructor(fields: SessionFields) {
    ({ id: this.id, handle: this.handle, user: this.user, privilegeLimit: this.privilegeLimit } = fields);
    ({ protection: this.protection, window: this.window, peer: this.peer, lastSent: this.#sent } = fields);
    this.privilege = Math.min(FIRST_PRIVILEGE, fields.privilegeLimit);
  }

  /** The next packet to the console. */
  seal(payloadType: number, payload: Uint8Array, encrypted = true): Buffer {
    this.#sent = nextSequence(this.#sent);
    return this.protection.seal(payloadType, this.#sent, payload, encrypted);
  }

  /** What somebody else would send in place of the next packet: a message that says something else; undefined where nothing would tell it apart. */
  forge(payloadType: number, payload: Uint8Array): Buffer | undefined {
    if (!this.protection.isChecked) return undefined;
    const other = payloadType === PAYLOAD.message ? alterAnswer(payload) : payload.map((byte) => byte ^ 0xff);
    return this.protection.forge(payloadType, nextSequence(this.#sent), other);
  }
}

/** A sound message with another last byte of data. */
function alterAnswer(message: Uint8Array): Uint8Array {
  const altered = Uint8Array.from(message);
  const last = altered.length - 2;
  altered[last] = (altered[last] ?? 0) ^ 0x01;
  altered[last + 1] = zeroSum(altered.subarray(3, last + 1));
  return altered;
}
