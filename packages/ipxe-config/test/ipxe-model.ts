/**
 * A small model of how iPXE reads and runs a script, for tests. It shares nothing with the package: it was written from
 * iPXE's src/image/script.c, src/core/exec.c, src/core/settings.c and src/core/parseopt.c, and its own tests hold it
 * against what a real iPXE (1.0.0+git-20190125 of Debian 12) was seen to do.
 */

export interface ModelCommand {
  /** Before expansion. */
  readonly words: readonly string[];
  /** What joins the next command of the line to this one. */
  readonly operator?: '||' | '&&' | ';';
}

export interface ModelLine {
  readonly label?: string;
  readonly commands: readonly ModelCommand[];
}

/** Characters that separate words: those of C's isspace. */
const BLANK = /[ \t\n\v\f\r]+/;

/** Splits a script into lines as iPXE does; throws for a text that it takes for no script at all. */
export function parseScript(text: string): readonly ModelLine[] {
  if (!/^#!ipxe[ \t\n\v\f\r]/.test(text)) throw new Error('Exec format error');
  const lines: ModelLine[] = [];
  let pending = '';
  const fragments = text.split('\n');
  if (fragments.at(-1) === '') fragments.pop();
  for (const fragment of fragments) {
    pending += fragment;
    if (pending.endsWith('\r')) pending = pending.slice(0, -1);
    if (pending.endsWith('\\')) {
      pending = pending.slice(0, -1);
      continue;
    }
    lines.push(parseLine(pending));
    pending = '';
  }
  return lines;
}

function parseLine(text: string): ModelLine {
  const [, label, rest = ''] = /^[ \t\n\v\f\r]*(?::([^ \t\n\v\f\r]*))?([^]*)$/.exec(text) ?? [];
  return { ...(label === undefined ? {} : { label }), commands: parseCommands(rest) };
}

function parseCommands(text: string): readonly ModelCommand[] {
  const commands: ModelCommand[] = [];
  let words: string[] = [];
  for (const word of text.split(BLANK).filter((each) => each !== '')) {
    if (word.startsWith('#')) break;
    if (word === '||' || word === '&&' || word === ';') {
      commands.push({ words, operator: word });
      words = [];
    } else {
      words.push(word);
    }
  }
  return [...commands, { words }];
}

/** The place of the expansion that iPXE makes first: the last `${` before the first `}` that follows one. */
function nextExpansion(word: string): { readonly start: number; readonly end: number } | undefined {
  let start = -1;
  for (let index = 0; index < word.length; index += 1) {
    if (word.startsWith('${', index)) start = index;
    if (start >= 0 && word[index] === '}') return { start, end: index };
  }
  return undefined;
}

/** Expands a word until nothing is left to expand; `seen` gets every name in order. */
export function expand(word: string, lookUp: (name: string) => string, seen: string[] = []): string {
  let text = word;
  for (let place = nextExpansion(text); place !== undefined; place = nextExpansion(text)) {
    if (seen.length > 1000) throw new Error('Expands for ever');
    const name = text.slice(place.start + 2, place.end);
    seen.push(name);
    text = text.slice(0, place.start) + lookUp(name) + text.slice(place.end + 1);
  }
  return text;
}

/** What a run of a script met. */
export interface ModelRun {
  /** `exit`: the script ended with `code`; else the machine does something else from now on. */
  readonly end: 'exit' | 'boot' | 'sanboot' | 'shell' | 'poweroff' | 'reboot';
  readonly code: number;
  /** What was printed by `echo` and `prompt`. */
  readonly output: readonly string[];
  /** Every command as it was run: expanded, without those that were passed over. */
  readonly trace: readonly (readonly string[])[];
  /** Seconds spent in `sleep` and `prompt`. */
  readonly seconds: number;
  /** Images that are registered, by name: URL and arguments. */
  readonly images: ReadonlyMap<string, readonly string[]>;
}

export interface ModelMachine {
  readonly settings?: Readonly<Record<string, string>>;
  /** What a URL yields: a script, `file` for a file that can be loaded, `missing`. Default `missing`. */
  readonly fetch?: (url: string) => string;
  /** Whether `boot` starts the kernel and `sanboot` finds a drive. Default true. */
  readonly boots?: boolean;
  /** Whether somebody presses a key at a prompt. Default false. */
  readonly keyPressed?: boolean;
  /** Commands that this build of iPXE lacks. */
  readonly without?: readonly string[];
}

class Ended extends Error {
  readonly how: Exclude<ModelRun['end'], 'exit'>;
  constructor(how: Exclude<ModelRun['end'], 'exit'>) {
    super(how);
    this.how = how;
  }
}

const FAILED = 1;
const MOST_COMMANDS = 20_000;

/** Runs a script. Other scripts that it chains run in the same machine. */
export function runScript(text: string, machine: ModelMachine = {}): ModelRun {
  const settings = new Map(Object.entries(machine.settings ?? {}));
  const output: string[] = [];
  const trace: (readonly string[])[] = [];
  const images = new Map<string, readonly string[]>();
  let seconds = 0;

  interface Place {
    readonly lines: readonly ModelLine[];
    next: number;
    jumped: boolean;
    exited: boolean;
  }

  /** Options of a command end at its first other word. */
  const splitOptions = (words: readonly string[], withValue: readonly string[]): { options: Map<string, string>; rest: readonly string[] } => {
    const options = new Map<string, string>();
    let index = 1;
    while (words[index]?.startsWith('-') === true) {
      const option = words[index] ?? '';
      const takesValue = withValue.includes(option);
      options.set(option, takesValue ? (words[index + 1] ?? '') : '');
      index += takesValue ? 2 : 1;
    }
    return { options, rest: words.slice(index) };
  };

  const load = (words: readonly string[]): number => {
    const { options, rest } = splitOptions(words, ['--name', '--timeout']);
    const [url = '', ...args] = rest;
    if ((machine.fetch?.(url) ?? 'missing') === 'missing') return FAILED;
    images.set(options.get('--name') ?? url, [words[0] ?? '', url, ...args]);
    return 0;
  };

  const commands: Readonly<Record<string, (words: readonly string[], place: Place) => number>> = {
    echo: (words) => {
      output.push(splitOptions(words, []).rest.join(' '));
      return 0;
    },
    set: ([, name = '', ...values]) => {
      settings.set(name.split(':')[0] ?? '', values.join(' '));
      return 0;
    },
    inc: ([, name = '']) => {
      settings.set(name, String(Number(settings.get(name) ?? '0') + 1));
      return 0;
    },
    isset: ([, value = '']) => (value === '' ? FAILED : 0),
    iseq: ([, left, right]) => (left === right ? 0 : FAILED),
    sleep: ([, duration = '0']) => {
      seconds += Number(duration);
      return 0;
    },
    imgfree: () => {
      images.clear();
      return 0;
    },
    kernel: load,
    initrd: load,
    prompt: (words) => {
      const { options, rest } = splitOptions(words, ['--timeout', '--key']);
      output.push(rest.join(' '));
      if (machine.keyPressed === true) return 0;
      seconds += Number(options.get('--timeout') ?? '0') / 1000;
      return FAILED;
    },
    boot: () => {
      if (images.size > 0 && machine.boots !== false) throw new Ended('boot');
      return FAILED;
    },
    sanboot: () => {
      if (machine.boots !== false) throw new Ended('sanboot');
      return FAILED;
    },
    shell: () => {
      throw new Ended('shell');
    },
    poweroff: () => {
      throw new Ended('poweroff');
    },
    reboot: () => {
      throw new Ended('reboot');
    },
    chain: ([, url = '']) => {
      const body = machine.fetch?.(url) ?? 'missing';
      return body === 'missing' ? FAILED : runLines(parseScript(body));
    },
    goto: ([, label], place) => {
      const target = place.lines.findIndex((each) => each.label === label);
      if (target < 0) return FAILED;
      place.next = target;
      place.jumped = true;
      return 0;
    },
    exit: ([, code = '0'], place) => {
      place.exited = true;
      return Number(code);
    },
  };

  const runCommand = (words: readonly string[], place: Place): number => {
    const expanded = words.map((word) => expand(word, (name) => settings.get(name) ?? ''));
    const [name] = expanded;
    if (name === undefined) return 0;
    trace.push(expanded);
    if (trace.length > MOST_COMMANDS) throw new Error('Runs for ever');
    const command = machine.without?.includes(name) === true ? undefined : commands[name];
    if (command !== undefined) return command(expanded, place);
    output.push(`${name}: command not found`);
    return FAILED;
  };

  const runLine = ({ commands: list }: ModelLine, place: Place): number => {
    let code = 0;
    let isDue = true;
    for (const { words, operator } of list) {
      if (isDue) code = runCommand(words, place);
      if (place.jumped || place.exited) break;
      isDue = operator === ';' || (operator === '||') === (code !== 0);
    }
    return code;
  };

  function runLines(lines: readonly ModelLine[]): number {
    const place: Place = { lines, next: 0, jumped: false, exited: false };
    let code = 0;
    for (let current = lines[place.next]; current !== undefined; current = lines[place.next]) {
      place.next += 1;
      place.jumped = false;
      code = runLine(current, place);
      if (place.exited || code !== 0) break;
    }
    return code;
  }

  const finish = (end: ModelRun['end'], code: number): ModelRun => ({ end, code, output, trace, seconds, images });
  try {
    return finish('exit', runLines(parseScript(text)));
  } catch (error) {
    if (error instanceof Ended) return finish(error.how, 0);
    throw error;
  }
}
