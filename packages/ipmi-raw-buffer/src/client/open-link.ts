import { abortReason, FerricError, throwIfAborted } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import type { IpmiRequest, IpmiResponse } from '../message/request.js';
import { type CipherSuiteId, PRIVILEGE_LEVELS } from './client-types.js';
import { openSessionV15 } from './handshake-v15.js';
import { openSessionV20 } from './handshake-v20.js';
import { type Counters, Link } from './link.js';
import { requestQuestion, unwrapResponse } from './request-question.js';
import type { Session } from './session.js';
import type { ClientSetup } from './settings.js';

/** A link whose session is open at the privilege level that was asked for. */
export interface OpenLink {
  readonly link: Link;
  readonly session: Session;
}

const SET_PRIVILEGE_LEVEL = 'Set Session Privilege Level';
/** Controllers refuse a level by codes of the command, or by the general one. Source: IPMI 1.5, section 18.16; ipmi_sim 2.0.33 sends 81h, the server of go-ipmi D4h. */
const INSUFFICIENT_PRIVILEGE = 0xd4;

/**
 * Connects, opens a session and raises its privilege level. Whatever goes wrong, nothing stays open behind it.
 * @param proven the cipher suite that this controller accepted before
 * @throws what the handshake throws; the reason of the signal
 */
export async function openLink(setup: ClientSetup, counters: Counters, proven: CipherSuiteId | undefined, signal: AbortSignal): Promise<OpenLink> {
  const link = await Link.connect(setup, counters, { signal });
  const giveUp = (): void => link.cancel(abortReason(signal));
  signal.addEventListener('abort', giveUp);
  try {
    throwIfAborted(signal);
    const session = setup.protocol === '1.5' ? await openSessionV15(link, setup) : await openSessionV20(link, setup, proven);
    counters.sessionsOpened += 1;
    await setPrivilegeLevel(link, session, setup);
    throwIfAborted(signal);
    return { link, session };
  } catch (error) {
    await abandonLink(link);
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Gives a link up without waiting for the controller; a session that it may still have is closed by one packet. @param reason for the payloads */
export async function abandonLink(link: Link, reason?: Error): Promise<void> {
  if (link.session !== undefined) {
    link.sayGoodbye();
    link.counters.sessionsClosed += 1;
  }
  if (reason !== undefined) link.breakOff(reason);
  await link.close();
}

/** Closes the session: waits for the answer once, briefly, and never fails because of it. */
export async function closeLink({ link, session }: OpenLink): Promise<void> {
  const data = Buffer.allocUnsafe(4);
  data.writeUInt32LE(session.bmcSessionId);
  const asking = { step: 'Close Session', sequence: 0, tries: 1, firstWaitMs: link.settings.firstWaitMs };
  try {
    await link.ask('Close Session', requestQuestion(link, session, { netFn: 0x06, command: 0x3c, data }, asking));
  } catch {
    // The controller forgets the session by itself.
  }
  if (link.session !== undefined) link.counters.sessionsClosed += 1;
  await link.close();
}

async function setPrivilegeLevel(link: Link, session: Session, { tries, firstWaitMs, privilegeLevel }: ClientSetup): Promise<void> {
  const request: IpmiRequest = { netFn: 0x06, command: 0x3b, data: Uint8Array.of(PRIVILEGE_LEVELS[privilegeLevel]) };
  const answer = await link.ask(SET_PRIVILEGE_LEVEL, requestQuestion(link, session, request, { step: SET_PRIVILEGE_LEVEL, sequence: 0, tries, firstWaitMs }));
  const { address } = link;
  if (answer === null) {
    const details = { address, step: SET_PRIVILEGE_LEVEL, ...link.silenceDetails };
    throw new FerricError('TIMEOUT', `${SET_PRIVILEGE_LEVEL} at ${address}: no answer to ${tries} packets`, { details });
  }
  const response: IpmiResponse = unwrapResponse(answer);
  if (response.completionCode === 0) return;
  const error = completionError(request, response.completionCode, address, `${SET_PRIVILEGE_LEVEL} to ${privilegeLevel}`);
  const code = response.completionCode === INSUFFICIENT_PRIVILEGE ? 'AUTH_FAILED' : error.code;
  throw new FerricError(code, error.message, { details: error.details, hint: 'Ask for a lower privilege level, or allow it to the user on this channel.' });
}
