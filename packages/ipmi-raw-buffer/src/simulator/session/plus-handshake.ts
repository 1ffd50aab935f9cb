import { randomBytes } from 'node:crypto';
import type { ActivityCounts } from '../activity.js';
import { passwordBytes, type StoredUser, type UserTable, LONGEST_PASSWORD } from '../records/users.js';
import { byteAt, double, join, readDouble } from '../wire/bytes.js';
import { PAYLOAD, type PlusPacket, writePlus, writePlusBody } from '../wire/packet.js';
import { deriveKeys, keyedHash, sameBytes, type SessionKeys } from '../wire/protection.js';
import { createSequenceWindow, PLUS_WINDOW } from '../wire/sequence-window.js';
import type { Suite } from '../wire/suites.js';
import { type Peer, plusProtection } from './session.js';
import type { SessionTable } from './session-table.js';

/** Codes of RMCP+ and RAKP messages. Source: IPMI 2.0, table 13-15. */
const STATUS = {
  ok: 0x00,
  noResources: 0x01,
  invalidSession: 0x02,
  authenticationAlgorithm: 0x04,
  integrityAlgorithm: 0x05,
  invalidRole: 0x09,
  unauthorizedRole: 0x0a,
  nameLength: 0x0c,
  unauthorizedName: 0x0d,
  integrityCheck: 0x0f,
  confidentialityAlgorithm: 0x10,
  noSuite: 0x11,
  illegalParameter: 0x12,
} as const;

/** What the handshake needs to know of its BMC. */
export interface PlusHandshakeHost {
  readonly suites: readonly Suite[];
  /** Kg; undefined: the user's password stands in for it. */
  readonly kgKey: Buffer | undefined;
  readonly guid: Uint8Array;
  readonly users: UserTable;
  readonly sessions: SessionTable;
  readonly counts: ActivityCounts;
}

/** A session that is being opened. */
interface Opening {
  readonly consoleId: number;
  readonly bmcId: number;
  readonly suite: Suite;
  readonly openRequest: Buffer;
  readonly openResponse: Buffer;
  /** Level asked for in the open request; 0: as high as it gets. */
  readonly wishedRole: number;
  /** After RAKP message 1. */
  named?: Named;
  /** After RAKP message 3. */
  finished?: { readonly request: Buffer; readonly response: Buffer };
}

interface Named {
  readonly request: Buffer;
  readonly response: Buffer;
  readonly user: StoredUser;
  readonly role: number;
  /** Role, length and name as they came: every hash takes them so. */
  readonly roleAndName: Uint8Array;
  readonly consoleRandom: Uint8Array;
  readonly bmcRandom: Uint8Array;
}

/** Sessions that may be half open; the oldest gives way, so that nobody can block the BMC with them. */
const MOST_OPENINGS = 16;
const ROLE_AND_NAME_OFFSET = 24;

/** Opens sessions of IPMI 2.0. Sources: IPMI 2.0, sections 13.17 to 13.24. */
export class PlusHandshake {
  readonly #host: PlusHandshakeHost;
  #openings: Map<number, Opening> | undefined;

  constructor(host: PlusHandshakeHost) {
    this.#host = host;
  }

  /** The answer to a packet of the handshake; undefined: it is none, or nobody is meant. @param busy say that there is no room */
  answer({ payloadType, payload }: PlusPacket, peer: Peer, busy: boolean): Buffer | undefined {
    if (payloadType === PAYLOAD.openRequest) return this.#open(payload, busy);
    if (payloadType === PAYLOAD.rakp1) return this.#takeName(payload, busy);
    return payloadType === PAYLOAD.rakp3 ? this.#finish(payload, peer) : undefined;
  }

  #open(payload: Uint8Array, busy: boolean): Buffer | undefined {
    if (payload.length < 8) return undefined;
    const [tag, role] = [byteAt(payload, 0), byteAt(payload, 1) & 0x0f];
    const consoleId = readDouble(payload, 4);
    const refuse = (status: number): Buffer => packet(PAYLOAD.openResponse, [tag, status, 0, 0], double(consoleId));
    if (payload.length < 32) return refuse(STATUS.illegalParameter);
    const before = [...(this.#openings?.values() ?? [])].find(({ openRequest }) => openRequest.equals(payload));
    if (before !== undefined && !busy) {
      this.#host.counts.duplicates += 1;
      return before.openResponse;
    }
    if (busy || this.#host.sessions.isFull) return refuse(STATUS.noResources);
    if (consoleId === 0) return refuse(STATUS.invalidSession);
    if (role > 5) return refuse(STATUS.invalidRole);
    const suite = this.#chooseSuite(payload);
    if (typeof suite === 'number') return refuse(suite);
    const bmcId = this.#freeId();
    const [authentication, integrity, confidentiality] = suite.algorithms;
    const blocks = [[0, authentication], [1, integrity], [2, confidentiality]].flatMap(([type = 0, algorithm = 0]) => [type, 0, 0, 8, algorithm, 0, 0, 0]);
    const highest = role === 0 ? 4 : role;
    const openResponse = packet(PAYLOAD.openResponse, [tag, STATUS.ok, highest, 0], double(consoleId), double(bmcId), blocks);
    this.#remember({ consoleId, bmcId, suite, openRequest: Buffer.from(payload), openResponse, wishedRole: role });
    return openResponse;
  }

  /** The suite with the algorithms asked for, or why there is none. A block of length 0 leaves the choice to the BMC. */
  #chooseSuite(payload: Uint8Array): Suite | number {
    const wanted = [0, 1, 2].map((block) => {
      const offset = 8 + 8 * block;
      return byteAt(payload, offset + 3) === 0 ? undefined : byteAt(payload, offset + 4) & 0x3f;
    });
    const fits = (suite: Suite, block: number): boolean => wanted[block] === undefined || suite.algorithms[block] === wanted[block];
    // The strongest that fits.
    const found = this.#host.suites.findLast((suite) => [0, 1, 2].every((block) => fits(suite, block)));
    if (found !== undefined) return found;
    const codes = [STATUS.authenticationAlgorithm, STATUS.integrityAlgorithm, STATUS.confidentialityAlgorithm];
    const unknown = codes.find((_, block) => !this.#host.suites.some((suite) => fits(suite, block)));
    return unknown ?? STATUS.noSuite;
  }

  #takeName(payload: Uint8Array, busy: boolean): Buffer | undefined {
    if (payload.length < 28) return undefined;
    const tag = byteAt(payload, 0);
    const opening = this.#openings?.get(readDouble(payload, 4));
    if (opening === undefined) return refuseRakp(PAYLOAD.rakp2, tag, STATUS.invalidSession, 0);
    if (opening.named?.request.equals(payload) === true && !busy) {
      this.#host.counts.duplicates += 1;
      return opening.named.response;
    }
    this.#host.counts.authenticationAttempts += 1;
    const user = busy ? STATUS.noResources : this.#identify(payload, opening);
    if (typeof user === 'number') return refuseRakp(PAYLOAD.rakp2, tag, user, opening.consoleId);

    const { suite, consoleId, bmcId } = opening;
    const { guid } = this.#host;
    const roleAndName = join([byteAt(payload, ROLE_AND_NAME_OFFSET)], payload.subarray(27, 28 + byteAt(payload, 27)));
    const consoleRandom = Uint8Array.from(payload.subarray(8, 24));
    const bmcRandom = randomBytes(16);
    const check = keyedHash(suite, passwordBytes(user, LONGEST_PASSWORD), double(consoleId), double(bmcId), consoleRandom, bmcRandom, guid, roleAndName);
    const response = packet(PAYLOAD.rakp2, [tag, STATUS.ok, 0, 0], double(consoleId), bmcRandom, guid, check);
    const role = byteAt(payload, ROLE_AND_NAME_OFFSET) & 0x0f;
    opening.named = { request: Buffer.from(payload), response, user, role, roleAndName, consoleRandom, bmcRandom };
    delete opening.finished;
    return response;
  }

  /** The user that RAKP message 1 names, or why there is none. */
  #identify(payload: Uint8Array, { wishedRole }: Opening): StoredUser | number {
    const roleByte = byteAt(payload, ROLE_AND_NAME_OFFSET);
    const role = roleByte & 0x0f;
    const nameLength = byteAt(payload, 27);
    if (role === 0 || role > 5) return STATUS.invalidRole;
    if (nameLength > 16 || payload.length < 28 + nameLength) return STATUS.nameLength;
    const name = Buffer.from(payload.subarray(28, 28 + nameLength)).toString('utf8');
    const user = this.#host.users.find(name, role, (roleByte & 0x10) !== 0);
    if (user === undefined) return STATUS.unauthorizedName;
    const tooHigh = role > user.privilege || (wishedRole !== 0 && role > wishedRole);
    return tooHigh ? STATUS.unauthorizedRole : user;
  }

  #finish(payload: Uint8Array, peer: Peer): Buffer | undefined {
    if (payload.length < 8) return undefined;
    const [tag, status] = [byteAt(payload, 0), byteAt(payload, 1)];
    const opening = this.#openings?.get(readDouble(payload, 4));
    if (opening?.named === undefined) return refuseRakp(PAYLOAD.rakp4, tag, STATUS.invalidSession, 0);
    if (opening.finished?.request.equals(payload) === true) {
      this.#host.counts.duplicates += 1;
      return opening.finished.response;
    }
    const give = (code: number): Buffer => {
      this.#openings?.delete(opening.bmcId);
      return refuseRakp(PAYLOAD.rakp4, tag, code, opening.consoleId);
    };
    // The console gives up: no answer. Source: IPMI 2.0, section 13.22.
    if (status !== STATUS.ok) {
      this.#openings?.delete(opening.bmcId);
      return undefined;
    }
    const { suite, consoleId, bmcId, named } = opening;
    const key = passwordBytes(named.user, LONGEST_PASSWORD);
    const expected = keyedHash(suite, key, named.bmcRandom, double(consoleId), named.roleAndName);
    if (!sameBytes(expected, payload.subarray(8, 8 + expected.length))) return give(STATUS.integrityCheck);
    const session = this.#host.sessions.add({
      id: bmcId,
      user: named.user,
      privilegeLimit: named.role,
      protection: plusProtection(suite, this.#keysOf(suite, named), consoleId),
      window: createSequenceWindow(PLUS_WINDOW, 0),
      lastSent: 0,
      peer,
    });
    if (session === undefined) return give(STATUS.noResources);
    this.#host.counts.sessionsOpened += 1;
    const { sessionKey } = this.#keysOf(suite, named);
    const check = keyedHash(suite, sessionKey, named.consoleRandom, double(bmcId), this.#host.guid).subarray(0, suite.handshakeCheckLength);
    const response = packet(PAYLOAD.rakp4, [tag, STATUS.ok, 0, 0], double(consoleId), check);
    opening.finished = { request: Buffer.from(payload), response };
    return response;
  }

  /** Source: IPMI 2.0, section 13.31. */
  #keysOf(suite: Suite, named: Named): SessionKeys {
    const key = this.#host.kgKey ?? passwordBytes(named.user, LONGEST_PASSWORD);
    return deriveKeys(suite, keyedHash(suite, key, named.consoleRandom, named.bmcRandom, named.roleAndName));
  }

  #freeId(): number {
    for (;;) {
      const id = this.#host.sessions.freeId();
      if (this.#openings?.has(id) !== true) return id;
    }
  }

  #remember(opening: Opening): void {
    this.#openings ??= new Map();
    this.#openings.set(opening.bmcId, opening);
    const [oldest] = this.#openings.keys();
    if (this.#openings.size > MOST_OPENINGS && oldest !== undefined) this.#openings.delete(oldest);
  }

  /** The session is over: what opened it need not be kept. */
  forget(bmcId: number): void {
    this.#openings?.delete(bmcId);
  }
}

function refuseRakp(payloadType: number, tag: number, status: number, consoleId: number): Buffer {
  return packet(payloadType, [tag, status, 0, 0], double(consoleId));
}

function packet(payloadType: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  return writePlus(writePlusBody({ payloadType, encrypted: false, authenticated: false, sessionId: 0, sequence: 0, payload: join(...parts) }));
}
