import { FerricError } from '@ferric/core';

declare const mark: unique symbol;

/** Text that may stand in a script: our own, or a value that was checked. Only this module and its neighbours make it. */
export type ScriptText = string & { readonly [mark]: true };

/** One thing that a text must not have, as words that fit behind "must be". */
export interface TextRule {
  readonly accepts: (text: string) => boolean;
  readonly expected: string;
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
const OPERATORS: ReadonlySet<string> = new Set([';', '||', '&&']);

/**
 * What iPXE would read as anything else than plain words of one command. It has neither quotes nor escapes, so that such a text
 * cannot be mended, only refused.
 * Source: iPXE, src/image/script.c (lines, backslashes), src/core/exec.c (words, comments, operators), src/core/settings.c (expansion).
 */
export const LINE_RULES: readonly TextRule[] = [
  {
    accepts: (text) => /^[\x20-\x7e]*$/.test(text),
    expected: 'one line of printable ASCII characters, for a line end would begin a new command of the boot script; write it on one line, without tabs and accents',
  },
  { accepts: (text) => !text.includes('${'), expected: 'without "${", which iPXE expands and nothing can escape; leave it out' },
  { accepts: (text) => !text.trimEnd().endsWith('\\'), expected: 'without a backslash at its end, which joins the next line of the boot script to it; leave it out' },
  {
    accepts: (text) => !words(text).some((word) => word.startsWith('#')),
    expected: 'without a word that begins with "#", which makes the rest of the line a comment; leave it out, or write something before the "#"',
  },
  {
    accepts: (text) => !words(text).some((word) => OPERATORS.has(word)),
    expected: 'without ";", "||" and "&&" as words of their own, for iPXE runs what follows them as a command; leave them out, or write them without blanks',
  },
];

/** A single word. */
export const WORD_RULES: readonly TextRule[] = [
  ...LINE_RULES,
  { accepts: (text) => text !== '' && !text.includes(' '), expected: 'a word without blanks, and not empty' },
];

/** The first rule that the text breaks, as words; undefined when it keeps them all. */
export function brokenRule(text: string, rules: readonly TextRule[]): string | undefined {
  return rules.find((rule) => !rule.accepts(text))?.expected;
}

/** Marks a text that its caller has checked by {@link LINE_RULES}. */
export function asScriptText(text: string): ScriptText {
  const broken = brokenRule(text, LINE_RULES);
  if (broken === undefined) return text as ScriptText;
  throw new FerricError('INTERNAL', 'An unchecked text was about to enter a boot script', { details: { expected: broken } });
}

/**
 * One line of a script: the text of the template is ours and may hold `${...}`, values are checked ones and whole numbers.
 * Throws INTERNAL when pieces would form an expansion that none of them holds.
 */
export function line(own: TemplateStringsArray, ...values: readonly (ScriptText | number)[]): ScriptText {
  return own.slice(1).reduce((text, next, index) => join(join(text, printed(values[index])), next), own[0] ?? '') as ScriptText;
}

function printed(value: ScriptText | number | undefined): string {
  if (typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw new FerricError('INTERNAL', 'Only whole numbers may enter a boot script');
}

function join(left: string, right: string): string {
  if (!left.endsWith('$') || !right.startsWith('{')) return left + right;
  throw new FerricError('INTERNAL', 'Two pieces of a boot script would together be expanded by iPXE');
}

/** Words of one line, with one blank between two; empty ones are left out. */
export function joinWords(texts: readonly ScriptText[]): ScriptText {
  return texts.filter((text) => text !== '').join(' ') as ScriptText;
}

/** The whole script. Its first line is what iPXE knows a script by: exactly `#!ipxe`, with nothing before it. */
export function scriptOf(lines: readonly ScriptText[]): string {
  const broken = lines.find((each) => each.includes('\n') || each.endsWith('\\'));
  if (broken !== undefined) throw new FerricError('INTERNAL', 'A line of a boot script would not end where it has to');
  return ['#!ipxe', ...lines, ''].join('\n');
}
