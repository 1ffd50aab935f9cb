import { FerricError, maskText } from '@ferric/core';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { WsmanElement } from '../wsman.js';
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
 * @throws PROTOCOL_FAULT when it is not well-formed, has a document type, or refers to entities that XML itself does not know. The text is not shown.
 */
export function parseXml(text: string): WsmanElement {
  const document = text.trim();
  if (document === '') throw malformed('it is empty');
  // No device sends one, and all that it can do is harm. Source: DSP0226, section 13 and SOAP 1.2, section 5: a message has none.
  if (/<!DOCTYPE/i.test(document)) throw malformed('it has a document type');
  // The parser itself takes an unclosed document. The validator is said to move to a package of its own, which is one dependency more.
  // oxlint-disable-next-line typescript/no-deprecated
  const verdict = XMLValidator.validate(document);
  if (verdict !== true) throw malformed(`${verdict.err.msg.replace(/\.$/, '')} (line ${verdict.err.line})`);
  const [root, ...others] = parse(document).filter((node) => nameOf(node) !== undefined);
  if (root === undefined || others.length > 0) throw malformed('it has not one element at its top');
  try {
    return toElement(root, OUTERMOST);
  } catch (error) {
    throw error instanceof UnknownReference ? malformed(error.message) : error;
  }
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
  const { prefix, local } = split(fullName);
  const namespace = lookUp(scope, prefix);
  return {
    name: local,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    attributes: Object.fromEntries(written.filter(([name]) => !isDeclaration(name)).map(([name, value]) => [split(name).local, value])),
    text: children.length > 0 ? '' : content.map(textOf).join(''),
    children,
  };
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
