import { FerricError, invalidOptions } from '@ferric/core';
import type { SaslCredentials } from './mechanism.js';

/** The daemon broke the rules of the mechanism. */
export function saslFault(mechanism: string, problem: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The daemon's ${mechanism} data cannot be used: ${problem}`, { details: { mechanism } });
}

/** The daemon did not show that it knows the password: it may be somebody else. */
export function serverNotProven(mechanism: string, problem: string): FerricError {
  return new FerricError('AUTH_FAILED', `The daemon did not prove that it knows the password (${mechanism}): ${problem}`, {
    details: { mechanism },
    hint: 'Check that the address is right: whoever answers there is not the daemon that this account belongs to.',
  });
}

/** The daemon asks for something that is not spoken here. */
export function saslUnsupported(mechanism: string, problem: string, hint: string): FerricError {
  return new FerricError('UNSUPPORTED', `${mechanism} cannot be used with this daemon: ${problem}`, { details: { mechanism }, hint });
}

/**
 * Says that no mechanism can carry these credentials: empty, with a NUL byte (RFC 4616 §2, RFC 5802 §5.1), or not valid Unicode.
 * @throws INVALID_OPTIONS naming the field; never its value.
 */
export function checkCredentials(credentials: SaslCredentials): void {
  const values = { username: credentials.username, password: credentials.password.reveal() };
  const issues = Object.entries(values)
    .filter(([, value]) => value === '' || value.includes('\0') || !value.isWellFormed())
    .map(([field]) => ({ field: `credentials.${field}`, problem: 'invalid' as const, expected: 'a text that is not empty and has no NUL character' }));
  if (issues.length > 0) throw invalidOptions('SASL credentials', issues);
}
