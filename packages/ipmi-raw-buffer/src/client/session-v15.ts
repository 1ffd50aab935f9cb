import { PAYLOAD_TYPES } from '../lan/packet.js';
import { AUTH_TYPES, decodePacketV15, encodePacketV15, isPacketV15, LONGEST_MESSAGE_V15, verifyAuthCode } from '../lan/packet-v15.js';
import type { OpenedPacket } from '../lan/protection.js';
import { nextSequence, SequenceWindow } from '../lan/sequence-window.js';
import type { PrivilegeLevel, SessionFacts } from './client-types.js';
import type { DropReason, Session } from './session.js';

/** What the handshake of IPMI 1.5 ends with. */
export interface AgreementV15 {
  /** Of all packets from now on; none when the controller does without. */
  readonly authType: number;
  readonly sessionId: number;
  /** Of the first packet to the controller. */
  readonly firstSequence: number;
  /** 16 bytes, padded with zeros. */
  readonly password: Uint8Array;
  readonly privilegeLevel: PrivilegeLevel;
}

/** A session of IPMI 1.5: packets are proved, if at all, but never encrypted. */
export class SessionV15 implements Session {
  readonly facts: SessionFacts;
  readonly bmcSessionId: number;
  readonly longestMessage = LONGEST_MESSAGE_V15;
  readonly #agreement: AgreementV15;
  readonly #window = new SequenceWindow();
  #next: number;

  constructor(agreement: AgreementV15) {
    this.facts = { protocol: '1.5', cipherSuite: null, privilegeLevel: agreement.privilegeLevel, guid: null };
    this.bmcSessionId = agreement.sessionId;
    this.#agreement = agreement;
    this.#next = agreement.firstSequence;
  }

  get proves(): boolean {
    return this.#agreement.authType === AUTH_TYPES.md5;
  }

  seal(_payloadType: number, payload: Uint8Array): Uint8Array {
    const sequence = this.#next;
    this.#next = nextSequence(sequence);
    return encodePacketV15({ ...this.#agreement, sequence }, payload);
  }

  open(datagram: Uint8Array): OpenedPacket | DropReason {
    if (!isPacketV15(datagram)) return 'unexpected';
    const packet = decodePacketV15(datagram);
    const { authType, sessionId, password } = this.#agreement;
    if (packet.sessionId !== sessionId) return 'forged';
    // Without authentication per message some controllers send a code all the same.
    if (packet.authCode === null ? authType !== AUTH_TYPES.none : !verifyAuthCode(packet, password)) return 'forged';
    if (!this.#window.accept(packet.sequence)) return 'replayed';
    return { payloadType: PAYLOAD_TYPES.ipmi, sequence: packet.sequence, payload: packet.message };
  }
}
