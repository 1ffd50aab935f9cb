import { Buffer } from 'node:buffer';
import { FerricError, type JsonObject } from '@ferric/core';
import { describeForeignAnswer } from './foreign-answer.js';

/** TCP port of DxP unless it was set otherwise at the unit. Source: AMETEK SA-82-AR manual, DxP chapter. */
export const DXP_PORT = 9100;

/** Most relays of a unit: the command that sets all of them has room for 32. Source: AMETEK SA-82-AR manual, changeRelays. */
export const MOST_RELAYS = 32;

/** Longest pulse. Seconds; its field has 16 bits. */
export const LONGEST_PULSE_S = 65_535;

export type RelayState = 'on' | 'off';

/** What a client may ask for. `relay` is the number as it goes over the wire. */
export type DxpCommand =
  | { readonly kind: 'set relay'; readonly relay: number; readonly state: RelayState }
  | { readonly kind: 'pulse relay'; readonly relay: number; readonly state: RelayState; readonly widthSeconds: number }
  | { readonly kind: 'read relays' }
  | { readonly kind: 'keep alive' };

/** What stands in the header of a command. The password is in clear: such bytes are made to be sent, never to be shown. */
export interface DxpHeader {
  readonly username: string;
  readonly password: string;
  readonly sequence: number;
}

/**
 * Layout of the header. Source: AMETEK SA-82-AR manual, DxP chapter; lwfitzgerald/python-iboot, iboot.py (struct '<B21s21sBBH').
 * Offsets and lengths in bytes.
 */
const HEADER = { length: 47, username: 1, password: 22, credential: 21, descriptor: 43, sequence: 45 } as const;

/** Command and descriptor numbers, from the same sources. */
const CODES: Readonly<Record<DxpCommand['kind'], { readonly command: number; readonly descriptor: number }>> = {
  'set relay': { command: 3, descriptor: 1 },
  'read relays': { command: 3, descriptor: 4 },
  'pulse relay': { command: 3, descriptor: 7 },
  'keep alive': { command: 4, descriptor: 0 },
};

/** On and off as working clients send them; the manual has 1 to energize and 2 to relax. */
const STATE_BYTES: Readonly<Record<RelayState, number>> = { on: 1, off: 0 };

/** What a client says first. */
export function encodeHello(): Uint8Array {
  return Buffer.from('hello-000', 'ascii');
}

/** The answer to hello, little-endian. @throws PROTOCOL_FAULT for anything but two bytes. */
export function decodeHelloAnswer(answer: Uint8Array, details: JsonObject = {}): number {
  if (answer.length === 2) return Buffer.from(answer).readUInt16LE();
  throw protocolFault('did not answer hello as DxP does', 'a sequence number of 2 bytes', answer, details);
}

/** A command as it is sent, 47 to 51 bytes. Values are taken as checked. */
export function encodeCommand(command: DxpCommand, { username, password, sequence }: DxpHeader): Uint8Array {
  const { command: code, descriptor } = CODES[command.kind];
  const header = Buffer.alloc(HEADER.length);
  header.writeUInt8(code, 0);
  // One byte less than the field, so that it always ends with a NUL.
  header.write(username, HEADER.username, HEADER.credential - 1, 'utf8');
  header.write(password, HEADER.password, HEADER.credential - 1, 'utf8');
  header.writeUInt8(descriptor, HEADER.descriptor);
  header.writeUInt16LE(sequence, HEADER.sequence);
  return Buffer.concat([header, encodePayload(command)]);
}

function encodePayload(command: DxpCommand): Uint8Array {
  if (command.kind === 'set relay') return Buffer.from([command.relay, STATE_BYTES[command.state]]);
  if (command.kind !== 'pulse relay') return Buffer.alloc(0);
  const payload = Buffer.from([command.relay, STATE_BYTES[command.state], 0, 0]);
  payload.writeUInt16LE(command.widthSeconds, 2);
  return payload;
}

/** Whether the unit has done what it was told. @throws PROTOCOL_FAULT for anything but one byte of 0 (done) or 1 (failed). */
export function decodeResult(answer: Uint8Array, details: JsonObject = {}): 'done' | 'failed' {
  const [result] = answer;
  if (answer.length === 1 && (result === 0 || result === 1)) return result === 0 ? 'done' : 'failed';
  throw protocolFault('answered a command as DxP does not', 'one byte, 0 or 1', answer, details);
}

/** The states of all relays, the first relay first. @throws PROTOCOL_FAULT for anything but 1 to 32 bytes of 0 (off) or 1 (on). */
export function decodeRelays(answer: Uint8Array, details: JsonObject = {}): readonly RelayState[] {
  const isList = answer.length >= 1 && answer.length <= MOST_RELAYS && answer.every((byte) => byte <= 1);
  if (isList) return Array.from(answer, (byte): RelayState => (byte === 1 ? 'on' : 'off'));
  throw protocolFault('listed its relays as DxP does not', `1 to ${MOST_RELAYS} bytes, each 0 or 1`, answer, details);
}

/** Bytes of an answer that an error shows at most. */
const SHOWN_BYTES = 40;

const ENCRYPTION_HINT =
  'A unit with AES encryption answers so as well: Ferric does not support it, since its rules are not published; switch it off at the unit, and check address and port.';

function protocolFault(what: string, expected: string, answer: Uint8Array, details: JsonObject): FerricError {
  const foreign = describeForeignAnswer(answer);
  const received = `${answer.length} bytes ${Buffer.from(answer.subarray(0, SHOWN_BYTES)).toString('hex')}${answer.length > SHOWN_BYTES ? '...' : ''}`;
  return new FerricError('PROTOCOL_FAULT', `The device ${what}${foreign === undefined ? '' : `: this looks like ${foreign.what}`}`, {
    details: { ...details, expected, received },
    hint: foreign?.hint ?? ENCRYPTION_HINT,
  });
}
