import { type CallOptions, Secret } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import { completionError } from '../message/completion-codes.js';
import type { IpmiRequest, RequestCarrier } from '../message/request.js';
import { choiceIssue, integerIssue, refuseIssues } from './inputs.js';

/** Sources: IPMI 2.0, section 22.30; FreeIPMI 1.6.10, `fill_cmd_set_user_password`. */
const OPERATIONS = { disable: 0, enable: 1, 'set password': 2, 'test password': 3 } as const;
type Operation = keyof typeof OPERATIONS;

/** How many bytes the controller keeps, and how the request says so. */
const SIZES = { 16: 0x00, 20: 0x80 } as const;

/** Completion codes: the password differs, or it was set with the other size. */
const DIFFERS: ReadonlySet<number> = new Set([0x80, 0x81]);

export interface UserPassword {
  /** UTF-8, at most as many bytes as the size. */
  readonly password: Secret | string;
  /** How many bytes the controller keeps. Default 20, which IPMI 1.5 does not have; 16 for a user who shall come by either. */
  readonly size?: keyof typeof SIZES;
}

function passwordRequest(userId: number, operation: Operation, { password, size = 20 }: UserPassword): IpmiRequest {
  refuseIssues('User password', [...integerIssue('userId', userId, 1, 63), ...choiceIssue('size', String(size), SIZES)]);
  const bytes = Buffer.from(Secret.from(password).reveal(), 'utf8');
  const refused = bytes.length > size || bytes.includes(0);
  refuseIssues('User password', refused ? [{ field: 'password', problem: 'invalid', expected: `at most ${size} bytes without NUL` }] : []);
  const data = Buffer.alloc(2 + size);
  data.set([SIZES[size] | userId, OPERATIONS[operation]]);
  data.set(bytes, 2);
  return { netFn: 0x06, command: 0x47, data };
}

/** Gives one user a password. Idempotent. Use a session that encrypts: with IPMI 1.5 it could be read on the way. */
export async function setUserPassword(bmc: RequestCarrier, userId: number, password: UserPassword, options?: CallOptions): Promise<void> {
  await carryOut(bmc, 'Set User Password', passwordRequest(userId, 'set password', password), options);
}

/** Whether this is the user's password, set with this size. Idempotent; sent once, since a controller may count wrong ones. */
export async function testUserPassword(bmc: RequestCarrier, userId: number, password: UserPassword, options?: CallOptions): Promise<boolean> {
  const step = 'Set User Password (test)';
  const request = passwordRequest(userId, 'test password', password);
  const { completionCode } = await bmc.raw(request, { step, ...options, repeatable: false });
  if (completionCode === 0) return true;
  if (DIFFERS.has(completionCode)) return false;
  throw completionError(request, completionCode, bmc.address, step);
}

/** Lets one user in, or keeps him out. Idempotent. */
export async function setUserEnabled(bmc: RequestCarrier, userId: number, enabled: boolean, options?: CallOptions): Promise<void> {
  refuseIssues('User', integerIssue('userId', userId, 1, 63));
  const operation = enabled ? 'enable' : 'disable';
  const request = { netFn: 0x06, command: 0x47, data: Uint8Array.of(userId, OPERATIONS[operation]) };
  await carryOut(bmc, `Set User Password (${operation})`, request, options);
}
