import { FerricError, MASK, type Secret, type TranscriptFrame } from '@ferric/core';
import type { CheckedSettings } from './client-settings.js';
import type { RibclCommand } from './command.js';
import { factsOf } from './conduct.js';
import { exchangeOnce, type ExchangeProgress, type HttpsReply } from './https/https-exchange.js';
import { decodeBody } from './wire/decode-body.js';
import { encodeElement, XML_DECLARATION, type RequestElement, type RevealSecret } from './wire/encode-request.js';
import { parseReply, type RibclReply } from './wire/parse-reply.js';

/** One request: some commands under one login. */
export interface RibclQuestion {
  readonly settings: CheckedSettings;
  readonly commands: readonly RibclCommand<unknown>[];
  /** What an upload before it was answered with. */
  readonly cookie?: Secret | undefined;
}

/** Ten times the longest health report that is known; what is longer would keep everybody else waiting while it is read. Bytes. */
export const ANSWER_LIMIT_BYTES: number = 2 * 1024 * 1024;
/** Characters of one frame of the transcript. */
const LONGEST_FRAME = 65_536;

/**
 * Asks the controller. Source: HPE iLO 4 Scripting and Command Line Guide, RIBCL; python-hpilo, hpilo.py, for what stands around it.
 * @throws UNREACHABLE, TLS_UNTRUSTED, PROTOCOL_FAULT, UNSUPPORTED when there is no RIBCL, BUSY; the reason of the signal.
 */
export async function askRibcl(question: RibclQuestion, signal: AbortSignal, progress: ExchangeProgress): Promise<RibclReply> {
  const { settings, commands, cookie } = question;
  const { command: label, mask } = factsOf(settings, commands);
  const record = (direction: TranscriptFrame['direction'], payload: () => string): void =>
    settings.transcript?.record({
      at: settings.clock.now(), direction, peer: `https ${settings.address}`, protocol: 'ribcl', label: direction === 'out' ? label : `answer to ${label}`,
      payload: shorten(mask(payload())),
    });
  const parts = [XML_DECLARATION, encodeLogin(settings, commands, (secret) => secret.reveal())].map((part) => Buffer.from(part, 'latin1'));
  record('out', () => XML_DECLARATION + encodeLogin({ ...settings, username: MASK }, commands, () => MASK));
  const reply = await exchangeOnce(settings.connector, settings.peer, {
    method: 'POST',
    path: '/ribcl',
    headers: { 'content-type': 'text/xml', ...(cookie === undefined ? {} : { cookie: cookie.reveal() }) },
    body: { length: parts.reduce((sum, part) => sum + part.length, 0), parts: () => parts },
    label,
    limitBytes: ANSWER_LIMIT_BYTES,
  }, signal, progress);
  const text = decodeBody(reply.body);
  record('in', () => `${reply.status} ${text}`);
  checkRibcl(reply, text);
  return parseReply(text);
}

/** The request behind its declaration. Commands of one group and mode that follow one another share their group. */
function encodeLogin(login: Pick<CheckedSettings, 'username' | 'password'>, commands: readonly RibclCommand<unknown>[], reveal: RevealSecret): string {
  const groups: { name: string; mode: string; children: RequestElement[] }[] = [];
  for (const { group, mode, before = [], request } of commands) {
    const last = groups.at(-1);
    if (last?.name === group && last.mode === mode) last.children.push(...before, request);
    else groups.push({ name: group, mode, children: [...before, request] });
  }
  const children = groups.map(({ name, mode, children: inGroup }): RequestElement => ({ name, attributes: { MODE: mode }, children: inGroup }));
  return encodeElement({
    name: 'RIBCL',
    attributes: { VERSION: '2.0' },
    children: [{ name: 'LOGIN', attributes: { PASSWORD: login.password, USER_LOGIN: login.username }, children }],
  }, reveal);
}

/** @throws UNSUPPORTED, BUSY or PROTOCOL_FAULT when RIBCL did not answer. */
function checkRibcl({ status }: HttpsReply, text: string): void {
  // The words of iLO 6, with whatever status; proliantutils looks for them too.
  if (text.includes('RIBCLI is disabled')) {
    throw new FerricError('UNSUPPORTED', 'RIBCL is switched off on this iLO, or is no longer part of it', {
      details: { httpStatus: status },
      hint: 'Use Redfish, or switch RIBCL on in the access settings of an iLO 5.',
    });
  }
  if (status === 200) return;
  const other = (): FerricError => new FerricError('PROTOCOL_FAULT', `The iLO answered RIBCL with HTTP status ${status}`, { details: { httpStatus: status } });
  throw (HTTP_FAILURES[status] ?? other)(status);
}

const HTTP_FAILURES: Readonly<Record<number, (status: number) => FerricError>> = {
  403: absent,
  404: absent,
  405: absent,
  429: busy,
  500: notReady,
  502: notReady,
  503: busy,
  504: notReady,
};

function absent(httpStatus: number): FerricError {
  return new FerricError('UNSUPPORTED', 'There is no RIBCL over HTTPS here: an iLO 2 or older, an iLO where it is switched off, or no iLO', {
    details: { httpStatus },
    hint: 'Use Redfish, or switch RIBCL on in the access settings of the iLO. An iLO 2 cannot be reached.',
  });
}

/** What listens is there, and what should answer behind it is not, or gave up. */
function notReady(httpStatus: number): FerricError {
  return new FerricError('BUSY', `The iLO answered RIBCL with HTTP status ${httpStatus}`, {
    details: { httpStatus, answered: false },
    hint: 'It may be starting; try again in a minute.',
  });
}

function busy(httpStatus: number): FerricError {
  return new FerricError('BUSY', 'The iLO has no room for another request', { details: { httpStatus }, hint: 'It may be starting again; try again in a minute.' });
}

function shorten(text: string): string {
  return text.length > LONGEST_FRAME ? `${text.slice(0, LONGEST_FRAME)}... (${text.length} characters)` : text;
}
