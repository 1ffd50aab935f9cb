import { type CallOptions, type Deadline, errorCode, FerricError, withDeadline } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';

/** Milliseconds that several requests to one controller have together. */
const SEVERAL_REQUESTS_MS = 30_000;

/** What each of the requests may use of the time of all. */
export type Share = () => CallOptions;

/**
 * Several requests under one deadline, 30 s unless the caller says otherwise.
 * @param what for the TIMEOUT error: `Boot device pxe`
 */
export async function severalRequests<T>(bmc: RequestCarrier, what: string, options: CallOptions | undefined, work: (share: Share) => Promise<T>): Promise<T> {
  const settings = { what: `${what} at ${bmc.address}`, defaultTimeoutMs: SEVERAL_REQUESTS_MS, details: { address: bmc.address, step: what } };
  return withDeadline(options, settings, (deadline) => work(() => shareOf(deadline)));
}

function shareOf(deadline: Deadline): CallOptions {
  return { signal: deadline.signal, timeoutMs: Math.max(1, deadline.remainingMs()) };
}

/** Values of a parameter `set in progress`. Source: IPMI 2.0, tables 23-4 and 28-14. */
const COMPLETE = 0;
const IN_PROGRESS = 1;

/** Milliseconds for taking the mark away, whatever became of the time of all requests. */
const TAKE_AWAY_MS = 2000;

/** Somebody else has said that he is setting parameters, perhaps long ago. */
const HELD_BY_SOMEBODY = 0x81;

/**
 * Changes parameters while others are told to wait. Many controllers do not know the parameter, and one that was left behind by somebody who
 * never came back must not lock everybody out for ever: then it is reset, and the change is made without it. The mark is taken away also when
 * the work was aborted or its time is over: this one request, for 2 s at most, is then still under way when the caller has his error.
 * @param share the time of all requests, for those before the work
 * @param write writes `set in progress` and resolves with the completion code
 */
export async function whileInProgress<T>(share: Share, write: (value: number, options: CallOptions) => Promise<number>, work: () => Promise<T>): Promise<T> {
  const completionCode = await write(IN_PROGRESS, share());
  if (completionCode === HELD_BY_SOMEBODY) await write(COMPLETE, share());
  if (completionCode !== 0) return work();
  try {
    return await work();
  } finally {
    // What was asked for is done or has failed by now: that counts, not whether the mark could be taken away.
    await write(COMPLETE, { timeoutMs: TAKE_AWAY_MS }).catch(() => undefined);
  }
}

/** What a controller said that declined, or what was to be had from it. Throws what is no answer of the controller. */
export async function declined<T>(work: Promise<T>): Promise<{ readonly value: T } | { readonly completionCode: string; readonly error: FerricError }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    const { completionCode } = error.details;
    if (typeof completionCode !== 'string') throw error;
    return { completionCode, error };
  }
}

/** Codes that concern every parameter alike, so that none of the others needs to be asked for: unknown command, and too little privilege. */
const HOPELESS: ReadonlySet<string> = new Set(['0xc1', '0xc2', '0xd4']);

/**
 * One parameter of many; null where the controller does not have it, or answers too little to be read.
 * @throws when the controller has no parameters at all, or does not answer
 */
export async function parameterOrNull<T>(work: Promise<Uint8Array>, decode: (data: Uint8Array) => T): Promise<T | null> {
  const answer = await declined(work);
  if ('value' in answer) return decodedOrNull(answer.value, decode);
  if (HOPELESS.has(answer.completionCode)) throw answer.error;
  return null;
}

function decodedOrNull<T>(data: Uint8Array, decode: (data: Uint8Array) => T): T | null {
  try {
    return decode(data);
  } catch (error) {
    if (errorCode(error) === 'PROTOCOL_FAULT') return null;
    throw error;
  }
}
