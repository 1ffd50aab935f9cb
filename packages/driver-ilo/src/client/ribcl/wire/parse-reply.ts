import { splitDocuments } from './decode-body.js';
import { attributeOf, type RibclElement } from './element.js';
import { parseDocument } from './parse-document.js';
import { unreadable } from './unreadable.js';

/** A RESPONSE whose status is not 0. */
export interface RibclFailure {
  readonly status: number;
  readonly message: string;
}

/** All that one answer says. */
export interface RibclReply {
  /** In order: what commands answered with, and what they failed with. */
  readonly parts: readonly (RibclElement | RibclFailure)[];
  /** What the controller says besides, such as `Server being reset.` or `Host power is already ON.`. */
  readonly information: readonly string[];
}

/** Far more than there are tags in any request. */
const MOST_DOCUMENTS = 4096;
/** Messages that say nothing. */
const SILENT_MESSAGES: ReadonlySet<string> = new Set(['', 'No error']);

type Growing = { readonly parts: (RibclElement | RibclFailure)[]; readonly information: string[] };

/**
 * Reads the documents of one answer. INFORM, by which the controller talks to the vendor's own tool, is left out.
 * @throws PROTOCOL_FAULT when it does not begin as XML does, or when one of its documents cannot be read.
 */
export function parseReply(text: string): RibclReply {
  if (!text.trimStart().startsWith('<?xml')) throw unreadable('it is not XML, so that it may not come from an iLO', text.trimStart().slice(0, 60));
  const documents = splitDocuments(text);
  if (documents.length > MOST_DOCUMENTS) throw unreadable(`it has more than ${MOST_DOCUMENTS} documents`);
  const reply: Growing = { parts: [], information: [] };
  for (const document of documents) {
    const root = parseDocument(document);
    if (root.name !== 'RIBCL') throw unreadable(`it holds ${root.name} instead of RIBCL`, document);
    for (const child of root.children) readChild(reply, child);
  }
  return reply;
}

export function isFailure(part: RibclElement | RibclFailure): part is RibclFailure {
  return 'status' in part;
}

function readChild(reply: Growing, child: RibclElement): void {
  if (child.name === 'INFORM') return;
  if (child.name !== 'RESPONSE') return void reply.parts.push(child);
  const status = parseStatus(attributeOf(child, 'STATUS'));
  // The guide of the scripting language calls it MSG, the firmware MESSAGE.
  const message = attributeOf(child, 'MESSAGE') ?? attributeOf(child, 'MSG') ?? '';
  if (status !== 0) reply.parts.push({ status, message });
  else if (!SILENT_MESSAGES.has(message)) reply.information.push(message);
}

function parseStatus(text: string | undefined): number {
  if (text !== undefined && /^(?:0x)?[\da-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  throw unreadable('a RESPONSE in it has no status', text);
}
