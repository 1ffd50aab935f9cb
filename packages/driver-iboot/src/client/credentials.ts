import { Buffer } from 'node:buffer';
import { invalidOptions, type OptionIssue, Secret } from '@ferric/core';

/** Bytes that a name or password may have: its field holds 21, the last of which is a NUL. Source: AMETEK SA-82-AR manual, DxP header. */
export const CREDENTIAL_BYTES = 20;

/** What a name or password must be, in words. */
export const CREDENTIAL_EXPECTED: string = `a text of at most ${CREDENTIAL_BYTES} bytes in UTF-8, without a NUL`;

/** Who a command is sent as. DxP has no login: both travel with every command. */
export interface DxpCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** Whether a name or password fits into its field. Nothing is ever cut: a cut password would be a wrong one. Empty fits; an iBoot-G2 was driven so. */
export function isCredential(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') <= CREDENTIAL_BYTES && !text.includes('\0');
}

/**
 * Checks credentials as a caller gave them.
 * @throws INVALID_OPTIONS naming `username` or `password`; the password is not shown.
 */
export function checkCredentials(username: string, password: string | Secret): DxpCredentials {
  const secret = Secret.from(password);
  const issues: OptionIssue[] = [];
  if (!isText(username)) issues.push({ field: 'username', problem: 'invalid', expected: CREDENTIAL_EXPECTED, received: JSON.stringify(username) });
  if (!isText(secret.reveal())) issues.push({ field: 'password', problem: 'invalid', expected: CREDENTIAL_EXPECTED });
  if (issues.length > 0) throw invalidOptions('DxP client', issues);
  return { username, password: secret };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isCredential(value);
}

/** Whether two commands go out under the same name and password. */
export function sameCredentials(one: DxpCredentials, other: DxpCredentials): boolean {
  return one.username === other.username && one.password.reveal() === other.password.reveal();
}
