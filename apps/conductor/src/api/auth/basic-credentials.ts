import { Secret } from '@ferric/core';
import { faults } from '../../fault.js';

/** What a client says who it is. */
export interface BasicCredentials {
  readonly user: string;
  readonly password: Secret;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a header `Authorization: Basic ...`.
 * Sources: RFC 7617; ironic_lib/auth_basic.py (parse_header, parse_token) for texts and status.
 * @throws RequestFault 400 for what is no such header. No part of it is repeated.
 */
export function readBasicCredentials(header: Secret): BasicCredentials {
  const text = header.reveal().trim();
  const blank = text.search(/\s/);
  if (blank < 0) throw faults.invalid('Could not parse Authorization header');
  // Ironic quotes the scheme; a token that was sent without one would be quoted as well.
  if (text.slice(0, blank).toLowerCase() !== 'basic') throw faults.invalid('Unsupported authorization type: only Basic is accepted');
  const pair = decode(text.slice(blank).trim());
  const end = pair?.indexOf(':') ?? -1;
  // A NUL ends the password for other implementations of bcrypt, so that it would not be the same password there.
  if (pair === undefined || end < 0 || pair.includes('\0')) throw faults.invalid('Could not decode authorization token');
  return { user: pair.slice(0, end), password: new Secret(pair.slice(end + 1)) };
}

function decode(token: string): string | undefined {
  if (!BASE64.test(token)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(token, 'base64'));
  } catch {
    return undefined;
  }
}
