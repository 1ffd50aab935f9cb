import { ANONYMOUS, classUri, NAMESPACES } from './namespaces.js';
import type { SoapFault } from './soap-fault.js';
import { type Fields, NOWHERE, type Reference, type Value } from './value.js';
import { escapeXml } from './xml-text.js';

// Documents as the firmware writes them: without white space, prefixes by the place of their declaration, in this order. Source: recorded answers.

/** What goes into the body of an answer. */
export interface AnswerBody {
  /** Namespaces of the body, the first one is `g`. */
  readonly namespaces: readonly string[];
  readonly xml: string;
}

/** An answer about a class. */
export interface AnswerHead {
  readonly action: string;
  readonly relatesTo: string;
  readonly messageId: string;
  readonly resource: string;
}

const USUAL = [NAMESPACES.soap, NAMESPACES.addressing, NAMESPACES.wsman, NAMESPACES.trust, NAMESPACES.security, NAMESPACES.cimBinding];
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const INSTANCE = ` xmlns:xsi="${NAMESPACES.schemaInstance}"`;
const FIRST_LETTER = 'a'.codePointAt(0) ?? 0;

const letter = (index: number): string => String.fromCodePoint(FIRST_LETTER + index);

/** The letter of the body's namespace that comes at this place. */
export const bodyPrefix = (index: number): string => letter(USUAL.length + index);

export function writeAnswer(head: AnswerHead, body: AnswerBody): string {
  return writeEnvelope(`${writeHeader(head)}<c:ResourceURI>${escapeXml(head.resource)}</c:ResourceURI></a:Header>`, body);
}

/** An answer without headers. */
export function writeBare(body: AnswerBody): string {
  return writeEnvelope('<a:Header></a:Header>', body);
}

function writeEnvelope(header: string, body: AnswerBody): string {
  const declared = [...USUAL, ...body.namespaces].map((uri, index) => ` xmlns:${letter(index)}="${escapeXml(uri)}"`).join('');
  return `${DECLARATION}<a:Envelope${declared}${INSTANCE}>${header}<a:Body>${body.xml}</a:Body></a:Envelope>`;
}

function writeHeader({ relatesTo, action, messageId }: Omit<AnswerHead, 'resource'>): string {
  return `<a:Header><b:To>${ANONYMOUS}</b:To><b:RelatesTo>${escapeXml(relatesTo)}</b:RelatesTo>` +
    `<b:Action a:mustUnderstand="true">${escapeXml(action)}</b:Action><b:MessageID>${messageId}</b:MessageID>`;
}

/** Prefixes of faults, which differ from those of answers, in the order of their declaration. Source: recorded fault. */
const FAULT_PREFIXES = [
  ['g', 'cimBinding'], ['f', 'eventing'], ['e', 'wsman'], ['d', 'transfer'], ['c', 'enumeration'], ['b', 'addressing'], ['a', 'soap'], ['h', 'trust'],
  ['i', 'security'],
] as const;

export function writeFault(fault: SoapFault, ids: { readonly relatesTo: string; readonly messageId: string }): string {
  const declared = FAULT_PREFIXES.map(([prefix, name]) => ` xmlns:${prefix}="${NAMESPACES[name]}"`).join('');
  const role = fault.isSender ? 'Sender' : 'Receiver';
  const prefix = FAULT_PREFIXES.find(([, name]) => name === fault.namespace)?.[0] ?? 'b';
  const code = fault.namespace === 'soap'
    ? `<a:Value>a:${fault.fault}</a:Value>`
    : `<a:Value>a:${role}</a:Value><a:Subcode><a:Value>${prefix}:${fault.fault}</a:Value></a:Subcode>`;
  const detail = fault.detail === undefined ? '' : `<e:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/${fault.detail}</e:FaultDetail>`;
  const status = fault.status === undefined ? '' : `<a:Text xml:lang="en-US">AMT-STATUS ${fault.status}</a:Text>`;
  return `${DECLARATION}<a:Envelope${declared}${INSTANCE}>${writeHeader({ ...ids, action: fault.action })}</a:Header>` +
    `<a:Body><a:Fault><a:Code>${code}</a:Code>` +
    `<a:Reason><a:Text xml:lang="en-US">${escapeXml(fault.message)}</a:Text></a:Reason><a:Detail>${detail}${status}</a:Detail></a:Fault></a:Body></a:Envelope>`;
}

/** An element with fields in it. @param common prefix of the namespace of times */
export function writeFields(prefix: string, name: string, fields: Fields, common: string): string {
  const inner = Object.entries(fields).map(([field, value]) => writeValue(`${prefix}:${field}`, value, common)).join('');
  return `<${prefix}:${name}>${inner}</${prefix}:${name}>`;
}

function writeValue(tag: string, value: Value, common: string): string {
  if (typeof value !== 'object') return `<${tag}>${escapeXml(String(value))}</${tag}>`;
  if (isList(value)) return value.map((each) => writeValue(tag, each, common)).join('');
  if (value.kind !== 'reference') return `<${tag}><${common}:${value.kind}>${escapeXml(value.text)}</${common}:${value.kind}></${tag}>`;
  return writeReference(tag, value);
}

/** An endpoint reference as an element of that name. */
export function writeReference(tag: string, { resource, selectors }: Reference): string {
  const [address, uri] = resource === NOWHERE.resource ? ['default', ''] : [ANONYMOUS, classUri(resource)];
  const picked = Object.entries(selectors).map(([name, text]) => `<c:Selector Name="${escapeXml(name)}">${escapeXml(text)}</c:Selector>`).join('');
  return `<${tag}><b:Address>${address}</b:Address><b:ReferenceParameters><c:ResourceURI>${uri}</c:ResourceURI>` +
    `<c:SelectorSet>${picked}</c:SelectorSet></b:ReferenceParameters></${tag}>`;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
