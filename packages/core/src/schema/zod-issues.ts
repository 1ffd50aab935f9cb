import { z } from 'zod';
import { type OptionIssue, printValue } from '../errors/invalid-options.js';
import type { JsonObject, JsonValue } from '../json.js';

type Issue = z.core.$ZodIssue;
type IssueOf<Code extends Issue['code']> = Extract<Issue, { readonly code: Code }>;

/** What zod found wrong, in the words of our errors. Values are shown unless a secret stands in them. */
export function toOptionIssues(issues: readonly Issue[], input: unknown, jsonSchema: JsonObject): OptionIssue[] {
  return issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue, jsonSchema) : [toOptionIssue(issue, input, jsonSchema)]));
}

function toOptionIssue(issue: Issue, input: unknown, jsonSchema: JsonObject): OptionIssue {
  const field = issue.path.map(String).join('.') || '(all)';
  const received = valueAt(input, issue.path);
  const place = findPlace(jsonSchema, issue.path);
  if (received === undefined) return { field, problem: 'missing', expected: place.description ?? expectation(issue, received) };
  const expected = expectation(issue, received);
  return place.secret ? { field, problem: 'invalid', expected } : { field, problem: 'invalid', expected, received: printValue(received) };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function unknownKeys(issue: IssueOf<'unrecognized_keys'>, jsonSchema: JsonObject): OptionIssue[] {
  const known = Object.keys(findPlace(jsonSchema, issue.path).properties);
  const expected = known.length === 0 ? 'there is no field' : `known are ${known.join(', ')}`;
  return issue.keys.map((key) => ({ field: [...issue.path.map(String), key].join('.'), problem: 'unknown', expected }));
}

interface Place {
  readonly description: string | undefined;
  readonly properties: JsonObject;
  /** Whether a secret stands here, above or below. */
  readonly secret: boolean;
}

/** Walks down the JSON Schema as far as it can be followed; what lies below is judged by the last place that was found. */
function findPlace(jsonSchema: JsonObject, path: readonly PropertyKey[]): Place {
  let node: JsonObject = jsonSchema;
  let found = true;
  for (const key of path) {
    if (node['secret'] === true) break;
    const next = child(node, key);
    found = next !== undefined;
    if (next === undefined) break;
    node = next;
  }
  const description = node['description'];
  return {
    description: found && path.length > 0 && typeof description === 'string' ? description : undefined,
    properties: asObject(node['properties']) ?? {},
    secret: holdsSecret(node),
  };
}

function child(node: JsonObject, key: PropertyKey): JsonObject | undefined {
  const properties = asObject(node['properties']);
  const name = String(key);
  if (properties !== undefined && Object.hasOwn(properties, name)) return asObject(properties[name]);
  return asObject(typeof key === 'number' ? node['items'] : node['additionalProperties']);
}

function holdsSecret(node: JsonValue | undefined): boolean {
  if (Array.isArray(node)) return node.some((item: JsonValue) => holdsSecret(item));
  const object = asObject(node);
  return object !== undefined && (object['secret'] === true || Object.values(object).some(holdsSecret));
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** What is accepted, as words that fit behind "must be": those of the schema's author if he gave any, else ours. */
function expectation(issue: Issue, received: unknown): string {
  const standard = z.config().localeError?.({ ...issue, message: undefined, input: received } as z.core.$ZodRawIssue);
  const standardMessage = typeof standard === 'string' ? standard : standard?.message;
  return issue.message === standardMessage ? (standardWords(issue, received) ?? issue.message) : issue.message;
}

function standardWords(issue: Issue, received: unknown): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `of type ${issue.expected}`;
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return size(issue.origin, 'least', issue.minimum, issue.inclusive !== false, issue.exact === true);
    case 'too_big':
      return size(issue.origin, 'most', issue.maximum, issue.inclusive !== false, issue.exact === true);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return format(issue as IssueOf<'invalid_format'> & Readonly<Record<string, unknown>>);
    case 'invalid_union':
      return alternatives(issue.errors, received);
    default:
      return undefined;
  }
}

/** What each branch of a union asks for first: `a text or a list`. */
function alternatives(branches: readonly (readonly Issue[])[], received: unknown): string | undefined {
  const words = branches.flatMap(([first]) => (first === undefined ? [] : [expectation(first, valueAt(received, first.path))]));
  return words.length === 0 ? undefined : [...new Set(words)].join(' or ');
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const SIZED: Readonly<Record<string, readonly [thing: string, unit: string]>> = {
  string: ['a text', 'characters'],
  array: ['a list', 'items'],
};

function size(origin: string, bound: 'least' | 'most', limit: number | bigint, inclusive: boolean, exact: boolean): string {
  const sized = SIZED[origin];
  if (sized === undefined) {
    if (inclusive) return `at ${bound} ${limit}`;
    return `${bound === 'least' ? 'more' : 'less'} than ${limit}`;
  }
  const [thing, unit] = sized;
  if (exact) return `${thing} of exactly ${limit} ${unit}`;
  return bound === 'least' && limit === 1 ? `${thing} that is not empty` : `${thing} of at ${bound} ${limit} ${unit}`;
}

const FORMAT_NAMES: Readonly<Record<string, string>> = { url: 'URL', uuid: 'UUID', ipv4: 'IPv4 address', ipv6: 'IPv6 address', email: 'e-mail address' };

function format(issue: IssueOf<'invalid_format'> & Readonly<Record<string, unknown>>): string {
  switch (issue.format) {
    case 'regex':
      return `a text that matches ${issue.pattern}`;
    case 'starts_with':
      return `a text that starts with ${JSON.stringify(issue['prefix'])}`;
    case 'ends_with':
      return `a text that ends with ${JSON.stringify(issue['suffix'])}`;
    case 'includes':
      return `a text that includes ${JSON.stringify(issue['includes'])}`;
    default:
      return `a valid ${FORMAT_NAMES[issue.format] ?? issue.format}`;
  }
}
