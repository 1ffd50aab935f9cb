import type { XmlElement } from './element.js';

/** Text that is no XML. `line` counts from 1. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
  readonly line: number;

  constructor(problem: string, line: number) {
    super(problem);
    this.line = line;
  }
}

/** Deeper elements are refused; no definition of libvirt comes near. */
const DEEPEST = 100;

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const SPACE = /[\s]*/y;
const ATTRIBUTE_VALUE = /"[^"<]*"|'[^'<]*'/y;
const ENTITIES: ReadonlyMap<string, string> = new Map([['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"]]);

/**
 * Parses one element and what stands around it. Comments, processing instructions and the declaration are passed over.
 * A document type is refused: libvirt's own files have none, and entities of one's own are a danger.
 * @throws XmlFault
 */
export function parseXml(text: string): XmlElement {
  const scanner = new Scanner(text);
  scanner.skipAround();
  if (scanner.atEnd) throw scanner.fault('Document is empty');
  if (!scanner.take('<')) throw scanner.fault("Start tag expected, '<' not found");
  const element = scanner.element(1);
  scanner.skipAround();
  if (!scanner.atEnd) throw scanner.fault('Extra content at the end of the document');
  return element;
}

class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  fault(problem: string): XmlFault {
    return new XmlFault(problem, this.#text.slice(0, this.#position).split('\n').length);
  }

  /** Passes over this text when it comes next. */
  take(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#position);
    if (found) this.#position += expected.length;
    return found;
  }

  /** Everything that may stand before and behind the element. */
  skipAround(): void {
    do this.#match(SPACE);
    while (this.#skipRemark());
    if (this.#text.startsWith('<!', this.#position)) throw this.fault('A document type is not allowed');
  }

  /** An element whose `<` was read. */
  element(depth: number): XmlElement {
    if (depth > DEEPEST) throw this.fault(`Elements more than ${DEEPEST} deep`);
    const name = this.#match(NAME);
    if (name === '') throw this.fault('StartTag: invalid element name');
    const element: XmlElement = { name, attributes: this.#attributes(name), children: [] };
    if (this.take('/>')) return element;
    if (!this.take('>')) throw this.fault(`Couldn't find end of Start Tag ${name}`);
    this.#children(element, depth);
    return element;
  }

  #attributes(element: string): Map<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      const space = this.#match(SPACE);
      const name = this.#match(NAME);
      if (name === '') return attributes;
      if (space === '') throw this.fault('attributes construct error');
      this.#match(SPACE);
      if (!this.take('=')) throw this.fault(`Specification mandates value for attribute ${name}`);
      this.#match(SPACE);
      const value = this.#match(ATTRIBUTE_VALUE);
      if (value === '') throw this.fault(`AttValue: ' expected in ${element}`);
      if (attributes.has(name)) throw this.fault(`Attribute ${name} redefined`);
      attributes.set(name, this.#decode(value.slice(1, -1).replaceAll(/[\t\r\n]/g, ' ')));
    }
  }

  #children(element: XmlElement, depth: number): void {
    while (!this.take('</')) {
      if (this.atEnd) throw this.fault(`Premature end of data in tag ${element.name}`);
      if (this.take('<![CDATA[')) element.children.push(this.#until(']]>'));
      else if (this.#skipRemark()) continue;
      else if (this.take('<')) element.children.push(this.element(depth + 1));
      else element.children.push(this.#decode(this.#textRun()));
    }
    const name = this.#match(NAME);
    this.#match(SPACE);
    if (name !== element.name || !this.take('>')) throw this.fault(`Opening and ending tag mismatch: ${element.name} and ${name}`);
  }

  #skipRemark(): boolean {
    if (this.take('<!--')) this.#until('-->');
    else if (this.take('<?')) this.#until('?>');
    else return false;
    return true;
  }

  #until(end: string): string {
    const place = this.#text.indexOf(end, this.#position);
    if (place < 0) throw this.fault(`${end} not found`);
    const found = this.#text.slice(this.#position, place);
    this.#position = place + end.length;
    return found;
  }

  #textRun(): string {
    const place = this.#text.indexOf('<', this.#position);
    const end = place < 0 ? this.#text.length : place;
    const run = this.#text.slice(this.#position, end);
    this.#position = end;
    return run;
  }

  #decode(text: string): string {
    return text.replaceAll(/&([^;&]*)(;?)/g, (_whole, name: string, end: string) => {
      const character = end === '' ? undefined : (ENTITIES.get(name) ?? numericEntity(name));
      if (character === undefined) throw this.fault(`Entity '${name}' not defined`);
      return character;
    });
  }

  /** What this sticky pattern finds here; an empty text when it finds nothing. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }
}

function numericEntity(name: string): string | undefined {
  const match = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number.parseInt(match[2] ?? '', 10) : Number.parseInt(match[1], 16);
  return code === 0 || code > 0x10ffff ? undefined : String.fromCodePoint(code);
}
