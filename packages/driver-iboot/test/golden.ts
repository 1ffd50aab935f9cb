import { Buffer } from 'node:buffer';

/** Packets for admin/admin after a hello that was answered with 1234, worked out by hand from the published layout. */
const ADMIN_ADMIN = '61646d696e00000000000000000000000000000000'.repeat(2);

export const GOLDEN = {
  hello: '68656c6c6f2d303030',
  helloAnswer: 'd204',
  relay1On: `03${ADMIN_ADMIN}0100d3040101`,
  relay1Off: `03${ADMIN_ADMIN}0100d3040100`,
  readRelays: `03${ADMIN_ADMIN}0400d304`,
  readRelaysSecond: `03${ADMIN_ADMIN}0400d504`,
  pulse1OffFor5s: `03${ADMIN_ADMIN}0700d30401000500`,
  keepAlive: `04${ADMIN_ADMIN}0000d304`,
} as const;

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
