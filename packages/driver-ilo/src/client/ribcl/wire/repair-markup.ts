import { maskMarkup } from './mask-markup.js';
import { unreadable } from './unreadable.js';

const NAME = '[A-Za-z_][\\w.:-]*';
const START_TAG = new RegExp(`<(${NAME})`, 'y');
const END_TAG = new RegExp(`</(${NAME})\\s*>`, 'y');
const TAG_END = /\s*(\/?)>/y;
const ATTRIBUTE = new RegExp(`\\s*(${NAME})\\s*=\\s*(["'])`, 'y');
/** What may follow the quotation mark that ends a value: the next attribute or the end of the tag. */
const AFTER_VALUE = new RegExp(`\\s*(?:/?>|${NAME}\\s*=\\s*["'])`, 'y');
/** An entity that every XML has, a character by its number, or a character that must be written as an entity. */
const SPECIAL = /&(?:amp|lt|gt|quot|apos);|&#(\d{1,7});|&#x([\da-f]{1,6});|[&<>"]/gi;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Longer than any record of SMBIOS in base64, the longest value that is known. Characters. */
const LONGEST_VALUE = 262_144;
/** An element with more is no answer of an iLO; the widest known has nine. */
const MOST_ATTRIBUTES = 256;
/** How deep elements may stand in one another. The deepest answer known has seven. */
const DEEPEST = 40;
/** A log with as many entries does not fit into a controller. Each takes time, while nobody else is served. */
const MOST_ELEMENTS = 20_000;

const LONGEST_EXCERPT = 60;

/** Things that hold no fact, and where they end. */
const SKIPPED: readonly (readonly [start: string, end: string])[] = [['<?', '?>'], ['<!--', '-->']];
const CDATA = ['<![CDATA[', ']]>'] as const;

/** Where the scanner stands, and what it has written so far. */
interface Scan {
  readonly text: string;
  readonly output: string[];
  position: number;
  /** The elements that are open, the innermost last. */
  readonly open: string[];
  hasRoot: boolean;
  elements: number;
  /** The root was closed by mistake, and is open all the same. */
  reopened: boolean;
}

/**
 * Rewrites one document as well-formed XML with names in upper case, one blank before each attribute and values in double quotes.
 * Puts right what firmware is known to get wrong (python-hpilo, hpilo.py): quotation marks inside of values that are not escaped,
 * `<RIBCL VERSION="2.22"/>` before its content, ampersands that stand for themselves, blanks around `=`. Takes time in proportion to
 * the length of the text, whatever stands in it.
 * @throws PROTOCOL_FAULT when a tag cannot be read even so, when tags do not match, for elements that are nested deeper than 40 or more than 20 000, for none or several
 *   at the top, for a document type.
 */
export function repairMarkup(text: string): string {
  const scan: Scan = { text, output: [], position: 0, open: [], hasRoot: false, elements: 0, reopened: false };
  while (scan.position < text.length) {
    const next = text.indexOf('<', scan.position);
    pushText(scan, escapeText(text.slice(scan.position, next < 0 ? undefined : next)));
    if (next < 0) break;
    scan.position = next;
    readMarkup(scan);
  }
  if (scan.reopened && scan.open.length === 1) scan.output.push(`</${scan.open.pop()}>`);
  const unclosed = scan.open.at(-1);
  if (unclosed !== undefined) throw unreadable(`${unclosed} in it has no end`);
  if (!scan.hasRoot) throw unreadable('it holds no element', text.slice(0, 60));
  return scan.output.join('');
}

function readMarkup(scan: Scan): void {
  const skipped = SKIPPED.find(([start]) => scan.text.startsWith(start, scan.position));
  if (skipped !== undefined) return void between(scan, ...skipped);
  if (scan.text.startsWith(CDATA[0], scan.position)) return pushText(scan, between(scan, ...CDATA).replace(/[&<>"]/g, escapeCharacter));
  if (scan.text.startsWith('<!', scan.position)) throw unreadable('it has a document type', excerpt(scan));
  const endTag = take(scan, END_TAG);
  if (endTag !== undefined) return closeElement(scan, (endTag[1] ?? '').toUpperCase());
  const startTag = take(scan, START_TAG);
  if (startTag !== undefined) return readStartTag(scan, (startTag[1] ?? '').toUpperCase());
  count(scan);
  pushText(scan, '&lt;');
  scan.position += 1;
}

/** Counts what begins as an element does. */
function count(scan: Scan): void {
  scan.elements += 1;
  if (scan.elements > MOST_ELEMENTS) throw unreadable(`it holds more than ${MOST_ELEMENTS} elements`);
}

/** Text outside of the root says nothing and would not be well-formed. */
function pushText(scan: Scan, escaped: string): void {
  if (scan.open.length > 0) scan.output.push(escaped);
}

/** Skips a part with its ends, and yields what is between them. */
function between(scan: Scan, start: string, end: string): string {
  const from = scan.position + start.length;
  const at = scan.text.indexOf(end, from);
  if (at < 0) throw unreadable('it ends within a tag', excerpt(scan));
  scan.position = at + end.length;
  return scan.text.slice(from, at);
}

function readStartTag(scan: Scan, name: string): void {
  if (scan.open.length === 0 && scan.hasRoot) throw unreadable(`it holds ${name} behind its end`);
  if (scan.open.length === DEEPEST) throw unreadable(`its elements are nested deeper than ${DEEPEST}`);
  count(scan);
  scan.output.push(`<${name}`);
  const seen = new Set<string>();
  for (;;) {
    const end = take(scan, TAG_END);
    if (end !== undefined) return openElement(scan, name, end[1] === '/');
    if (seen.size === MOST_ATTRIBUTES) throw unreadable(`an element in it has more than ${MOST_ATTRIBUTES} attributes`);
    const [attribute, value] = readAttribute(scan);
    // A second one of the same name is not well-formed; the first counts.
    if (!seen.has(attribute)) scan.output.push(` ${attribute}="${escapeText(value)}"`);
    seen.add(attribute);
  }
}

function openElement(scan: Scan, name: string, empty: boolean): void {
  const closedByMistake = empty && !scan.hasRoot && name === 'RIBCL' && scan.text.includes('<', scan.position);
  scan.hasRoot = true;
  scan.reopened ||= closedByMistake;
  if (!empty || closedByMistake) scan.open.push(name);
  scan.output.push(empty && !closedByMistake ? '/>' : '>');
}

function closeElement(scan: Scan, name: string): void {
  const expected = scan.open.pop();
  if (expected !== name) throw unreadable(`${name} ends in it where ${expected ?? 'nothing'} should`);
  scan.output.push(`</${name}>`);
}

function readAttribute(scan: Scan): readonly [name: string, value: string] {
  const attribute = take(scan, ATTRIBUTE);
  if (attribute === undefined) throw unreadable('a tag in it is broken', excerpt(scan));
  return [(attribute[1] ?? '').toUpperCase(), readValue(scan, attribute[2] ?? '"')];
}

/** Reads up to the first quotation mark behind which the tag goes on as a tag does; those before it belong to the value. */
function readValue(scan: Scan, quote: string): string {
  const start = scan.position;
  for (let at = scan.text.indexOf(quote, start); at >= 0 && at - start <= LONGEST_VALUE; at = scan.text.indexOf(quote, at + 1)) {
    AFTER_VALUE.lastIndex = at + 1;
    if (!AFTER_VALUE.test(scan.text)) continue;
    scan.position = at + 1;
    return scan.text.slice(start, at);
  }
  throw unreadable('a value in it has no end', excerpt(scan));
}

/** Matches where the scanner stands, and moves behind the match. */
function take(scan: Scan, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = scan.position;
  const match = pattern.exec(scan.text) ?? undefined;
  if (match !== undefined) scan.position = pattern.lastIndex;
  return match;
}

function escapeText(text: string): string {
  return text.replace(SPECIAL, (found: string, decimal: string | undefined, hexadecimal: string | undefined) => {
    const number = decimal ?? hexadecimal;
    return number === undefined ? escapeCharacter(found) : escapeCharacter(characterOf(Number.parseInt(number, decimal === undefined ? 16 : 10)));
  });
}

function escapeCharacter(character: string): string {
  return ESCAPES[character] ?? character;
}

/** The sign for an unreadable character stands for numbers that are none or that XML does not allow. */
function characterOf(number: number): string {
  const allowed = number === 0x09 || number === 0x0a || number === 0x0d || (number >= 0x20 && number <= 0x10_ffff && (number < 0xd800 || number > 0xdfff));
  return allowed ? String.fromCodePoint(number) : '\ufffd';
}

/** What stands here, masked as a part of the whole: alone it may be a password of which nothing says that it is one. */
function excerpt({ text, position }: Scan): string {
  const before = maskMarkup(text.slice(0, position));
  return maskMarkup(text.slice(0, position + LONGEST_EXCERPT)).slice(before.length);
}
