/** A type of a setting's value, as in `${mac:hexhyp}`. */
const FORMATS: ReadonlyMap<string, (value: string) => string> = new Map([
  ['string', (value) => value],
  ['hex', (value) => bytesOf(value).join(':')],
  ['hexhyp', (value) => bytesOf(value).join('-')],
  ['hexraw', (value) => bytesOf(value).join('')],
  ['uristring', (value) => encodeURIComponent(value)],
  ['base64', (value) => Buffer.from(value, 'utf8').toString('base64')],
  ['int8', wholeNumber],
  ['int16', wholeNumber],
  ['int32', wholeNumber],
  ['uint32', wholeNumber],
  ['uuid', (value) => value],
  ['ipv4', (value) => value],
]);

/** How often a value that names another setting is put in again; iPXE has no limit. */
const MOST_EXPANSIONS = 1000;

/** The settings of one machine: what is known of it, and what scripts set. */
export class Settings {
  readonly #values: Map<string, string>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = new Map(Object.entries(values));
  }

  /** Empty for one that is not set. `name` may end in a type: `mac:hexhyp`. */
  read(name: string): string {
    const [plain = '', type] = splitType(name);
    const value = this.#values.get(plain) ?? '';
    return type === undefined || value === '' ? value : (FORMATS.get(type)?.(value) ?? value);
  }

  /** An empty value takes the setting away. */
  write(name: string, value: string): void {
    const [plain = ''] = splitType(name);
    if (value === '') this.#values.delete(plain);
    else this.#values.set(plain, value);
  }

  /** Puts settings in until no `${...}` is left: the innermost first, and again in what was put in. */
  expand(text: string): string {
    let expanded = text;
    for (let count = 0; count < MOST_EXPANSIONS; count += 1) {
      const start = expanded.lastIndexOf('${');
      const end = start === -1 ? -1 : expanded.indexOf('}', start);
      if (end === -1) return expanded;
      expanded = `${expanded.slice(0, start)}${this.read(expanded.slice(start + 2, end))}${expanded.slice(end + 1)}`;
    }
    return expanded;
  }
}

/** `net0/mac:hexhyp` into its name and type. */
function splitType(name: string): readonly string[] {
  return name.split(':', 2);
}

/** The bytes of a MAC address, or of a text. */
function bytesOf(value: string): readonly string[] {
  if (/^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i.test(value)) return value.toLowerCase().split(':');
  return Buffer.from(value, 'utf8').toString('hex').match(/../g) ?? [];
}

function wholeNumber(value: string): string {
  return String(Number.parseInt(value, value.toLowerCase().startsWith('0x') ? 16 : 10) || 0);
}
