import { unescapeXml } from './xml-text.js';

// A reader of its own, so that a mistake of the client's parser cannot hide here. Source: Extensible Markup Language 1.0 (fifth edition); Namespaces in
// XML 1.0. Document types are not taken, as SOAP asks for: SOAP 1.2, part 1, section 5.

/** An element of a request, its prefixes resolved. */
export interface XmlElement {
  readonly name: string;
  /** URI; '' when it is in no namespace. */
  readonly namespace: string;
  /** By local name, whatever namespace they are in: a retired driver of Ironic wrote the Name of selectors with a prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, without the white space around it. */
  readonly text: string;
}

/** An element that is not closed yet. */
interface OpenElement {
  readonly qualified: string;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const DEEPEST = 32;
const NAME = String.raw`[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?`;
const ATTRIBUTE = new RegExp(String.raw`\s+(${NAME})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`, 'g');
const TOKEN = new RegExp(
  [
    String.raw`<!\[CDATA\[(?<data>[^]*?)\]\]>`,
    String.raw`<!--[^]*?-->`,
    String.raw`<\?[^]*?\?>`,
    String.raw`</(?<closes>${NAME})\s*>`,
    String.raw`<(?<opens>${NAME})(?<attributes>(?:\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>/?)>`,
    String.raw`(?<text>[^<]+)`,
  ].join('|'),
  'y',
);

const NO_PREFIXES: ReadonlyMap<string, string> = new Map([['', ''], ['xml', 'http://www.w3.org/XML/1998/namespace']]);

/** Reads a document. Yields undefined for what is not well-formed, has a document type, an unknown prefix, or is nested too deeply. */
export function parseXml(document: string): XmlElement | undefined {
  const source = document.replace(/^[\uFEFF\s]+/, '');
  const top: OpenElement = { qualified: '', prefixes: NO_PREFIXES, attributes: new Map(), children: [], text: '' };
  const stack: OpenElement[] = [top];
  for (let at = 0; at < source.length; ) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(source);
    if (found === null || !take(found.groups ?? {}, stack)) return undefined;
    at += found[0].length;
  }
  const [root] = top.children;
  const isDocument = stack.length === 1 && top.children.length === 1 && top.text.trim() === '';
  return isDocument ? root : undefined;
}

/** Takes one token; false when it must not stand there. */
function take(token: Readonly<Record<string, string | undefined>>, stack: OpenElement[]): boolean {
  const current = stack.at(-1);
  if (current === undefined) return false;
  const { data, text, closes, opens } = token;
  if (data !== undefined) current.text += data;
  else if (text !== undefined) current.text += unescapeXml(text);
  else if (opens !== undefined) {
    if (stack.length > DEEPEST) return false;
    stack.push(open(opens, token['attributes'] ?? '', current.prefixes));
    return token['empty'] === '' || close(opens, stack);
  } else if (closes !== undefined) return close(closes, stack);
  return true;
}

function open(qualified: string, written: string, outer: ReadonlyMap<string, string>): OpenElement {
  const prefixes = new Map(outer);
  const attributes = new Map<string, string>();
  for (const [, name = '', quoted, single = ''] of written.matchAll(ATTRIBUTE)) {
    const value = unescapeXml(quoted ?? single);
    if (name === 'xmlns') prefixes.set('', value);
    else if (name.startsWith('xmlns:')) prefixes.set(name.slice('xmlns:'.length), value);
    else attributes.set(split(name).local, value);
  }
  return { qualified, prefixes, attributes, children: [], text: '' };
}

function close(qualified: string, stack: OpenElement[]): boolean {
  const closed = stack.length > 1 ? stack.pop() : undefined;
  const { prefix, local } = split(qualified);
  const namespace = closed?.prefixes.get(prefix);
  if (closed?.qualified !== qualified || namespace === undefined) return false;
  const { attributes, children, text } = closed;
  stack.at(-1)?.children.push({ name: local, namespace, attributes, children, text: text.trim() });
  return true;
}

function split(qualified: string): { readonly prefix: string; readonly local: string } {
  const colon = qualified.indexOf(':');
  return { prefix: colon === -1 ? '' : qualified.slice(0, colon), local: qualified.slice(colon + 1) };
}

/** The first child of that name and namespace. */
export function childOf(element: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name && child.namespace === namespace);
}
