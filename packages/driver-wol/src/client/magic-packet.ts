import { FerricError, invalidOptions, macAddressBytes, type Secret } from '@ferric/core';
import { formatSecureOn, parseSecureOn, SECURE_ON_EXPECTED } from './secureon.js';

const SYNCHRONISATION_BYTES = 6;
const MAC_BYTES = 6;
const REPETITIONS = 16;
/** Lengths of what may follow the pattern. */
const SECURE_ON_BYTES = [0, 4, 6] as const;

/** Length of a magic packet without a SecureOn password. Bytes. */
export const MAGIC_PACKET_BYTES: number = SYNCHRONISATION_BYTES + REPETITIONS * MAC_BYTES;

/** What a magic packet says. */
export interface MagicPacket {
  /** MAC address of the machine that shall wake, lower case with colons. */
  readonly mac: string;
  /** The SecureOn password behind the address, in canonical notation. */
  readonly secureOn?: Secret;
}

/**
 * The UDP payload that wakes one machine: 102 bytes, or 106 or 108 with a SecureOn password of 4 or 6 bytes.
 * Source: AMD publication 20213, Magic Packet Technology: six bytes FFh, then the address 16 times.
 * @throws INVALID_OPTIONS for a MAC address that no machine owns, or a password of another length.
 */
export function encodeMagicPacket(mac: string, secureOn?: Secret): Uint8Array {
  const address = macAddressBytes(mac);
  const password = secureOn === undefined ? new Uint8Array() : secureOnBytes(secureOn);
  const packet = new Uint8Array(MAGIC_PACKET_BYTES + password.length).fill(0xff, 0, SYNCHRONISATION_BYTES);
  for (let offset = SYNCHRONISATION_BYTES; offset < MAGIC_PACKET_BYTES; offset += MAC_BYTES) packet.set(address, offset);
  packet.set(password, MAGIC_PACKET_BYTES);
  return packet;
}

/**
 * Reads a magic packet from the end of a UDP payload or a whole Ethernet frame: network cards look for the pattern
 * anywhere, so whatever comes before it does not matter. Behind it may stand a SecureOn password and nothing else; a frame
 * must come without its checksum.
 * @throws PROTOCOL_FAULT when the bytes do not end so, or the address is not one that a machine can have.
 */
export function decodeMagicPacket(bytes: Uint8Array): MagicPacket {
  for (const passwordBytes of SECURE_ON_BYTES) {
    const start = bytes.length - passwordBytes - MAGIC_PACKET_BYTES;
    const address = bytes.subarray(start + SYNCHRONISATION_BYTES, start + SYNCHRONISATION_BYTES + MAC_BYTES);
    if (start < 0 || !isPatternAt(bytes, start) || !isOfOneMachine(address)) continue;
    const mac = Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':');
    return passwordBytes === 0 ? { mac } : { mac, secureOn: formatSecureOn(bytes.subarray(start + MAGIC_PACKET_BYTES)) };
  }
  throw new FerricError(
    'PROTOCOL_FAULT',
    `These ${bytes.length} bytes are not a magic packet: FF six times, the address of one machine 16 times, then nothing or 4 or 6 bytes`,
    { details: { bytes: bytes.length } },
  );
}

/** The packet as it may be shown: the bytes of the SecureOn password are zero. */
export function hideSecureOn(packet: Uint8Array): Uint8Array {
  return packet.slice().fill(0, MAGIC_PACKET_BYTES);
}

function secureOnBytes(secureOn: Secret): Uint8Array {
  const bytes = parseSecureOn(secureOn.reveal());
  if (bytes === undefined) throw invalidOptions('Magic packet', [{ field: 'secureOn', problem: 'invalid', expected: SECURE_ON_EXPECTED }]);
  return bytes;
}

function isPatternAt(bytes: Uint8Array, start: number): boolean {
  const first = start + SYNCHRONISATION_BYTES;
  if (bytes.subarray(start, first).some((byte) => byte !== 0xff)) return false;
  const repetitions = bytes.subarray(first, start + MAGIC_PACKET_BYTES);
  return repetitions.every((byte, index) => index < MAC_BYTES || byte === repetitions[index - MAC_BYTES]);
}

function isOfOneMachine(address: Uint8Array): boolean {
  const ofAGroup = ((address[0] ?? 0) & 1) === 1;
  return !ofAGroup && address.some((byte) => byte !== 0);
}
