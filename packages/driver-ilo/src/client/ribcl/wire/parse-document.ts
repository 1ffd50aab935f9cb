import { XMLParser } from 'fast-xml-parser';
import type { RibclElement } from './element.js';
import { repairMarkup } from './repair-markup.js';
import { unreadable } from './unreadable.js';

const ATTRIBUTES = ':@';
const TEXT = '#text';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Those that every XML has; the text has no document type that could declare others.
  processEntities: true,
  // Any name may come; here they become keys of a Map.
  onDangerousProperty: (name) => name,
});

/** An element as the parser gives it: its name with its content, beside its attributes; or a text. */
type Parsed = Readonly<Record<string, unknown>>;

/**
 * Reads one document, as leniently as {@link repairMarkup} says. That comes first, for the parser alone takes documents without an end.
 * @throws PROTOCOL_FAULT when it cannot be read.
 */
export function parseDocument(text: string): RibclElement {
  const markup = repairMarkup(text);
  let nodes: readonly Parsed[];
  try {
    nodes = parser.parse(markup) as readonly Parsed[];
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : 'it is not well-formed');
  }
  const root = nodes.find((node) => nameOf(node) !== TEXT);
  if (root === undefined) throw unreadable('it holds no element');
  return toElement(root);
}

function toElement(node: Parsed): RibclElement {
  const name = nameOf(node);
  const content = (node[name] ?? []) as readonly Parsed[];
  const attributes = (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>;
  return {
    name,
    attributes: new Map(Object.entries(attributes)),
    children: content.filter((child) => nameOf(child) !== TEXT).map(toElement),
    text: content.map((child) => (typeof child[TEXT] === 'string' ? child[TEXT] : '')).join('').trim(),
  };
}

function nameOf(node: Parsed): string {
  return Object.keys(node).find((key) => key !== ATTRIBUTES) ?? TEXT;
}
