/** An element of a definition. Comments are not kept: libvirt drops them too. */
export interface XmlElement {
  name: string;
  attributes: Map<string, string>;
  children: XmlNode[];
}

export type XmlNode = XmlElement | string;

export function xmlElement(name: string, attributes: Readonly<Record<string, string>> = {}, children: readonly XmlNode[] = []): XmlElement {
  return { name, attributes: new Map(Object.entries(attributes)), children: [...children] };
}

export function cloneElement(element: XmlElement): XmlElement {
  return {
    name: element.name,
    attributes: new Map(element.attributes),
    children: element.children.map((child) => (typeof child === 'string' ? child : cloneElement(child))),
  };
}

function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== 'string';
}

/** The elements of this name right below, or all of them. */
export function elementsOf(parent: XmlElement | undefined, name?: string): XmlElement[] {
  return (parent?.children ?? []).filter(isElement).filter((child) => name === undefined || child.name === name);
}

/** The first element on this path of names: `elementAt(domain, 'os', 'type')`. */
export function elementAt(parent: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = parent;
  for (const name of path) found = elementsOf(found, name)[0];
  return found;
}

/** The text right inside, without the spaces around it; undefined when there is no such element. */
export function textOf(element: XmlElement | undefined): string | undefined {
  return element?.children.filter((child) => typeof child === 'string').join('').trim();
}

/** Every element below and the element itself. */
export function* walk(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of elementsOf(element)) yield* walk(child);
}

/** Takes the elements away for which `test` says true. */
export function removeElements(parent: XmlElement, test: (element: XmlElement) => boolean): void {
  parent.children = parent.children.filter((child) => !isElement(child) || !test(child));
}

/** Puts an element behind the last one that has one of these names, or at the front when there is none. */
export function insertBehind(parent: XmlElement, names: readonly string[], element: XmlElement): void {
  const place = parent.children.findLastIndex((child) => isElement(child) && names.includes(child.name));
  parent.children.splice(place + 1, 0, element);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;' };

function escape(text: string, characters: RegExp): string {
  return text.replace(characters, (character) => ESCAPES[character] ?? character);
}

/** The element as libvirt writes XML: two spaces for each level, attributes in single quotes. Ends with a line break. */
export function writeXml(element: XmlElement): string {
  const lines: string[] = [];
  writeInto(lines, element, '');
  return `${lines.join('\n')}\n`;
}

function writeInto(lines: string[], element: XmlElement, indent: string): void {
  const tag = openingTag(element);
  const hasText = element.children.some((child) => typeof child === 'string' && child.trim() !== '');
  const elements = elementsOf(element);
  if (hasText) lines.push(`${indent}<${tag}>${element.children.map(writeInline).join('')}</${element.name}>`);
  else if (elements.length === 0) lines.push(`${indent}<${tag}/>`);
  else {
    lines.push(`${indent}<${tag}>`);
    for (const child of elements) writeInto(lines, child, `${indent}  `);
    lines.push(`${indent}</${element.name}>`);
  }
}

function openingTag(element: XmlElement): string {
  return [element.name, ...[...element.attributes].map(([name, value]) => `${name}='${escape(value, /[&<>'"]/g)}'`)].join(' ');
}

function writeInline(node: XmlNode): string {
  if (typeof node === 'string') return escape(node, /[&<>]/g);
  if (node.children.length === 0) return `<${openingTag(node)}/>`;
  return `<${openingTag(node)}>${node.children.map(writeInline).join('')}</${node.name}>`;
}
