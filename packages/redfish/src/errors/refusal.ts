import { FerricError, type FerricErrorCode, type JsonObject, type Secret } from '@ferric/core';
import { LEFT_OPEN_HINT } from './left-open.js';
import { isSuccess, meaningOf } from './message-meanings.js';
import { readMessages, type RedfishMessage } from './messages.js';
import { scrubber } from './scrub.js';

/** An answer that is no success. */
export interface Refusal {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: JsonObject;
  /** Whether it may leave open that something was changed. Default: by the method. */
  readonly changes?: boolean;
  /** Header Retry-After, in seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** What was in the request, or let it through, and must not appear. */
  readonly secrets: readonly Secret[];
}

interface StatusMeaning {
  readonly code: FerricErrorCode;
  readonly says: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  /** The code instead when a change was asked for: it leaves open whether that was made. */
  readonly ofChange?: FerricErrorCode;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Source: DSP0266, "Status codes", and RFC 9110, section 15. */
const STATUSES: Readonly<Record<number, StatusMeaning>> = {
  400: { code: 'REFUSED', says: 'it does not accept the request' },
  401: { code: 'AUTH_FAILED', says: 'the credentials are not accepted', hint: 'Check user name and password; the controller may delay or lock further logins.' },
  403: { code: 'REFUSED', says: 'the account may not do this', hint: 'Give the account the privilege for this, or use another one.' },
  404: { code: 'NOT_FOUND', says: 'there is nothing at this path' },
  405: { code: 'UNSUPPORTED', says: 'it does not offer this here' },
  409: { code: 'CONFLICT', says: 'this contradicts its present state' },
  410: { code: 'NOT_FOUND', says: 'this is gone' },
  412: { code: 'CONFLICT', says: 'the resource was changed by somebody else in between', hint: 'Read it again, then decide.' },
  428: { code: 'CONFLICT', says: 'it wants to know which version of the resource is changed' },
  429: { code: 'BUSY', says: 'it was asked too often', hint: 'Ask less often.' },
  500: { code: 'REFUSED', says: 'something failed inside the controller', retryable: true, ofChange: 'REFUSED' },
  501: { code: 'UNSUPPORTED', says: 'it does not offer this' },
  502: { code: 'BUSY', says: 'its service is not available at the moment', hint: 'It may be starting: wait, then try again.', ofChange: 'UNREACHABLE' },
  503: { code: 'BUSY', says: 'its service is not available at the moment', hint: 'It may be starting: wait, then try again.' },
  504: { code: 'BUSY', says: 'its service did not answer in time', hint: 'It may be starting: wait, then try again.', ofChange: 'TIMEOUT' },
};

const OTHER: StatusMeaning = { code: 'REFUSED', says: 'it declined' };

/**
 * The error for an answer that is no success: what its messages say, else what the status says. One that leaves open whether a change was made is not
 * retryable, and `details.sent` is true. Never shows a secret.
 */
export function refused(refusal: Refusal): FerricError {
  const { address, method, path, status, retryAfterSeconds, changes = !READS.has(method) } = refusal;
  const messages = readMessages(refusal.body);
  const byStatus = (Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined) ?? OTHER;
  const telling = tellingMessage(messages);
  const says = telling === undefined ? byStatus.says : wordsOf(telling, byStatus.says);
  // Whoever is not let in learns no more than that.
  const meaning = telling === undefined || status === 401 ? undefined : meaningOf(telling.key);
  const reaction = reactionTo(meaning ?? byStatus, changes);
  const hint = reaction.hint ?? byStatus.hint ?? telling?.resolution;
  const scrub = scrubber(refusal.secrets);
  return new FerricError(reaction.code, scrub(`The controller at ${address} ${reaction.verb} ${method} ${path}: ${says}`), {
    ...reaction.options,
    details: {
      address,
      step: `${method} ${path}`,
      status,
      ...reaction.details,
      ...messageDetails(messages, telling, scrub),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
    ...(hint === undefined ? {} : { hint: scrub(hint) }),
  });
}

/** The error for messages without an HTTP answer of their own, such as those of a task that failed. */
export function failedByMessages(what: string, messages: readonly RedfishMessage[], details: JsonObject, secrets: readonly Secret[] = []): FerricError {
  const telling = tellingMessage(messages);
  const meaning = telling === undefined ? undefined : meaningOf(telling.key);
  const says = telling === undefined ? 'no reason was given' : wordsOf(telling, telling.key);
  const reaction = reactionTo(meaning ?? OTHER, true);
  const hint = reaction.hint ?? telling?.resolution;
  const scrub = scrubber(secrets);
  return new FerricError(reaction.code, scrub(`${what}: ${says}`), {
    ...reaction.options,
    details: { ...details, ...reaction.details, ...messageDetails(messages, telling, scrub) },
    ...(hint === undefined ? {} : { hint: scrub(hint) }),
  });
}

/** What the error says besides words and facts. */
interface Reaction {
  readonly code: FerricErrorCode;
  readonly options: { readonly retryable?: boolean };
  readonly hint: string | undefined;
  /** What the controller did. */
  readonly verb: 'declined' | 'did not confirm';
  readonly details: JsonObject;
}

function reactionTo({ code, retryable, hint, ofChange }: Omit<StatusMeaning, 'says'>, changes: boolean): Reaction {
  if (changes && ofChange !== undefined) {
    return { code: ofChange, options: { retryable: false }, hint: LEFT_OPEN_HINT, verb: 'did not confirm', details: { sent: true } };
  }
  return { code, options: retryable === undefined ? {} : { retryable }, hint, verb: 'declined', details: {} };
}

/** The first message that is known to say more than others, else the first that is no success. */
function tellingMessage(messages: readonly RedfishMessage[]): RedfishMessage | undefined {
  const failures = messages.filter(({ key }) => !isSuccess(key));
  return failures.find(({ key }) => meaningOf(key) !== undefined) ?? failures[0];
}

function wordsOf(message: RedfishMessage, otherwise: string): string {
  const own = message.text?.replace(/\.$/, '');
  if (own !== undefined) return own;
  const meaning = meaningOf(message.key);
  if (meaning !== undefined) return meaning.says(message.args);
  const args = message.args.length === 0 ? '' : ` (${message.args.join(', ')})`;
  return `${otherwise}: ${message.id}${args}`;
}

function messageDetails(messages: readonly RedfishMessage[], telling: RedfishMessage | undefined, scrub: (text: string) => string): JsonObject {
  return {
    ...(telling === undefined ? {} : { messageId: scrub(telling.id), messageArgs: telling.args.map(scrub), properties: telling.properties.map(scrub) }),
    ...(messages.length > 1 ? { messages: messages.map(({ id }) => scrub(id)) } : {}),
  };
}
