import { FerricError, maskText } from '@ferric/core';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { WsmanElement } from '../wsman.js';
import { isXmlText } from './escape.js';
import { UnknownReference, unescapeXml } from './unescape.js';

/** Elements inside one another. An answer of AMT has about ten; more is an attack on the stack. */
const DEEPEST = 50;

const LONGEST_REASON = 160;

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  cdataPropName: CDATA,
  // Numbers, spaces and references stay as they came: a serial number such as 13E55 is no number.
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  jPath: false,
  // Names never become properties of the tree, so that none of them can do harm; they would get underscores otherwise.
  onDangerousProperty: (name: string) => name,
  maxNestedTags: DEEPEST,
});

const DOCUMENT_TYPE = /<!DOCTYPE/i;
const LONGEST_START = '<!DOCTYPE'.length;

/** A prefix that stands for no namespace. */
class UndeclaredPrefix extends Error {
  constructor(prefix: string) {
    super(`the prefix ${JSON.stringify(prefix)} is not declared`);
  }
}

/** A node as the parser yields it: one key that is its name, and its attributes. */
type Node = Readonly<Record<string, readonly Node[] | string | Attributes>>;
type Attributes = Readonly<Record<string, string>>;
/** Namespaces by prefix, the default one under ''. A chain, so that an element costs what it declares and not what is declared around it. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

const OUTERMOST: Scope = { declared: new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]), outer: undefined };

/**
 * Reads an XML text into its root element. Spaces and a byte order mark in front are left aside, for firmware sends them.
 * @throws PROTOCOL_FAULT when it is not well-formed, has a document type, refers to entities that XML itself does not know, or has prefixes that are not
 *   declared. The text is not shown.
 */
export function parseXml(text: string): WsmanElement {
  const document = text.trim();
  if (document === '') throw malformed('it is empty');
  if (!isXmlText(document)) throw malformed('it has a character that XML does not have');
  // No device sends one, and all that it can do is harm. Source: DSP0226, section 13 and SOAP 1.2, section 5: a message has none.
  if (hasDocumentType(document)) throw malformed('it has a document type');
  // The parser itself takes an unclosed document. The validator is said to move to a package of its own, which is one dependency more.
  // oxlint-disable-next-line typescript/no-deprecated
  const verdict = XMLValidator.validate(document);
  if (verdict !== true) throw malformed(`${verdict.err.msg.replace(/\.$/, '')} (line ${verdict.err.line})`);
  const [root, ...others] = parse(document).filter((node) => nameOf(node) !== undefined);
  if (root === undefined || others.length > 0) throw malformed('it has not one element at its top');
  try {
    return toElement(root, OUTERMOST);
  } catch (error) {
    throw error instanceof UnknownReference || error instanceof UndeclaredPrefix ? malformed(error.message) : error;
  }
}

/** What may hold `<!DOCTYPE` without meaning it. */
const LITERALS = [{ start: '<!--', end: '-->' }, { start: '<![CDATA[', end: ']]>' }] as const;

function hasDocumentType(document: string): boolean {
  let at = document.indexOf('<!');
  while (at >= 0) {
    const literal = LITERALS.find(({ start }) => document.startsWith(start, at));
    if (literal === undefined && DOCUMENT_TYPE.test(document.slice(at, at + LONGEST_START))) return true;
    const endsAt = literal === undefined ? at + 1 : document.indexOf(literal.end, at + literal.start.length);
    // One that never ends may be no such thing, but a piece of an attribute.
    if (endsAt < 0) return DOCUMENT_TYPE.test(document.slice(at));
    at = document.indexOf('<!', endsAt);
  }
  return false;
}

function parse(document: string): readonly Node[] {
  try {
    return parser.parse(document) as readonly Node[];
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'it cannot be parsed');
  }
}

/** The name of an element; undefined for a text. */
function nameOf(node: Node): string | undefined {
  return Object.keys(node).find((key) => key !== TEXT && key !== CDATA && key !== ATTRIBUTES);
}

function toElement(node: Node, outer: Scope): WsmanElement {
  const fullName = nameOf(node) ?? '';
  const written = Object.entries((node[ATTRIBUTES] ?? {}) as Attributes).map(([name, value]) => [name, unescapeXml(value)] as const);
  const declared = written.filter(([name]) => isDeclaration(name)).map(([name, uri]) => [name.slice('xmlns:'.length), uri] as const);
  const scope = declared.length === 0 ? outer : { declared: new Map(declared), outer };
  const content = node[fullName] as readonly Node[];
  const children = content.filter((child) => nameOf(child) !== undefined).map((child) => toElement(child, scope));
  const { local, namespace } = resolve(fullName, scope);
  const attributes = written.filter(([name]) => !isDeclaration(name)).map(([name, value]) => [resolve(name, scope).local, value] as const);
  return {
    name: local,
    ...(namespace === undefined ? {} : { namespace }),
    attributes: Object.fromEntries(attributes),
    text: children.length > 0 ? '' : content.map(textOf).join(''),
    children,
  };
}

/** @throws UndeclaredPrefix. Source: Namespaces in XML 1.0, section 5. */
function resolve(name: string, scope: Scope): { readonly local: string; readonly namespace: string | undefined } {
  const { prefix, local } = split(name);
  const declared = lookUp(scope, prefix);
  // An empty one takes the default namespace back.
  const namespace = declared === '' ? undefined : declared;
  if (namespace === undefined && prefix !== '') throw new UndeclaredPrefix(prefix);
  return { local, namespace };
}

function lookUp(scope: Scope | undefined, prefix: string): string | undefined {
  for (let current = scope; current !== undefined; current = current.outer) {
    const uri = current.declared.get(prefix);
    if (uri !== undefined) return uri;
  }
  return undefined;
}

function textOf(node: Node): string {
  const cdata = node[CDATA];
  if (cdata !== undefined) return (cdata as readonly Node[]).map((part) => part[TEXT] as string).join('');
  return unescapeXml(node[TEXT] as string);
}

function isDeclaration(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}

function split(name: string): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(':');
  return { prefix: name.slice(0, Math.max(0, colon)), local: name.slice(colon + 1) };
}

/** @param why may quote from the text, and so may be as long as it */
function malformed(why: string): FerricError {
  const reason = why.length > LONGEST_REASON ? `${why.slice(0, LONGEST_REASON)}...` : why;
  return new FerricError('PROTOCOL_FAULT', `The answer is not XML that can be read: ${maskText(reason)}`);
}
