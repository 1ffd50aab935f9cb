import type { OptionIssue } from '@ferric/core';
import { PRIVILEGE_LEVELS, type PrivilegeLevel } from '../client/client-types.js';
import { choiceIssue, nameOf } from './inputs.js';

/** The value of a limit that lets nobody in. Source: IPMI 2.0, section 22.26. */
const NO_ACCESS = 0x0f;

/** What somebody may do at most; `no access` lets him do nothing. */
export type PrivilegeLimit = PrivilegeLevel | 'no access';

const LIMITS: Readonly<Record<PrivilegeLimit, number>> = { ...PRIVILEGE_LEVELS, 'no access': NO_ACCESS };

/** The level in the low four bits; null for one that is not assigned. */
export function decodePrivilegeLimit(byte: number): PrivilegeLimit | null {
  return nameOf(LIMITS, byte & 0x0f) ?? null;
}

export function encodePrivilegeLimit(limit: PrivilegeLimit): number {
  return LIMITS[limit];
}

/** The issue with a limit that is not known. */
export function privilegeLimitIssue(field: string, limit: unknown): readonly OptionIssue[] {
  return choiceIssue(field, limit, LIMITS);
}
