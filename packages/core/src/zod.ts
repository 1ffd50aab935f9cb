/**
 * Makes the contract's schemas from zod. A driver that uses this needs no zod of its own;
 * one that brings its own library implements {@link ObjectSchema} instead.
 * @packageDocumentation
 */
import { z } from 'zod';
import { invalidOptions } from './errors/invalid-options.js';
import type { JsonObject } from './json.js';
import type { DriverInfoSchema, ObjectSchema } from './schema/object-schema.js';
import { toOptionIssues } from './schema/zod-issues.js';
import { revealSealed, type Sealed } from './secrets/masking.js';
import { Secret } from './secrets/secret.js';

export { z };

/** Settings of a secret field. */
export interface SecretFieldOptions {
  readonly description: string;
  /** What is accepted, in words; part of the error. Default: a text that is not empty. */
  readonly expected?: string;
  /** Decides on the clear text. Default: not empty. */
  readonly accepts?: (value: string) => boolean;
}

/** What a secret text may arrive as: the `baremetal` command line turns a password of digits into a number. */
type SecretInput = string | number | Secret<string | number>;

/** A secret text field: takes a text, a number or a Secret of either, yields a Secret text, and never shows the value in an error. */
export function secretField(options: SecretFieldOptions): z.ZodType<Secret, SecretInput> {
  const expected = options.expected ?? 'a text that is not empty';
  const accepts = options.accepts ?? ((value: string) => value !== '');
  return z
    .custom<SecretInput>((value) => {
      const text: unknown = Secret.is(value) ? value.reveal() : value;
      return (typeof text === 'string' || typeof text === 'number') && accepts(String(text));
    }, expected)
    .transform((value): Secret => {
      const text = Secret.is(value) ? value.reveal() : value;
      return typeof text === 'string' && Secret.is(value) ? (value as Secret) : new Secret(String(text));
    })
    .meta({ secret: true, description: options.description });
}

/**
 * A number that may arrive as text, as Ironic's clients send it: 623 or "623".
 * Hexadecimal, fractions and surrounding blanks are refused.
 */
export function integerField(range: { readonly min: number; readonly max: number }): z.ZodType<number, number | string> {
  const expected = `a whole number from ${range.min} to ${range.max}`;
  return z
    .union([z.number(), z.string()], expected)
    .transform((value, context) => {
      const number = typeof value === 'number' ? value : /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (Number.isInteger(number) && number >= range.min && number <= range.max) return number;
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: range.min, maximum: range.max });
}

const TRUTH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true], ['1', true], ['yes', true], ['on', true],
  ['false', false], ['0', false], ['no', false], ['off', false],
]);

/** A truth value that may arrive as text: true, false, "true", "false", "1", "0", "yes", "no", "on", "off". */
export function booleanField(): z.ZodType<boolean, boolean | string> {
  return z
    .union([z.boolean(), z.string()], 'true or false')
    .transform((value, context) => {
      const truth = typeof value === 'boolean' ? value : TRUTH_WORDS.get(value.trim().toLowerCase());
      if (truth !== undefined) return truth;
      context.issues.push({ code: 'custom', message: 'true or false', input: value });
      return z.NEVER;
    })
    .meta({ type: 'boolean' });
}

/**
 * Makes an {@link ObjectSchema} from a zod object. `subject` starts every error: "driver_info of staging-wol".
 * Own messages of checks and refinements must fit behind "must be": `.regex(..., 'a name in lower case')`.
 */
export function objectSchema<S extends z.ZodObject>(subject: string, schema: S): ObjectSchema<z.output<S>> {
  const jsonSchema = toJsonSchema(schema);
  return {
    jsonSchema,
    parse(input) {
      const result = schema.safeParse(revealOpenFields(input ?? {}, (name) => isSecret(jsonSchema, name)));
      if (result.success) return result.data;
      throw invalidOptions(subject, toOptionIssues(result.error.issues, input, jsonSchema));
    },
  };
}

/**
 * A text with a secret somewhere in it, such as a URI with a password, is sealed by whoever takes it from a client. The fields
 * that are not secret as a whole get it back in clear; errors are made from the sealed input and do not show it.
 */
function revealOpenFields(input: unknown, isSecretField: (name: string) => boolean): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, isSecretField(name) ? (value as unknown) : revealSealed(value as Sealed)]),
  );
}

/** Makes a {@link DriverInfoSchema} from a zod object whose keys are Ironic's field names. */
export function driverInfoSchema<S extends z.ZodObject>(driverName: string, schema: S): DriverInfoSchema<z.output<S>> {
  const checked = objectSchema(`driver_info of ${driverName}`, schema);
  return { ...checked, secretFields: Object.keys(schema.shape).filter((name) => isSecret(checked.jsonSchema, name)) };
}

/** An {@link ObjectSchema} without any field, for vendor methods without arguments. */
export const noArguments: ObjectSchema<Record<string, never>> = objectSchema('arguments', z.object({})) as ObjectSchema<Record<string, never>>;

function toJsonSchema(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // What a field accepts besides its own type (text for a number, a Secret for a text) is a courtesy, not its description.
    override({ zodSchema, jsonSchema }) {
      const meta = z.globalRegistry.get(zodSchema) as Record<string, unknown> | undefined;
      if (meta?.['secret'] === true) jsonSchema.type = 'string';
      if (meta?.['type'] !== undefined) {
        delete jsonSchema.anyOf;
        jsonSchema.type = meta['type'] as 'integer' | 'boolean';
      }
      // zod leaves defaults out of the input side of a transformed field; here they are what the reader wants to know.
      const definition = zodSchema._zod.def;
      if (definition.type === 'default') jsonSchema.default = (definition as z.core.$ZodDefaultDef).defaultValue as never;
    },
  });
  return json as unknown as JsonObject;
}

function isSecret(jsonSchema: JsonObject, name: string): boolean {
  const properties = (jsonSchema['properties'] ?? {}) as Record<string, JsonObject>;
  return properties[name]?.['secret'] === true;
}
