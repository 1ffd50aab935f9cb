import { FerricError, type FerricErrorCode } from '@ferric/core';

/** Numbers of virErrorNumber that decide what a driver does next. Source: libvirt 9.0.0, include/libvirt/virterror.h. */
const ERROR_NUMBERS = { invalidArgument: 8, noDomain: 42, operationInvalid: 55, argumentUnsupported: 74 } as const;

function isAnswer(error: unknown, number: number): error is FerricError {
  return FerricError.is(error) && error.details['libvirtCode'] === number;
}

/** The daemon does not know the domain (any more). */
export function isGone(error: unknown): error is FerricError {
  return isAnswer(error, ERROR_NUMBERS.noDomain);
}

/** The domain is not in the state that the call is for: it runs already, or it does not run. */
export function isWrongState(error: unknown): error is FerricError {
  return isAnswer(error, ERROR_NUMBERS.operationInvalid);
}

/** The daemon is too old for a flag of the call, and has done nothing. */
export function isUnknownFlag(error: unknown): error is FerricError {
  return (isAnswer(error, ERROR_NUMBERS.argumentUnsupported) || isAnswer(error, ERROR_NUMBERS.invalidArgument)) && /unsupported flags/i.test(error.message);
}

const LOST: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT']);

/** Nobody knows whether the daemon has done what it was asked for. */
export function isLost(error: unknown): error is FerricError {
  return FerricError.is(error) && LOST.has(error.code);
}

const ABOUT_ONE_DOMAIN: ReadonlySet<FerricErrorCode> = new Set(['NOT_FOUND', 'REFUSED', 'CONFLICT', 'UNSUPPORTED']);

/** The daemon said this about one domain; the others are not concerned. */
export function isAboutOneDomain(error: unknown): error is FerricError {
  if (!FerricError.is(error)) return false;
  return error.details['step'] === 'read XML' || (typeof error.details['libvirtCode'] === 'number' && ABOUT_ONE_DOMAIN.has(error.code));
}
