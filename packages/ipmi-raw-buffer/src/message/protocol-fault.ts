import { FerricError } from '@ferric/core';

const LONGEST_SHOWN_BYTES = 48;

/**
 * The PROTOCOL_FAULT error for bytes that the protocol does not allow; `details` holds step, expected and the first bytes in hexadecimal.
 * @param step what was being read: `RAKP 2`
 * @param expected what should have come, in words that fit behind "expected"
 */
export function protocolFault(step: string, expected: string, received: Uint8Array): FerricError {
  const shown = Buffer.from(received.buffer, received.byteOffset, Math.min(received.length, LONGEST_SHOWN_BYTES)).toString('hex');
  const text = received.length > LONGEST_SHOWN_BYTES ? `${shown}...` : shown;
  return new FerricError('PROTOCOL_FAULT', `${step}: expected ${expected}, got ${received.length} bytes ${text}`.trimEnd(), {
    details: { step, expected, received: text, receivedBytes: received.length },
  });
}
