import { FerricError, printValue, type JsonValue } from '@ferric/core';
import { maskMarkup } from './mask-markup.js';

/** The error for an answer that the protocol does not allow. What came is shown shortened and without the passwords and keys in it. */
export function unreadable(problem: string, received?: string, details: Readonly<Record<string, JsonValue>> = {}): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The answer cannot be read: ${problem}`, {
    details: { ...details, ...(received === undefined ? {} : { received: printValue(maskMarkup(received)) }) },
    hint: 'Look at the transcript; the firmware of the iLO may have a fault that is not known yet.',
  });
}
