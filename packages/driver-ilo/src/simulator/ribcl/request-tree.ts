// Reads what a client sends as RIBCL: tags and attributes, nothing more. Written apart from the client's parser on purpose.

/** One element. Names and attributes are in upper case: the iLO does not look at it. */
export interface RequestElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly RequestElement[];
  /** Text directly inside, without blanks around it. */
  readonly text: string;
  /** Line where it begins, counted from 1. */
  readonly line: number;
}

/** What was read: the tree, or the line and the word at which it cannot be understood. */
export type ReadRequest = { readonly root: RequestElement } | { readonly badLine: number; readonly badText: string };

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: RequestElement[];
  readonly line: number;
  text: string;
}

const TOKEN = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\/\s*([A-Za-z_][\w.-]*)\s*>|<([A-Za-z_][\w.-]*)((?:\s+[\w.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+|</g;
const ATTRIBUTE = /([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

/** Reads one request. Escapes of XML are undone only when the request asks for it: firmware does not do so by itself. */
export function readRequest(text: string): ReadRequest {
  const undo = /<\?ilo\s+entity-processing\s*=\s*["']standard["']\s*\?>/.test(text) ? unescapeXml : (value: string): string => value;
  const tree = new Tree();
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  for (const match of text.matchAll(TOKEN)) {
    const [token, ending, beginning, attributes = '', selfClosed] = match;
    if (token === '<') return { badLine: lineAt(match.index), badText: text.slice(match.index, match.index + 20).split(/[\r\n]/)[0] ?? '' };
    if (ending !== undefined && !tree.close(ending.toUpperCase())) return { badLine: lineAt(match.index), badText: ending };
    if (beginning !== undefined) tree.open(beginning.toUpperCase(), readAttributes(attributes, undo), lineAt(match.index), selfClosed === '/');
    if (ending === undefined && beginning === undefined) tree.write(textOf(token, undo));
  }
  return tree.finish() ?? { badLine: lineAt(text.length), badText: tree.innermost ?? '' };
}

/** What a token that is no tag adds to the text. */
function textOf(token: string, undo: (value: string) => string): string {
  if (token.startsWith('<![CDATA[')) return token.slice('<![CDATA['.length, -']]>'.length);
  return token.startsWith('<') ? '' : undo(token);
}

/** Elements as they open and close. */
class Tree {
  readonly #open: Open[] = [];
  #root: RequestElement | undefined;

  /** Name of the element that is open. */
  get innermost(): string | undefined {
    return this.#open.at(-1)?.name;
  }

  open(name: string, attributes: Readonly<Record<string, string>>, line: number, isEmpty: boolean): void {
    this.#open.push({ name, attributes, children: [], line, text: '' });
    if (isEmpty) this.close(name);
  }

  write(text: string): void {
    const last = this.#open.at(-1);
    if (last !== undefined) last.text += text;
  }

  /** @returns false when another element is open */
  close(name: string): boolean {
    if (this.innermost !== name) return false;
    const done = this.#open.pop();
    if (done === undefined) return false;
    const element: RequestElement = { ...done, text: done.text.trim() };
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    // The vendor's own program sends a version of its own in front of the document.
    else if (element.name !== 'LOCFG') this.#root ??= element;
    return true;
  }

  /** The whole, when everything that was opened is closed. */
  finish(): { readonly root: RequestElement } | undefined {
    return this.#open.length > 0 || this.#root === undefined ? undefined : { root: this.#root };
  }
}

function readAttributes(text: string, undo: (value: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name.toUpperCase(), undo(double ?? single ?? '')]));
}

function unescapeXml(value: string): string {
  return value.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
