import { randomBytes } from 'node:crypto';
import type { ActivityCounts } from '../activity.js';
import { CODE, type ControllerReply, accept, decline } from '../controller.js';
import { passwordBytes, type StoredUser, type UserTable } from '../records/users.js';
import { byteAt, double, readDouble } from '../wire/bytes.js';
import { type IncomingMessage, writeAnswer } from '../wire/message.js';
import { AUTH_TYPE, type LegacyPacket, writeLegacy } from '../wire/packet.js';
import { sameBytes } from '../wire/protection.js';
import { createSequenceWindow, LEGACY_WINDOW } from '../wire/sequence-window.js';
import { legacyCode, legacyProtection, type LegacySecrets, type Peer } from './session.js';
import type { SessionTable } from './session-table.js';

export interface LegacyHandshakeHost {
  /** Types that may be used: MD5, password, or both. */
  readonly authTypes: ReadonlySet<number>;
  readonly perMessageAuthentication: boolean;
  readonly users: UserTable;
  readonly sessions: SessionTable;
  readonly counts: ActivityCounts;
}

/** Completion codes of the two commands. Source: IPMI 1.5, tables 18-18 and 18-20. */
const REFUSAL = { invalidName: 0x81, nullUserDisabled: 0x82, noSlot: 0x81, sequenceOutOfRange: 0x84, tooHigh: 0x86 } as const;

/** A challenge that was given. */
interface Challenged {
  readonly secrets: LegacySecrets;
  readonly user: StoredUser;
  readonly challenge: Uint8Array;
  /** After it was answered. */
  activated?: { readonly request: Buffer; readonly response: Buffer };
}

/** Challenges that are open; the oldest gives way. */
const MOST_CHALLENGES = 16;
const PASSWORD_LENGTH = 16;

/** Opens sessions of IPMI 1.5. Sources: IPMI 1.5, sections 18.14 and 18.15. */
export class LegacyHandshake {
  readonly #host: LegacyHandshakeHost;
  #challenges: Map<number, Challenged> | undefined;

  constructor(host: LegacyHandshakeHost) {
    this.#host = host;
  }

  /** Get Session Challenge. */
  challenge({ data }: IncomingMessage): ControllerReply {
    if (data.length < 17) return decline(CODE.lengthInvalid);
    const authType = byteAt(data, 0) & 0x0f;
    if (!this.#host.authTypes.has(authType)) return decline(CODE.invalidField);
    const name = Buffer.from(data.subarray(1, 17)).toString('utf8').replace(/\0+$/, '');
    const user = this.#host.users.find(name, 0, true);
    if (user === undefined) {
      this.#host.counts.authenticationAttempts += 1;
      return decline(name === '' ? REFUSAL.nullUserDisabled : REFUSAL.invalidName);
    }
    const sessionId = this.#host.sessions.freeId();
    const challenge = randomBytes(16);
    this.#challenges ??= new Map();
    this.#challenges.set(sessionId, { secrets: { sessionId, authType, password: passwordBytes(user, PASSWORD_LENGTH) }, user, challenge });
    const [oldest] = this.#challenges.keys();
    if (this.#challenges.size > MOST_CHALLENGES && oldest !== undefined) this.#challenges.delete(oldest);
    return accept(...double(sessionId), ...challenge);
  }

  /** Whether a packet belongs to a challenge that was given. */
  knows(sessionId: number): boolean {
    return this.#challenges?.has(sessionId) === true;
  }

  /** The answer to Activate Session; undefined when the packet is not authentic. @param busy say that there is no room */
  activate(packet: LegacyPacket, request: IncomingMessage, peer: Peer, busy: boolean): Buffer | undefined {
    const challenged = this.#challenges?.get(packet.sessionId);
    if (challenged === undefined) return undefined;
    const { secrets, challenge } = challenged;
    if (challenged.activated?.request.equals(packet.message) === true) {
      this.#host.counts.duplicates += 1;
      return challenged.activated.response;
    }
    this.#host.counts.authenticationAttempts += 1;
    const code = legacyCode(secrets, packet.sequence, packet.message);
    const isAuthentic = packet.authType === secrets.authType && sameBytes(code, packet.authCode);
    if (!isAuthentic || !sameBytes(challenge, request.data.subarray(2, 18))) {
      this.#host.counts.dropped.integrity += 1;
      return undefined;
    }
    const answer = (reply: ControllerReply): Buffer => {
      const message = writeAnswer(request, reply);
      const sequence = request.data.length >= 22 ? readDouble(request.data, 18) : 0;
      return writeLegacy({ authType: secrets.authType, sequence, sessionId: secrets.sessionId, authCode: legacyCode(secrets, sequence, message), message });
    };
    const reply = this.#admit(challenged, request, peer, busy);
    const response = answer(reply);
    if (reply.completionCode === 0) challenged.activated = { request: Buffer.from(packet.message), response };
    return response;
  }

  #admit({ secrets, user }: Challenged, { data }: IncomingMessage, peer: Peer, busy: boolean): ControllerReply {
    if (data.length < 22) return decline(CODE.lengthInvalid);
    const [authType, privilege] = [byteAt(data, 0) & 0x0f, byteAt(data, 1) & 0x0f];
    const firstSequence = readDouble(data, 18);
    if (authType !== secrets.authType) return decline(CODE.invalidField);
    if (busy) return decline(REFUSAL.noSlot);
    if (firstSequence === 0) return decline(REFUSAL.sequenceOutOfRange);
    if (privilege === 0 || privilege > user.privilege) return decline(REFUSAL.tooHigh);
    const id = this.#host.sessions.freeId();
    const inbound = randomBytes(4).readUInt32LE() | 1;
    const authTypeAfter = this.#host.perMessageAuthentication ? authType : AUTH_TYPE.none;
    const session = this.#host.sessions.add({
      id,
      user,
      privilegeLimit: privilege,
      protection: legacyProtection({ ...secrets, sessionId: id, authType: authTypeAfter }),
      window: createSequenceWindow(LEGACY_WINDOW, inbound - 1),
      // The answer to this request carries the first number.
      lastSent: firstSequence,
      peer,
    });
    if (session === undefined) return decline(REFUSAL.noSlot);
    this.#host.counts.sessionsOpened += 1;
    return accept(authTypeAfter, ...double(id), ...double(inbound), privilege);
  }
}
