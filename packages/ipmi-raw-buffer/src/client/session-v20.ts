import { HEADER_BYTES, isPacket, readSessionId } from '../lan/packet.js';
import { type OpenedPacket, Protection } from '../lan/protection.js';
import type { CipherSuite } from '../lan/cipher-suites.js';
import type { SessionKeys } from '../lan/rakp.js';
import { nextSequence, SequenceWindow } from '../lan/sequence-window.js';
import type { PrivilegeLevel, SessionFacts } from './client-types.js';
import type { DropReason, Session } from './session.js';

/** What the handshake of IPMI 2.0 ends with. */
export interface AgreementV20 {
  readonly suite: CipherSuite;
  readonly keys: SessionKeys | null;
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  readonly guid: Uint8Array;
  readonly privilegeLevel: PrivilegeLevel;
}

/** The largest UDP payload that no Ethernet splits: controllers do not put fragments together. */
const LARGEST_DATAGRAM = 1472;
/** What protection adds at most: vector, padding of both kinds, code. */
const LARGEST_PROTECTION = 64;

/** A session of IPMI 2.0. */
export class SessionV20 implements Session {
  readonly facts: SessionFacts;
  readonly bmcSessionId: number;
  readonly longestMessage = LARGEST_DATAGRAM - HEADER_BYTES - LARGEST_PROTECTION;
  readonly #consoleSessionId: number;
  readonly #protection: Protection;
  readonly #window = new SequenceWindow();
  #sequence = 0;

  constructor(agreement: AgreementV20) {
    const { suite, keys, guid, privilegeLevel } = agreement;
    this.facts = { protocol: '2.0', cipherSuite: suite.id, privilegeLevel, guid: Uint8Array.from(guid) };
    this.bmcSessionId = agreement.bmcSessionId;
    this.#consoleSessionId = agreement.consoleSessionId;
    this.#protection = new Protection(suite, keys);
  }

  get proves(): boolean {
    return this.#protection.proves;
  }

  seal(payloadType: number, payload: Uint8Array): Uint8Array {
    this.#sequence = nextSequence(this.#sequence);
    return this.#protection.seal({ payloadType, sessionId: this.bmcSessionId, sequence: this.#sequence }, payload);
  }

  open(datagram: Uint8Array): OpenedPacket | DropReason {
    if (!isPacket(datagram)) return 'unexpected';
    const packet = this.#protection.open(datagram, this.#consoleSessionId);
    // Id 0 is no session: an answer of the handshake that came twice.
    if (packet === undefined) return readSessionId(datagram) === 0 ? 'unexpected' : 'forged';
    return this.#window.accept(packet.sequence) ? packet : 'replayed';
  }
}
