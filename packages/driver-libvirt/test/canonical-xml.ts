import sax, { type QualifiedTag, type SAXParser } from 'sax';

/** One thing in an XML text that means something, as one line: an element with its sorted attributes, a text, a comment. */
export type CanonicalLine = string;

/**
 * An XML text in a form in which two texts are equal when they mean the same: attributes sorted, entities resolved, names with their
 * namespaces, blanks between elements gone. Written without the parser of the driver, which it judges.
 * @param ignores leaves out an element, with all that is in it, by its path: `/domain/os/boot`
 */
export function canonicalXml(xml: string, ignores: (path: string) => boolean = () => false): readonly CanonicalLine[] {
  const lines: CanonicalLine[] = [];
  const path: string[] = [];
  let ignoredFrom: number | undefined;
  let text = '';
  const add = (line: string): void => {
    if (ignoredFrom === undefined) lines.push(`${'  '.repeat(path.length)}${line}`);
  };
  const flush = (): void => {
    if (text.trim() !== '') add(`text ${JSON.stringify(text)}`);
    text = '';
  };
  const parser = sax.parser(true, { xmlns: true });
  const addText = (part: string): void => {
    text += part;
  };
  const handlers: Partial<SAXParser> = {
    onerror(error) {
      throw error;
    },
    onopentag(tag) {
      flush();
      const { local, uri, attributes } = tag as QualifiedTag;
      const sorted = Object.values(attributes)
        .map((attribute) => `${attribute.prefix === '' ? '' : `{${attribute.uri}}`}${attribute.name}=${JSON.stringify(attribute.value)}`)
        .toSorted();
      const name = uri === '' ? local : `{${uri}}${local}`;
      if (ignoredFrom === undefined && ignores(['', ...path, name].join('/'))) ignoredFrom = path.length;
      add(['element', name, ...sorted].join(' '));
      path.push(name);
    },
    onclosetag() {
      flush();
      path.pop();
      if (ignoredFrom === path.length) ignoredFrom = undefined;
    },
    ontext: addText,
    oncdata: addText,
    oncomment(comment) {
      flush();
      add(`comment ${JSON.stringify(comment)}`);
    },
    onprocessinginstruction(instruction) {
      flush();
      add(`instruction ${JSON.stringify(instruction)}`);
    },
  };
  Object.assign(parser, handlers);
  parser.write(xml).close();
  return lines;
}

/** The lines that only one of two texts has, without the blanks around them. */
export function lineDifference(before: string, after: string): { readonly removed: readonly string[]; readonly added: readonly string[] } {
  const left = before.split('\n');
  const right = after.split('\n');
  const lengths = Array.from({ length: left.length + 1 }, () => new Int32Array(right.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      (lengths[i] as Int32Array)[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const removed: string[] = [];
  const added: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i += 1;
      j += 1;
    } else if (j < right.length && (i === left.length || at(i, j + 1) >= at(i + 1, j))) {
      added.push(String(right[j]).trim());
      j += 1;
    } else {
      removed.push(String(left[i]).trim());
      i += 1;
    }
  }
  return { removed, added };
}
