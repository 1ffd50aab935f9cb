import { z } from '@ferric/core/zod';

/** A text that may arrive as a number: the `baremetal` command line turns what looks like one into one. `accepts` decides on the text. */
export function textField(expected: string, accepts: (text: string) => boolean): z.ZodType<string, string | number> {
  return z
    .union([z.string(), z.number()], expected)
    .transform((value, context) => {
      const text = String(value).trim();
      if (accepts(text)) return text;
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    })
    .meta({ type: 'string' });
}

/** One of some words, in capitals or not, as it is written here. Numbers such as 2.0 may have lost their zero. */
export function wordField<const Word extends string>(words: readonly Word[], aliases: Readonly<Record<string, Word>> = {}): z.ZodType<Word, string | number> {
  const known = new Map<string, Word>([...words.map((word) => [word.toLowerCase(), word] as const), ...Object.entries(aliases)]);
  const expected = `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`;
  return z
    .union([z.string(), z.number()], expected)
    .transform((value, context) => {
      const word = known.get(String(value).trim().toLowerCase());
      if (word !== undefined) return word;
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    })
    .meta({ type: 'string', enum: [...words] });
}

/** What a {@link byteField} takes. */
export interface ByteRange {
  readonly min: number;
  readonly max: number;
  /** Addresses on the bus of a controller are even: their lowest bit says whether a message is software's. Default false. */
  readonly even?: boolean;
}

/** A whole number that may be written in hexadecimal, as ipmitool takes it: `0x2c`, `44`. */
export function byteField({ min, max, even = false }: ByteRange): z.ZodType<number, number | string> {
  const expected = `${even ? 'an even' : 'a whole'} number from ${min} to ${max}, such as ${max} or 0x${max.toString(16)}`;
  return z
    .union([z.number(), z.string()], expected)
    .transform((value, context) => {
      const text = String(value).trim();
      const number = /^(0x[0-9a-f]{1,4}|\d{1,5})$/i.test(text) ? Number(text) : Number.NaN;
      if (number >= min && number <= max && (!even || number % 2 === 0)) return number;
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: min, maximum: max, ...(even ? { multipleOf: 2 } : {}) });
}
