import { FerricError } from '@ferric/core';
import sax, { type QualifiedTag, type SAXParser } from 'sax';

/** One element and where it stands in the text. Offsets count UTF-16 units, as strings do. */
export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string;
  readonly localName: string;
  /** Empty for elements of libvirt itself, which have none. */
  readonly namespace: string;
  /** By their name as written, entities resolved. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly parent: XmlElement | undefined;
  readonly children: readonly XmlElement[];
  /** Its own text and CDATA, without that of its children. */
  readonly text: string;
  /** Of its `<`. */
  readonly start: number;
  /** Behind the start tag. */
  readonly contentStart: number;
  /** Of the end tag; the same as {@link XmlElement.end} in `<this/>`. */
  readonly contentEnd: number;
  /** Behind the end tag. */
  readonly end: number;
}

/** A text and the tree in it. Comments, processing instructions and the text between elements are only in the text. */
export interface XmlDocument {
  readonly text: string;
  readonly root: XmlElement;
}

type Growing<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** Elements inside one another; more is an attack on the stack and no definition of a machine. */
const DEEPEST = 200;

/**
 * Reads an XML text.
 * @throws PROTOCOL_FAULT when it is not well-formed or has a document type. The text is not shown: it may hold passwords.
 */
export function parseXml(text: string): XmlDocument {
  const parser = sax.parser(true, { xmlns: true, position: true });
  const open: Growing<XmlElement>[] = [];
  let root: XmlElement | undefined;
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };

  const handlers: Pick<SAXParser, 'onerror' | 'ondoctype' | 'onopentag' | 'onclosetag' | 'ontext' | 'oncdata'> = {
    onerror(error) {
      throw malformed(error.message.split('\n')[0] ?? 'it is not well-formed');
    },
    ondoctype() {
      throw malformed('it has a document type');
    },
    onopentag(tag) {
      if (open.length === DEEPEST) throw malformed(`its elements are nested deeper than ${DEEPEST}`);
      // sax takes several roots.
      if (open.length === 0 && root !== undefined) throw malformed('it has two elements at its top');
      const element = startElement(tag as QualifiedTag, open.at(-1), parser.startTagPosition - 1, parser.position);
      if (element.parent === undefined) root = element;
      else (element.parent.children as XmlElement[]).push(element);
      open.push(element);
    },
    onclosetag() {
      const element = open.pop();
      if (element === undefined) return;
      element.end = parser.position;
      // For an element without content sax tells of its end while it still stands at its start tag.
      element.contentEnd = element.contentStart === element.end ? element.end : parser.startTagPosition - 1;
    },
    ontext: addText,
    oncdata: addText,
  };
  Object.assign(parser, handlers);

  parser.write(text).close();
  if (root === undefined) throw malformed('it has no element');
  return { text, root };
}

function startElement(tag: QualifiedTag, parent: XmlElement | undefined, start: number, contentStart: number): Growing<XmlElement> {
  return {
    name: tag.name,
    localName: tag.local,
    namespace: tag.uri,
    attributes: new Map(Object.values(tag.attributes).map(({ name, value }) => [name, value])),
    parent,
    children: [],
    text: '',
    start,
    contentStart,
    contentEnd: contentStart,
    end: contentStart,
  };
}

function malformed(problem: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The libvirt daemon gave an XML text that cannot be read: ${problem}`, {
    details: { step: 'read XML' },
    hint: 'Look at it with `virsh dumpxml`.',
  });
}
