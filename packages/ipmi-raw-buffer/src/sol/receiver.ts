import type { BmcPacket } from './packet.js';

export interface ReceiverSettings {
  /** So much unread makes the controller wait: half of it stops the machine, all of it refuses packets. Bytes. */
  readonly unreadLimitBytes: number;
}

/** The half of serial over LAN that receives. */
export interface ReceiverState {
  /** Sequence of the last packet, and how many of its characters were taken; 0 before the first. */
  readonly lastSequence: number;
  readonly lastAccepted: number;
  readonly lastRefused: boolean;
  /** Bytes that nobody has read yet. */
  readonly unread: number;
  /** The machine has been told to wait. */
  readonly paused: boolean;
}

export const INITIAL_RECEIVER: ReceiverState = { lastSequence: 0, lastAccepted: 0, lastRefused: false, unread: 0, paused: false };

/** What a packet is answered with. */
export interface Acknowledgement {
  readonly acknowledged: number;
  readonly accepted: number;
  readonly nack: boolean;
}

export interface ReceiverStep {
  readonly state: ReceiverState;
  /** New characters for the reader. */
  readonly characters: Uint8Array | null;
  readonly acknowledgement: Acknowledgement | null;
}

/**
 * Takes a packet. Source: IPMI 2.0, section 15: the same sequence twice is the same packet, acknowledged again and delivered once.
 * A packet is taken as a whole or not at all. One that was not taken stays so when it comes again: the controller, told so already, may be sending
 * the same characters under a new sequence.
 */
export function takePacket(state: ReceiverState, packet: Pick<BmcPacket, 'sequence' | 'characters'>, settings: ReceiverSettings): ReceiverStep {
  const { sequence, characters } = packet;
  if (sequence === 0) return { state, characters: null, acknowledgement: null };
  if (sequence === state.lastSequence) return { state, characters: null, acknowledgement: acknowledge(state) };
  const refused = characters.length > 0 && state.unread >= settings.unreadLimitBytes;
  const unread = refused ? state.unread : state.unread + characters.length;
  const next: ReceiverState = {
    lastSequence: sequence,
    // The count has one byte: no controller that keeps to the sizes it told sends more.
    lastAccepted: refused ? 0 : Math.min(characters.length, 255),
    lastRefused: refused,
    unread,
    paused: state.paused || unread >= settings.unreadLimitBytes / 2,
  };
  return { state: next, characters: refused || characters.length === 0 ? null : characters, acknowledgement: acknowledge(next) };
}

function acknowledge({ lastSequence, lastAccepted, lastRefused, paused }: ReceiverState): Acknowledgement {
  return { acknowledged: lastSequence, accepted: lastAccepted, nack: lastRefused && paused };
}

/** Somebody has read so many bytes. `released` when the machine may go on and has to be told so. */
export function takeUnread(state: ReceiverState, bytes: number, settings: ReceiverSettings): { readonly state: ReceiverState; readonly released: boolean } {
  const unread = Math.max(0, state.unread - bytes);
  const released = state.paused && unread <= settings.unreadLimitBytes / 4;
  return { state: { ...state, unread, paused: state.paused && !released }, released };
}
