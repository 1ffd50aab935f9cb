import { randomBytes } from 'node:crypto';

/** A secret that the test gave to the conductor, and every way in which it could show. */
export interface PlantedSecret {
  /** Where it was planted, for the report. */
  readonly where: string;
  /** What to search for. */
  readonly forms: readonly string[];
  /** Whether it was accepted, so that it may rest where secrets are kept. Otherwise it must be nowhere. */
  readonly kept: boolean;
}

export interface PlantOptions {
  /** Default true. */
  readonly kept?: boolean;
  /** Without characters that have a meaning in JSON, URLs or texts. Default false. */
  readonly plain?: boolean;
}

/** Makes secrets, each once. */
export class Planter {
  readonly secrets: PlantedSecret[] = [];

  /** A secret text, by default with characters that have to be escaped in JSON, in a URL and in a shell. */
  text(where: string, options: PlantOptions = {}): string {
    const core = `Zq${randomBytes(9).toString('hex').replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '')}Xv`;
    this.#add(where, textForms(core), options);
    return options.plain === true ? core : `"${core}\\ é/+&='%`;
  }

  /** A secret number. */
  number(where: string, options: PlantOptions = {}): number {
    const value = 4_000_000_000_000_000 + randomBytes(6).readUIntBE(0, 6);
    this.#add(where, textForms(String(value)), options);
    return value;
  }

  /** A SecureOn password, whose bytes are as secret as its text. */
  secureOn(where: string, options: PlantOptions = {}): string {
    const bytes = Buffer.from(randomBytes(6).map((byte) => byte | 0x80));
    const text = bytes.toString('hex').replace(/..(?!$)/g, '$&:');
    this.#add(where, [...textForms(text), ...byteForms(bytes), text.toUpperCase(), text.replaceAll(':', '-'), [...bytes].join(',')], options);
    return text;
  }

  /** A key of 16 bytes in hexadecimal digits, whose bytes are as secret as its text. */
  hexadecimalKey(where: string, options: PlantOptions = {}): string {
    const bytes = randomBytes(16);
    const text = bytes.toString('hex');
    this.#add(where, [...textForms(text), ...byteForms(bytes)], options);
    return text;
  }

  /** A secret that somebody else made. */
  adopt(where: string, value: string, options: PlantOptions = {}): void {
    this.#add(where, textForms(value), options);
  }

  #add(where: string, forms: readonly string[], { kept = true }: PlantOptions): void {
    this.secrets.push({ where, forms: [...new Set(forms)], kept });
  }
}

/** Letters and digits are the same in JSON and URLs however they are escaped, so the text itself finds those forms. */
function textForms(text: string): string[] {
  return [text, ...byteForms(Buffer.from(text))];
}

function byteForms(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  return [hex, hex.toUpperCase(), ...[0, 1, 2].map((offset) => base64Core(bytes, offset))];
}

/** What these bytes look like inside base64 when they start `offset` bytes after a multiple of three. */
function base64Core(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** Something that was said or written, and by whom. */
export interface Witnessed {
  readonly source: string;
  readonly text: string;
}

/** No form of a secret is shorter. Characters. */
const BEGINNING = 6;

interface SoughtForm {
  readonly where: string;
  readonly form: string;
}

/** Each secret that shows, where it was planted and where it shows; one line each. */
export function findLeaks(secrets: readonly PlantedSecret[], witnessed: readonly Witnessed[]): readonly string[] {
  const sought = byBeginning(secrets);
  return witnessed.flatMap(({ source, text }) => {
    const shown = new Map<string, string>();
    // One walk over the text for all secrets: there are thousands of both.
    for (let position = 0; position + BEGINNING <= text.length; position += 1) {
      for (const { where, form } of sought.get(text.slice(position, position + BEGINNING)) ?? []) {
        if (shown.has(where) || !text.startsWith(form, position)) continue;
        shown.set(where, `${where} shows in ${source}: ...${text.slice(Math.max(0, position - 80), position + form.length + 20)}...`);
      }
    }
    return [...shown.values()];
  });
}

function byBeginning(secrets: readonly PlantedSecret[]): ReadonlyMap<string, readonly SoughtForm[]> {
  const forms = secrets.flatMap(({ where, forms: all }) => all.map((form): SoughtForm => ({ where, form })));
  const short = forms.find(({ form }) => form.length < BEGINNING);
  if (short !== undefined) throw new Error(`${short.where} has the form ${short.form}, which is too short to be told from chance`);
  return Map.groupBy(forms, ({ form }) => form.slice(0, BEGINNING));
}
