import type { OpenedPacket } from '../lan/protection.js';
import type { SessionFacts } from './client-types.js';

/** Why a packet was dropped; the counter of the client has the same name. */
export type DropReason = 'forged' | 'replayed' | 'unexpected';

/** The protection that a handshake agreed on, for both directions. */
export interface Session {
  readonly facts: SessionFacts;
  /** Id that the controller gave the session. */
  readonly bmcSessionId: number;
  /** Whether packets prove who made them and that nobody changed them. */
  readonly proves: boolean;
  /** The longest IPMI message that fits into a packet. Bytes. */
  readonly longestMessage: number;
  /** A whole datagram, under the next session sequence number. */
  seal(payloadType: number, payload: Uint8Array): Uint8Array;
  open(datagram: Uint8Array): OpenedPacket | DropReason;
}
