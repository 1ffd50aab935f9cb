import { FerricError, printValue } from '@ferric/core';
import { NAMESPACES } from '../namespaces.js';
import type { WsmanElement } from '../wsman.js';
import { childOf, descendantOf, wordOf } from '../xml/elements.js';
import { parseXml } from '../xml/parse-xml.js';

/** What an answer must answer. */
export interface Question {
  readonly messageId: string;
  readonly action: string;
}

/** A SOAP fault as the device words it. */
export interface SoapFault {
  /** Local name of the most exact code: `AccessDenied`; that of the main code when there is no subcode: `MustUnderstand`. */
  readonly subcode: string;
  /** For a person; often the same text for many causes. */
  readonly reason: string | undefined;
  /** Last part of the FaultDetail URI (`MissingValues`), or the text that stands in its place (`AMT-STATUS 1`). */
  readonly detail: string | undefined;
}

/** What came back: the first element of the body, which some answers do not have; or a fault. */
export type Reply = { readonly kind: 'answer'; readonly body: WsmanElement | undefined } | { readonly kind: 'fault'; readonly fault: SoapFault };

/**
 * Reads an answer.
 * @throws PROTOCOL_FAULT when it is no envelope, answers another request, or another action.
 */
export function readReply(text: string, question: Question): Reply {
  const envelope = parseXml(text);
  if (envelope.name !== 'Envelope' || envelope.namespace !== NAMESPACES.soap) {
    throw new FerricError('PROTOCOL_FAULT', `The answer is no SOAP 1.2 envelope but <${envelope.name.slice(0, 80)}>`, { hint: 'Check that an Intel AMT device listens at this address and port.' });
  }
  const header = childOf(envelope, 'Header', NAMESPACES.soap);
  const relatesTo = wordOf(childOf(header, 'RelatesTo', NAMESPACES.addressing));
  const action = wordOf(childOf(header, 'Action', NAMESPACES.addressing));
  const body = childOf(envelope, 'Body', NAMESPACES.soap)?.children[0];
  if (body?.name === 'Fault' && body.namespace === NAMESPACES.soap) {
    // A request that could not even be read is answered without its number.
    if (relatesTo !== undefined) expectSame('RelatesTo', question.messageId, relatesTo);
    return { kind: 'fault', fault: readFault(body) };
  }
  expectSame('RelatesTo', question.messageId, relatesTo);
  expectSame('Action', `${question.action}Response`, action);
  return { kind: 'answer', body };
}

function expectSame(field: string, expected: string, received: string | undefined): void {
  if (expected === received) return;
  throw new FerricError('PROTOCOL_FAULT', `The answer is one to another question: its ${field} is ${received === undefined ? 'missing' : printValue(received)}`, {
    details: { field, expected, received: received === undefined ? null : printValue(received) },
  });
}

/** Source: SOAP 1.2 part 1, section 5.4; DSP0226 1.2, section 14. */
function readFault(fault: WsmanElement): SoapFault {
  const code = childOf(fault, 'Code');
  const detail = childOf(fault, 'Detail');
  const words = wordOf(childOf(detail, 'FaultDetail')) ?? wordOf(childOf(detail, 'Text')) ?? (detail === undefined ? undefined : wordOf(detail));
  return {
    subcode: localName(wordOf(descendantOf(code, 'Subcode', 'Value')) ?? wordOf(childOf(code, 'Value')) ?? 'no code'),
    reason: wordOf(descendantOf(fault, 'Reason', 'Text')),
    detail: words?.startsWith('http') === true ? words.slice(words.lastIndexOf('/') + 1) : words,
  };
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

/** What an answer to Enumerate or Pull brings. */
export interface EnumerationPage {
  /** Instances, in their order. */
  readonly items: readonly WsmanElement[];
  /** Where the rest is to be had; undefined when there is none. */
  readonly context: string | undefined;
}

/** Reads the body of an answer to Enumerate or Pull. Source: WS-Enumeration (2004/09), sections 3.1 and 3.2. */
export function readPage(body: WsmanElement | undefined): EnumerationPage {
  const ended = childOf(body, 'EndOfSequence') !== undefined;
  return { items: childOf(body, 'Items')?.children ?? [], context: ended ? undefined : wordOf(childOf(body, 'EnumerationContext')) };
}
