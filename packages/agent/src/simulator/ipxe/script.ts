/** One command of a script with its words, before settings are put in. */
export interface ScriptCommand {
  readonly words: readonly string[];
  /** What is between it and the command before: `;` runs it always. */
  readonly after: ';' | '&&' | '||';
}

export interface ScriptLine {
  /** The name of `:name` at the beginning of the line. */
  readonly label: string | undefined;
  readonly commands: readonly ScriptCommand[];
}

const OPERATORS: ReadonlySet<string> = new Set([';', '&&', '||']);

/** Whether iPXE takes a body for a script: it must begin with exactly `#!ipxe` and white space. */
export function isScript(body: string): boolean {
  return /^#!ipxe(?:\s|$)/.test(body);
}

/**
 * Reads a script: lines end at LF, a CR before it is dropped, a backslash at the very end joins lines. A line is split at white space; a word
 * that begins with `#` begins a comment; operators are words of their own. There are no quotes. Source: iPXE, src/image/script.c and src/core/exec.c.
 */
export function parseScript(body: string): readonly ScriptLine[] {
  return body.replaceAll('\r\n', '\n').replaceAll('\\\n', '').split('\n').slice(1).map(parseLine);
}

function parseLine(line: string): ScriptLine {
  const words = line.split(/\s+/).filter((word) => word !== '');
  const comment = words.findIndex((word) => word.startsWith('#'));
  const meant = comment === -1 ? words : words.slice(0, comment);
  const [first = ''] = meant;
  const label = first.startsWith(':') ? first.slice(1) : undefined;
  return { label, commands: splitCommands(label === undefined ? meant : meant.slice(1)) };
}

function splitCommands(words: readonly string[]): readonly ScriptCommand[] {
  const commands: ScriptCommand[] = [];
  let after: ScriptCommand['after'] = ';';
  let current: string[] = [];
  for (const word of words) {
    if (!OPERATORS.has(word)) {
      current.push(word);
      continue;
    }
    commands.push({ words: current, after });
    current = [];
    after = word as ScriptCommand['after'];
  }
  commands.push({ words: current, after });
  return commands;
}
