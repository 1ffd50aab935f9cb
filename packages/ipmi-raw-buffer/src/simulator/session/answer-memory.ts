import type { BmcReply } from '../controller.js';
import type { IncomingMessage } from '../wire/message.js';

/** Answers that are kept: a console has few requests in flight. */
const MOST_ANSWERS = 8;
/** How long a number stands for the same request. Source: IPMI 2.0, table 6-8, sequence number expiration. Milliseconds. */
const KEPT_MS = 5000;

interface KeptAnswer {
  readonly request: IncomingMessage;
  /** Undefined: none was given. */
  readonly reply: BmcReply | undefined;
  readonly until: number;
}

/** The last answers of a session, for requests that come again because an answer got lost. */
export class AnswerMemory {
  // Made when first used: thousands of BMCs have sessions that never repeat.
  #kept: KeptAnswer[] | undefined;

  /** What was answered to this request; undefined when it is new. */
  recall(request: IncomingMessage, nowMs: number): { readonly reply: BmcReply | undefined } | undefined {
    return this.#kept?.find((kept) => kept.until > nowMs && isSame(kept.request, request));
  }

  keep(request: IncomingMessage, reply: BmcReply | undefined, nowMs: number): void {
    this.#kept ??= [];
    this.#kept.push({ request: { ...request, data: Uint8Array.from(request.data) }, reply, until: nowMs + KEPT_MS });
    if (this.#kept.length > MOST_ANSWERS) this.#kept.shift();
  }
}

function isSame(left: IncomingMessage, right: IncomingMessage): boolean {
  const numbers = (['sequence', 'netFn', 'lun', 'command', 'requesterAddress', 'responderAddress'] as const).every((name) => left[name] === right[name]);
  return numbers && Buffer.compare(left.data, right.data) === 0;
}
