import { FerricError, type FerricErrorCode } from '@ferric/core';
import type { IpmiRequest } from './request.js';

/** What a completion code says, and the class of reaction that it asks for. */
export interface CompletionCodeMeaning {
  readonly text: string;
  readonly code: FerricErrorCode;
  /** Whether the same request may succeed in a moment. */
  readonly retryable: boolean;
}

function meaning(text: string, code: FerricErrorCode, retryable = code === 'BUSY'): CompletionCodeMeaning {
  return { text, code, retryable };
}

/** Codes that mean the same for every command. Source: IPMI 1.5, table 5-2. */
const GENERIC: Readonly<Record<number, CompletionCodeMeaning>> = {
  0xc0: meaning('node busy', 'BUSY'),
  0xc1: meaning('invalid command', 'UNSUPPORTED'),
  0xc2: meaning('command invalid for this logical unit', 'UNSUPPORTED'),
  0xc3: meaning('timeout while processing the command', 'REFUSED', true),
  0xc4: meaning('out of space', 'REFUSED'),
  0xc5: meaning('reservation cancelled or invalid', 'CONFLICT', true),
  0xc6: meaning('request data truncated', 'REFUSED'),
  0xc7: meaning('request data length invalid', 'REFUSED'),
  0xc8: meaning('request data field length limit exceeded', 'REFUSED'),
  0xc9: meaning('parameter out of range', 'REFUSED'),
  0xca: meaning('cannot return the requested number of bytes', 'REFUSED'),
  0xcb: meaning('requested sensor, data or record not present', 'NOT_FOUND'),
  0xcc: meaning('invalid data field in request', 'REFUSED'),
  0xcd: meaning('command illegal for this sensor or record type', 'REFUSED'),
  0xce: meaning('response could not be provided', 'REFUSED', true),
  0xcf: meaning('duplicate request', 'REFUSED', true),
  0xd0: meaning('SDR repository in update mode', 'BUSY'),
  0xd1: meaning('device in firmware update mode', 'BUSY'),
  0xd2: meaning('initialisation in progress', 'BUSY'),
  0xd3: meaning('destination unavailable', 'REFUSED', true),
  0xd4: meaning('insufficient privilege level', 'REFUSED'),
  0xd5: meaning('not supported in the present state', 'CONFLICT'),
  0xd6: meaning('parameter illegal because a sub-function is disabled or unavailable', 'REFUSED'),
  0xff: meaning('unspecified error', 'REFUSED'),
};

/** Codes 0x80..0xbe by netFn and command, as `06/3b`. Sources: IPMI 1.5, the chapters of the commands; FreeIPMI 1.6.10, libfreeipmi/spec. */
const SPECIFIC: Readonly<Record<string, Readonly<Record<number, CompletionCodeMeaning>>>> = {
  '00/08': {
    0x80: meaning('parameter not supported', 'UNSUPPORTED'),
    0x81: meaning('another party is setting parameters', 'BUSY'),
    0x82: meaning('parameter is read-only', 'REFUSED'),
    0x83: meaning('parameter is write-only', 'REFUSED'),
  },
  '00/09': { 0x80: meaning('parameter not supported', 'UNSUPPORTED') },
  '06/34': {
    0x80: meaning('invalid session handle', 'REFUSED'),
    0x81: meaning('lost arbitration on the bus', 'REFUSED', true),
    0x82: meaning('bus error', 'REFUSED', true),
    0x83: meaning('no acknowledgement on write: nobody at this address', 'NOT_FOUND'),
  },
  '06/39': {
    0x81: meaning('invalid user name', 'AUTH_FAILED'),
    0x82: meaning('null user name not enabled', 'AUTH_FAILED'),
  },
  '06/3a': {
    0x81: meaning('no session slot available', 'BUSY'),
    0x82: meaning('no session slot available for this user', 'BUSY'),
    0x83: meaning('no session slot available at this privilege level', 'BUSY'),
    0x84: meaning('session sequence number out of range', 'PROTOCOL_FAULT'),
    0x85: meaning('invalid session id', 'PROTOCOL_FAULT'),
    0x86: meaning('requested privilege level exceeds the limit of user or channel', 'AUTH_FAILED'),
  },
  '06/3b': {
    0x80: meaning('privilege level not available for this user', 'AUTH_FAILED'),
    0x81: meaning('privilege level exceeds the limit of user or channel', 'AUTH_FAILED'),
    0x82: meaning('user-level authentication cannot be disabled', 'REFUSED'),
  },
  '06/3c': { 0x87: meaning('invalid session id', 'NOT_FOUND'), 0x88: meaning('invalid session handle', 'NOT_FOUND') },
  '06/48': {
    0x80: meaning('payload already active in another session', 'CONFLICT'),
    0x81: meaning('payload type disabled', 'REFUSED'),
    0x82: meaning('activation limit reached', 'BUSY'),
    0x83: meaning('payload cannot be activated with encryption', 'REFUSED'),
    0x84: meaning('payload cannot be activated without encryption', 'REFUSED'),
  },
  '06/49': { 0x80: meaning('payload already deactivated', 'CONFLICT'), 0x81: meaning('payload type disabled', 'REFUSED') },
  '0a/11': { 0x81: meaning('FRU device busy', 'BUSY') },
  '0a/12': { 0x80: meaning('area is write-protected', 'REFUSED'), 0x81: meaning('FRU device busy', 'BUSY') },
  '0a/42': { 0x81: meaning('erase of the log in progress', 'BUSY') },
  '0a/43': { 0x81: meaning('erase of the log in progress', 'BUSY') },
  '0a/44': { 0x81: meaning('erase of the log in progress', 'BUSY') },
  '0a/47': { 0x81: meaning('erase of the log in progress', 'BUSY') },
  '0c/01': {
    0x80: meaning('parameter not supported', 'UNSUPPORTED'),
    0x81: meaning('another party is setting parameters', 'BUSY'),
    0x82: meaning('parameter is read-only', 'REFUSED'),
  },
  '0c/02': { 0x80: meaning('parameter not supported', 'UNSUPPORTED') },
  '0c/21': {
    0x80: meaning('parameter not supported', 'UNSUPPORTED'),
    0x81: meaning('another party is setting parameters', 'BUSY'),
    0x82: meaning('parameter is read-only', 'REFUSED'),
  },
  '0c/22': { 0x80: meaning('parameter not supported', 'UNSUPPORTED') },
};

/** Tells a completion code other than 0x00 in the words of the specification. Unknown ones are REFUSED. */
export function explainCompletionCode(request: Pick<IpmiRequest, 'netFn' | 'command'>, completionCode: number): CompletionCodeMeaning {
  const own = SPECIFIC[`${hexadecimal(request.netFn)}/${hexadecimal(request.command)}`]?.[completionCode];
  if (own !== undefined) return own;
  const generic = GENERIC[completionCode];
  if (generic !== undefined) return generic;
  const kind = completionCode >= 0x80 && completionCode <= 0xbe ? 'command-specific' : 'vendor-specific';
  return meaning(`${kind} completion code`, 'REFUSED');
}

/** The error for a request that was not carried out. `details.completionCode` holds the code as `0xc1`. */
export function completionError(request: IpmiRequest, completionCode: number, address: string, step: string): FerricError {
  const { text, code, retryable } = explainCompletionCode(request, completionCode);
  const shown = `0x${hexadecimal(completionCode)}`;
  return new FerricError(code, `${step} at ${address}: ${text} (completion code ${shown})`, {
    retryable,
    details: { address, step, completionCode: shown, netFn: `0x${hexadecimal(request.netFn)}`, command: `0x${hexadecimal(request.command)}` },
  });
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
