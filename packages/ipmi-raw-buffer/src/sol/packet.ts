import { copyBytes, requireBytes } from '../message/bytes.js';

/** Length of what precedes the characters. Source: IPMI 2.0, section 15. */
export const SOL_HEADER_BYTES = 4;

/** Sequence numbers run from 1 to 15 and start again at 1; 0 is none. Source: IPMI 2.0, section 15. */
export const LAST_SOL_SEQUENCE = 15;

/** One packet to the controller. What is left out is 0, false and nothing. Source: IPMI 2.0, section 15. */
export interface ConsolePacket {
  /** 1..15 when it has to be acknowledged. */
  readonly sequence?: number;
  /** Sequence of the packet that is acknowledged. */
  readonly acknowledged?: number;
  /** How many characters of that packet were taken. */
  readonly accepted?: number;
  /** That packet was not taken, or not as a whole: wait. */
  readonly nack?: boolean;
  readonly ring?: boolean;
  readonly generateBreak?: boolean;
  /** Takes Clear To Send from the serial line, so that the machine waits; holds until a packet comes without it. */
  readonly ctsPause?: boolean;
  readonly dropCarrier?: boolean;
  /** Throws away what the controller has not given to the machine yet. */
  readonly flushInbound?: boolean;
  /** Throws away what the controller has not sent yet. */
  readonly flushOutbound?: boolean;
  readonly characters?: Uint8Array;
}

/** Bits of the fourth byte on the way to the controller. Source: IPMI 2.0, section 15. */
const OPERATIONS = { nack: 0x40, ring: 0x20, generateBreak: 0x10, ctsPause: 0x08, dropCarrier: 0x04, flushInbound: 0x02, flushOutbound: 0x01 } as const;

/** The bytes of a packet to the controller. */
export function encodeConsolePacket(packet: ConsolePacket): Uint8Array {
  const { sequence = 0, acknowledged = 0, accepted = 0, characters = new Uint8Array() } = packet;
  const operations = (Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]).reduce((bits, name) => (packet[name] === true ? bits | OPERATIONS[name] : bits), 0);
  const bytes = new Uint8Array(SOL_HEADER_BYTES + characters.length);
  bytes.set([sequence, acknowledged, accepted, operations]);
  bytes.set(characters, SOL_HEADER_BYTES);
  return bytes;
}

/** One packet from the controller. Source: IPMI 2.0, section 15. */
export interface BmcPacket {
  /** 0: nothing to acknowledge. */
  readonly sequence: number;
  /** 0: acknowledges nothing. */
  readonly acknowledged: number;
  readonly accepted: number;
  readonly nack: boolean;
  /** The machine cannot take characters now. */
  readonly transferUnavailable: boolean;
  /** Serial over LAN ends, or has ended. */
  readonly deactivated: boolean;
  /** Characters of the machine were lost because they could not be sent in time. */
  readonly transmitOverrun: boolean;
  readonly breakDetected: boolean;
  readonly characters: Uint8Array;
}

/**
 * Reads a packet from the controller.
 * @throws PROTOCOL_FAULT for fewer than 4 bytes
 */
export function decodeBmcPacket(data: Uint8Array): BmcPacket {
  const bytes = requireBytes('Serial over LAN', data, SOL_HEADER_BYTES);
  const status = bytes.readUInt8(3);
  return {
    sequence: bytes.readUInt8(0) & 0x0f,
    acknowledged: bytes.readUInt8(1) & 0x0f,
    accepted: bytes.readUInt8(2),
    nack: (status & 0x40) !== 0,
    transferUnavailable: (status & 0x20) !== 0,
    deactivated: (status & 0x10) !== 0,
    transmitOverrun: (status & 0x08) !== 0,
    breakDetected: (status & 0x04) !== 0,
    characters: copyBytes(data, SOL_HEADER_BYTES),
  };
}
