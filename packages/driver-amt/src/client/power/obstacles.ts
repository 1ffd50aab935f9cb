import { errorCode, FerricError, type CallOptions } from '@ferric/core';
import type { Wsman } from '../wsman/wsman.js';
import type { PowerStep } from './power-plan.js';
import { wordsOf } from './send-request.js';

/**
 * Associations that exist as long as a session of that kind is open, from about AMT 7 on.
 * Source: Intel AMT SDK, class reference of IPS_SolSessionUsingPort, IPS_IderSessionUsingPort and IPS_KvmSessionUsingPort.
 */
const SESSION_CLASSES = [
  ['IPS_SolSessionUsingPort', 'serial over LAN'],
  ['IPS_IderSessionUsingPort', 'storage redirection (IDE-R, USB-R)'],
  ['IPS_KvmSessionUsingPort', 'KVM'],
] as const;

/** Requests that firmware refuses while a session is open. Source: Reference Guide, "Change System Power State". */
const REFUSED_IN_SESSIONS: ReadonlySet<PowerStep['request']> = new Set(['power off', 'power cycle']);

/** What an error adds when nothing in the way was seen. */
export function hintFor(request: PowerStep['request']): string | undefined {
  if (!REFUSED_IN_SESSIONS.has(request)) return undefined;
  return 'AMT refuses to switch a machine off while a session of serial over LAN, storage redirection or KVM is open: close it and try again.';
}

/** Looks for what is in the way of a request that was declined. @returns an error that names it; undefined when nothing is seen */
export async function findObstacle(wsman: Wsman, request: PowerStep['request'], options: CallOptions): Promise<FerricError | undefined> {
  if (!REFUSED_IN_SESSIONS.has(request)) return undefined;
  const open: string[] = [];
  for (const [resource, words] of SESSION_CLASSES) {
    if (await exists(wsman, resource, options)) open.push(words);
  }
  if (open.length === 0) return undefined;
  const sessions = open.join(' and ');
  return new FerricError('CONFLICT', `The device declined '${wordsOf(request)}' because a session is open: ${sessions}`, {
    details: { step: `request '${wordsOf(request)}'`, openSessions: open },
    hint: `Close the session and try again${request === 'power off' ? "; 'rebooting' works while it is open" : ''}.`,
  });
}

/** A device that cannot be asked for it tells nothing. */
async function exists(wsman: Wsman, resource: string, options: CallOptions): Promise<boolean> {
  try {
    return (await wsman.enumerate(resource, options)).length > 0;
  } catch (error) {
    if (options.signal?.aborted === true || errorCode(error) === 'AUTH_FAILED') throw error;
    return false;
  }
}
