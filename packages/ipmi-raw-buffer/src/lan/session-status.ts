import type { FerricErrorCode } from '@ferric/core';

/** What a status in an open session response or RAKP message says, and the class of reaction that it asks for. */
export interface SessionStatus {
  readonly text: string;
  readonly code: FerricErrorCode;
  readonly hint?: string;
}

const FULL_HINT = 'The BMC has few sessions; close those of other tools or wait a minute, after which it forgets idle ones.';
const REPEATED_HINT = 'The password is right. A slow BMC may have mixed up two packets: wait longer for the first answer (retry.firstWaitMs).';
const SUITE_HINT = 'Choose a cipher suite that the BMC has enabled.';

/** Source: IPMI 2.0, table 13-15; FreeIPMI 1.6.10, RMCP+ status codes. */
const STATUSES: Readonly<Record<number, SessionStatus>> = {
  0x01: { text: 'no resources for another session', code: 'BUSY', hint: FULL_HINT },
  0x02: { text: 'invalid session id', code: 'PROTOCOL_FAULT' },
  0x03: { text: 'invalid payload type', code: 'UNSUPPORTED' },
  0x04: { text: 'authentication algorithm not accepted', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x05: { text: 'integrity algorithm not accepted', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x06: { text: 'no matching authentication payload', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x07: { text: 'no matching integrity payload', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x08: { text: 'session id is not active', code: 'PROTOCOL_FAULT' },
  0x09: { text: 'invalid role', code: 'AUTH_FAILED', hint: 'Ask for a lower privilege level.' },
  0x0a: { text: 'this user may not have the privilege level', code: 'AUTH_FAILED', hint: 'Ask for a lower privilege level, or allow it to the user on this channel.' },
  0x0b: { text: 'no resources for another session at this privilege level', code: 'BUSY', hint: FULL_HINT },
  0x0c: { text: 'invalid length of the user name', code: 'PROTOCOL_FAULT' },
  0x0d: { text: 'user name not accepted', code: 'AUTH_FAILED', hint: 'Check the user name, and that the user is enabled on this channel.' },
  0x0e: { text: 'GUID not accepted', code: 'PROTOCOL_FAULT' },
  // The BMC says so of RAKP 3, and has proven in RAKP 2 that it knows the same password.
  0x0f: { text: 'integrity check value not accepted', code: 'PROTOCOL_FAULT', hint: REPEATED_HINT },
  0x10: { text: 'confidentiality algorithm not accepted', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x11: { text: 'no cipher suite matches', code: 'UNSUPPORTED', hint: SUITE_HINT },
  0x12: { text: 'illegal or unrecognised parameter', code: 'PROTOCOL_FAULT' },
};

/** Statuses by which a controller declines a cipher suite once a session is agreed on. */
export const SUITE_REFUSALS: ReadonlySet<number> = new Set([0x04, 0x05, 0x06, 0x07, 0x10, 0x11]);
/** Statuses of an open session response that no other cipher suite would change. Of the others, controllers use what they like for a suite that they do not know. */
export const SUITE_INDEPENDENT: ReadonlySet<number> = new Set([0x01, 0x09, 0x0a, 0x0b]);
/** Statuses of a controller that knows nothing of this handshake any more: starting over may help. */
export const HANDSHAKE_FORGOTTEN: ReadonlySet<number> = new Set([0x02, 0x08]);
/** The status by which either side tells that the code of the other was wrong. */
export const INTEGRITY_CHECK_FAILED = 0x0f;

/** Tells a status other than 0. Unknown ones are PROTOCOL_FAULT. */
export function explainSessionStatus(status: number): SessionStatus {
  return STATUSES[status] ?? { text: 'unknown status', code: 'PROTOCOL_FAULT' };
}
