import { badArgument, ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { cloneElement, elementAt, elementsOf, insertBehind, removeElements, textOf, walk, writeXml, xmlElement, type XmlElement } from '../xml/element.js';
import { parseXml, XmlFault } from '../xml/parse-xml.js';

/** Kinds of metadata. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainMetadataType. */
const METADATA = { description: 0, title: 1, element: 2 } as const;

const TEXT_ELEMENTS: ReadonlyMap<number, string> = new Map([[METADATA.description, 'description'], [METADATA.title, 'title']]);
/** What stands before each of them in a definition. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  title: ['name', 'uuid', 'genid'],
  description: ['name', 'uuid', 'genid', 'title'],
  metadata: ['name', 'uuid', 'genid', 'title', 'description'],
};

export interface Metadata {
  readonly type: number;
  /** Null removes it. */
  readonly value: string | null;
  /** Prefix of an element's namespace. */
  readonly key: string | null;
  readonly uri: string | null;
}

const badSet = (text: string, argument: string): RemoteError => badArgument(text, ERROR_DOMAIN.domain, 'virDomainSetMetadata', argument);
const absent = (): RemoteError => new RemoteError(ERROR.noMetadata, ERROR_DOMAIN.domain, 'Requested metadata element is not present');
const unknownType = (type: number): RemoteError => new RemoteError(ERROR.invalidArgument, ERROR_DOMAIN.domain, `unknown metadata type '${type}'`);

/** @throws RemoteError 8, 80 */
export function getMetadata(domain: XmlElement, type: number, uri: string | null): string {
  const name = TEXT_ELEMENTS.get(type);
  if (name !== undefined) {
    const found = elementAt(domain, name);
    if (found === undefined) throw absent();
    return found.children.filter((child) => typeof child === 'string').join('');
  }
  if (type !== METADATA.element) throw unknownType(type);
  if (uri === null) throw badArgument('uri in virDomainGetMetadata must not be NULL', ERROR_DOMAIN.domain, 'virDomainGetMetadata', 'uri');
  const found = elementsOf(elementAt(domain, 'metadata')).find((element) => namespaceOf(element) === uri);
  if (found === undefined) throw absent();
  return writeXml(withoutNamespace(found)).trimEnd();
}

/** Checks what shall be set; the result sets it in one form of the domain. @throws RemoteError 1, 8, 35 */
export function metadataChange({ type, value, key, uri }: Metadata): (domain: XmlElement) => void {
  const name = TEXT_ELEMENTS.get(type);
  if (name !== undefined) {
    if (type === METADATA.title && value?.includes('\n') === true) throw badSet("metadata title can't contain newlines", 'metadata');
    return (domain) => replaceText(domain, name, value);
  }
  if (type !== METADATA.element) throw unknownType(type);
  if (uri === null) throw badSet('uri in virDomainSetMetadata must not be NULL', 'uri');
  if (value === null) return (domain) => replaceElement(domain, uri, undefined);
  if (key === null) throw badSet('key in virDomainSetMetadata must not be NULL', 'key');
  const element = withNamespace(parseMetadata(value), key, uri);
  return (domain) => replaceElement(domain, uri, element);
}

function parseMetadata(value: string): XmlElement {
  try {
    return parseXml(value);
  } catch (error) {
    if (error instanceof XmlFault) throw new RemoteError(ERROR.xmlDetail, ERROR_DOMAIN.domain, `(metadata_xml):${error.line}: ${error.message}`);
    throw error;
  }
}

function replaceText(domain: XmlElement, name: string, value: string | null): void {
  removeElements(domain, (child) => child.name === name);
  if (value !== null && value !== '') insertBehind(domain, BEFORE[name] ?? [], xmlElement(name, {}, [value]));
}

function replaceElement(domain: XmlElement, uri: string, element: XmlElement | undefined): void {
  let metadata = elementAt(domain, 'metadata');
  if (metadata === undefined) {
    if (element === undefined) return;
    metadata = xmlElement('metadata');
    insertBehind(domain, BEFORE['metadata'] ?? [], metadata);
  }
  removeElements(metadata, (child) => namespaceOf(child) === uri);
  if (element !== undefined) metadata.children.push(cloneElement(element));
  if (elementsOf(metadata).length === 0 && (textOf(metadata) ?? '') === '') removeElements(domain, (child) => child === metadata);
}

/** The namespace of an element that declares its own, as every child of `metadata` does. */
function namespaceOf(element: XmlElement): string | undefined {
  const [prefix, local] = element.name.split(':');
  return element.attributes.get(local === undefined ? 'xmlns' : `xmlns:${prefix}`);
}

/** libvirt gives the namespace to the element and to everything in it that has none. */
function withNamespace(element: XmlElement, key: string, uri: string): XmlElement {
  const taken = element.attributes.has(`xmlns:${key}`) || element.name.startsWith(`${key}:`);
  if (taken) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.domain, 'failed to create a new XML namespace');
  for (const part of walk(element)) if (!part.name.includes(':')) part.name = `${key}:${part.name}`;
  element.attributes = new Map([[`xmlns:${key}`, uri], ...element.attributes]);
  return element;
}

function withoutNamespace(element: XmlElement): XmlElement {
  const copy = cloneElement(element);
  const [prefix] = copy.name.split(':');
  if (!copy.name.includes(':')) copy.attributes.delete('xmlns');
  else {
    copy.attributes.delete(`xmlns:${prefix}`);
    for (const part of walk(copy)) if (part.name.startsWith(`${prefix}:`)) part.name = part.name.slice((prefix ?? '').length + 1);
  }
  return copy;
}
