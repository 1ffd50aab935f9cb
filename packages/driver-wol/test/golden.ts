import { Buffer } from 'node:buffer';

/** The packet that the unit test of ironic-staging-drivers' wol driver expects for this address. */
export const GOLDEN_MAC = '52:54:00:cf:2d:31';
export const GOLDEN_PACKET: Uint8Array = fromHex(
  'ffffffffffff' +
    '525400cf2d31525400cf2d31525400cf2d31525400cf2d31' +
    '525400cf2d31525400cf2d31525400cf2d31525400cf2d31' +
    '525400cf2d31525400cf2d31525400cf2d31525400cf2d31' +
    '525400cf2d31525400cf2d31525400cf2d31525400cf2d31',
);

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
