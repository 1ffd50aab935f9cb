import { FerricError, type FerricErrorCode } from '@ferric/core';
import { STATUS_MEANINGS } from '../wsman/faults/fault-table.js';
import { PT_STATUS, ptStatusOf } from '../wsman/pt-status.js';
import type { WsmanElement } from '../wsman/wsman.js';
import { defineClass, required } from './class-table.js';
import { readInstance } from './read-instance.js';
import { integer } from './value-readers.js';

/** What a ReturnValue other than success means for one method. */
export interface ReturnMeaning {
  readonly code: FerricErrorCode;
  readonly words: string;
  /** The next thing to try, one sentence. */
  readonly hint?: string;
  /** Default: as the code has it. */
  readonly retryable?: boolean;
}

export type ReturnMeanings = Readonly<Record<number, ReturnMeaning>>;

/** A method and the values that it answers with beyond those of its kind. */
export interface MethodTable {
  /** Class with prefix. */
  readonly resource: string;
  readonly method: string;
  /** Standard methods of CIM share the values below 4100; Intel's own answer with a status of AMT. */
  readonly kind: 'cim' | 'amt';
  readonly returns?: ReturnMeanings;
}

/** Source: CIM schema of the DMTF, CIM_EnabledLogicalElement.RequestStateChange and methods made like it. */
const CIM_RETURNS: ReturnMeanings = {
  1: { code: 'UNSUPPORTED', words: 'not supported' },
  2: { code: 'REFUSED', words: 'unknown or unspecified error' },
  3: { code: 'TIMEOUT', words: 'cannot complete in time' },
  4: { code: 'REFUSED', words: 'failed' },
  5: { code: 'REFUSED', words: 'invalid parameter' },
  6: { code: 'BUSY', words: 'in use' },
  4097: { code: 'CONFLICT', words: 'invalid state transition' },
  4098: { code: 'UNSUPPORTED', words: 'use of the timeout parameter not supported' },
  4099: { code: 'BUSY', words: 'busy' },
};

/** A job of CIM was started: accepted. Source: as {@link CIM_RETURNS}. */
const CIM_JOB_STARTED = 4096;

/** The value with which a method answered. @throws PROTOCOL_FAULT when it is missing or no number. */
export function readReturnValue(method: string, output: WsmanElement): number {
  return readInstance(defineClass(`${method}_OUTPUT`, { ReturnValue: required(integer) }), output).ReturnValue;
}

/** What a value means that a method answered with; undefined for success. */
export function returnMeaning(table: MethodTable, value: number): ReturnMeaning | undefined {
  if (value === 0) return undefined;
  const own = table.returns?.[value];
  if (own !== undefined) return own;
  if (table.kind === 'cim') {
    if (value === CIM_JOB_STARTED) return undefined;
    const meaning = CIM_RETURNS[value];
    if (meaning !== undefined) return meaning;
    // Below the offset a standard method does not speak of a status of AMT.
    if (ptStatusOf(value) === value) return { code: 'REFUSED', words: 'a value without a meaning' };
  }
  const status = ptStatusOf(value);
  return { code: 'REFUSED', ...STATUS_MEANINGS[status], words: PT_STATUS[status] ?? 'a value without a meaning' };
}

/**
 * Passes an output on whose ReturnValue says success.
 * @throws what the table of the method says, with `details.class`, `details.method` and `details.returnValue`; PROTOCOL_FAULT.
 */
export function checkReturnValue(table: MethodTable, output: WsmanElement): WsmanElement {
  const value = readReturnValue(table.method, output);
  const meaning = returnMeaning(table, value);
  if (meaning === undefined) return output;
  throw new FerricError(meaning.code, `${table.resource}.${table.method} answered ${value}: ${meaning.words}`, {
    details: { class: table.resource, method: table.method, returnValue: value },
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    ...(meaning.retryable === undefined ? {} : { retryable: meaning.retryable }),
  });
}
