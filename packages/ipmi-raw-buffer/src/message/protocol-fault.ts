import { FerricError } from '@ferric/core';

const LONGEST_SHOWN_BYTES = 48;

/**
 * The PROTOCOL_FAULT error for bytes that the protocol does not allow; `details` holds step, expected and the first bytes in hexadecimal.
 * @param step what was being read: `RAKP 2`
 * @param expected what should have come, in words that fit behind "expected"
 * @param shownBytes how many bytes are shown at most; fewer than 48 where a secret may follow
 */
export function protocolFault(step: string, expected: string, received: Uint8Array, shownBytes: number = LONGEST_SHOWN_BYTES): FerricError {
  const shown = Buffer.from(received.buffer, received.byteOffset, Math.min(received.length, shownBytes)).toString('hex');
  const text = received.length > shownBytes ? `${shown}...` : shown;
  return new FerricError('PROTOCOL_FAULT', `${step}: expected ${expected}, got ${received.length} bytes ${text}`.trimEnd(), {
    details: { step, expected, received: text, receivedBytes: received.length },
  });
}
