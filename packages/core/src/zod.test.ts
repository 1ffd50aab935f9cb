import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FerricError } from './errors/ferric-error.js';
import { type OptionIssue, optionIssues } from './errors/invalid-options.js';
import { describeProperties } from './schema/object-schema.js';
import { Secret } from './secrets/secret.js';
import { booleanField, driverInfoSchema, integerField, noArguments, objectSchema, secretField, z } from './zod.js';

const PLANTED = 'geheim-planted';

const schema = driverInfoSchema(
  'staging-x',
  z.object({
    x_address: z.string().min(1).describe('Address of the controller.'),
    x_port: integerField({ min: 1, max: 65535 }).default(9100).describe('Port of the controller'),
    x_password: secretField({ description: 'Password of the user' }),
    x_code: secretField({ description: 'Code', expected: 'a text of six bytes', accepts: (value) => value.length === 6 }).optional(),
    x_tls: booleanField().default(true).describe('Whether to use TLS'),
    x_mode: z.enum(['one', 'two']).default('one').describe('Mode'),
  }),
);
const good = { x_address: '192.0.2.1', x_password: PLANTED };

function issuesOf(parse: () => unknown): readonly OptionIssue[] {
  try {
    parse();
  } catch (error) {
    expect(FerricError.is(error) && error.code).toBe('INVALID_OPTIONS');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(PLANTED);
    return optionIssues(error);
  }
  return expect.fail('nothing was thrown');
}

const fieldIssue = (field: z.ZodType, value: unknown): OptionIssue | undefined => issuesOf(() => objectSchema('x', z.object({ field })).parse({ field: value }))[0];
const accepted = (field: z.ZodType, value: unknown): unknown => objectSchema('x', z.object({ field })).parse({ field: value })['field'];

describe('driverInfoSchema', () => {
  test('completes the input with its defaults and drops fields of other interfaces', () => {
    const info = schema.parse({ ...good, deploy_kernel: 'http://192.0.2.2/kernel' });
    expect({ ...info, x_password: info.x_password.reveal() }).toEqual({ x_address: '192.0.2.1', x_port: 9100, x_password: PLANTED, x_tls: true, x_mode: 'one' });
  });

  test('secrets are Secret from here on, and may come as one', () => {
    const { x_password: password } = schema.parse(good);
    expect(Secret.is(password)).toBe(true);
    expect(inspect(schema.parse(good), { showHidden: true })).not.toContain(PLANTED);
    expect(schema.parse({ ...good, x_password: password }).x_password).toBe(password);
  });

  test('a password of digits may come as a number', () => {
    expect(schema.parse({ ...good, x_password: 123456 }).x_password.reveal()).toBe('123456');
    expect(schema.parse({ ...good, x_password: new Secret(123456) }).x_password.reveal()).toBe('123456');
  });

  test('a text in which a secret was found is read by the fields that are open, and not shown when it is wrong', () => {
    const uri = `ldap://user:${PLANTED}@192.0.2.1`;
    expect(schema.parse({ ...good, x_address: new Secret(uri) }).x_address).toBe(uri);
    expect(issuesOf(() => schema.parse({ ...good, x_mode: new Secret(uri) }))).toMatchObject([{ field: 'x_mode', problem: 'invalid' }]);
  });

  test('its JSON Schema describes the input: types, limits, defaults, secret marks', () => {
    expect(schema.jsonSchema).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        x_address: { type: 'string', minLength: 1, description: 'Address of the controller.' },
        x_port: { type: 'integer', minimum: 1, maximum: 65535, default: 9100, description: 'Port of the controller' },
        x_password: { type: 'string', secret: true, description: 'Password of the user' },
        x_code: { type: 'string', secret: true, description: 'Code' },
        x_tls: { type: 'boolean', default: true, description: 'Whether to use TLS' },
        x_mode: { type: 'string', enum: ['one', 'two'], default: 'one', description: 'Mode' },
      },
      required: ['x_address', 'x_password'],
    });
    expect(JSON.parse(JSON.stringify(schema.jsonSchema))).toEqual(schema.jsonSchema);
    expect(schema.secretFields).toEqual(['x_password', 'x_code']);
  });

  test('tells every issue at once', () => {
    expect(issuesOf(() => schema.parse({ x_port: '0x10', x_password: true, x_code: PLANTED, x_tls: 'perhaps', x_mode: 'three' }))).toEqual([
      { field: 'x_address', problem: 'missing', expected: 'Address of the controller.' },
      { field: 'x_port', problem: 'invalid', expected: 'a whole number from 1 to 65535', received: '"0x10"' },
      { field: 'x_password', problem: 'invalid', expected: 'a text that is not empty' },
      { field: 'x_code', problem: 'invalid', expected: 'a text of six bytes' },
      { field: 'x_tls', problem: 'invalid', expected: 'true or false', received: '"perhaps"' },
      { field: 'x_mode', problem: 'invalid', expected: 'one of "one", "two"', received: '"three"' },
    ]);
  });

  test('starts its message with the driver', () => {
    expect(() => schema.parse({ ...good, x_port: 0 })).toThrow('driver_info of staging-x: x_port must be a whole number from 1 to 65535, got 0');
  });

  test.each([undefined, null, {}])('%s misses everything that is required', (input) => {
    expect(issuesOf(() => schema.parse(input)).map(({ field, problem }) => [field, problem])).toEqual([
      ['x_address', 'missing'],
      ['x_password', 'missing'],
    ]);
  });

  test.each(['text', 5, [good]])('%j is no driver_info', (input) => {
    expect(issuesOf(() => schema.parse(input))).toMatchObject([{ field: '(all)', problem: 'invalid', expected: 'an object' }]);
  });

  test('null is not the same as missing', () => {
    expect(issuesOf(() => schema.parse({ ...good, x_address: null }))).toEqual([{ field: 'x_address', problem: 'invalid', expected: 'a text', received: 'null' }]);
  });
});

describe('secrets in what is wrong', () => {
  const nested = z.object({ user: z.string(), password: secretField({ description: 'Password' }), extra: z.number().optional() });

  test('a secret inside an object is not shown, nor the object around it', () => {
    const inner = objectSchema('arguments', z.object({ login: nested }));
    expect(issuesOf(() => inner.parse({ login: { user: 'root', password: [PLANTED] } }))).toEqual([
      { field: 'login.password', problem: 'invalid', expected: 'a text that is not empty' },
    ]);
    expect(issuesOf(() => inner.parse({ login: [{ user: 'root', password: PLANTED }] }))).toEqual([{ field: 'login', problem: 'invalid', expected: 'an object' }]);
    expect(issuesOf(() => inner.parse({ login: { user: 5, password: PLANTED } }))).toEqual([{ field: 'login.user', problem: 'invalid', expected: 'a text', received: '5' }]);
  });

  test.each([
    ['a list', z.object({ logins: z.array(nested) }), { logins: [{ user: 'root', password: { a: PLANTED } }] }],
    ['a map', z.object({ logins: z.record(z.string(), nested) }), { logins: { first: { user: 'root', password: { a: PLANTED } } } }],
    ['a union', z.object({ logins: z.union([nested, z.number()]) }), { logins: { user: 5, password: PLANTED } }],
    ['something optional', z.object({ logins: nested.optional() }), { logins: PLANTED }],
    ['a shared part', z.object({ a: nested, logins: nested }), { a: { user: 'root', password: 'x' }, logins: { user: 'root', password: { a: PLANTED } } }],
  ])('a secret inside %s is not shown', (_name, shape, input) => {
    expect(issuesOf(() => objectSchema('arguments', shape).parse(input)).map(({ field }) => field.split('.')[0])).toEqual(['logins']);
  });

  test('what lies inside an object that is secret as a whole is not shown', () => {
    const whole = objectSchema('arguments', z.object({ key: z.object({ digits: z.number() }).meta({ secret: true }) }));
    expect(issuesOf(() => whole.parse({ key: { digits: PLANTED } }))).toEqual([{ field: 'key.digits', problem: 'invalid', expected: 'a number' }]);
  });

  test('a rule about the whole shows no field', () => {
    const whole = objectSchema('driver_info of x', z.object({ x_key: secretField({ description: 'Key' }) }).refine(() => false, 'consistent'));
    expect(issuesOf(() => whole.parse({ x_key: PLANTED }))).toEqual([{ field: '(all)', problem: 'invalid', expected: 'consistent' }]);
  });
});

describe('integerField', () => {
  const field = integerField({ min: -5, max: 65535 });

  test.each([[623, 623], ['623', 623], [0, 0], ['0', 0], [-5, -5], ['-5', -5], ['00623', 623], [65535, 65535]])('takes %j', (value, number) => {
    expect(accepted(field, value)).toBe(number);
  });

  test.each(['0x10', ' 5', '5 ', '', '1.5', 1.5, '1e3', '+5', 'five', '५', -6, 65536, '65536', '99999999999999999999', Number.NaN, Infinity, true, null, [5], {}])(
    'refuses %j',
    (value) => {
      expect(fieldIssue(field, value)).toMatchObject({ field: 'field', problem: 'invalid', expected: 'a whole number from -5 to 65535' });
    },
  );
});

describe('booleanField', () => {
  test.each([[true, true], ['true', true], ['True', true], ['1', true], ['yes', true], ['on', true], [' on ', true], [false, false], ['false', false], ['0', false], ['NO', false], ['off', false]])(
    'takes %j',
    (value, truth) => {
      expect(accepted(booleanField(), value)).toBe(truth);
    },
  );

  test.each(['', 'y', '2', 'constructor', '__proto__', 'toString', 1, 0, null, [], {}])('refuses %j', (value) => {
    expect(fieldIssue(booleanField(), value)).toMatchObject({ problem: 'invalid', expected: 'true or false' });
  });
});

describe('what is accepted is told in words that fit behind "must be"', () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ['text', z.string(), 5, 'a text'],
    ['number', z.number(), 'x', 'a number'],
    ['whole number', z.int(), 1.5, 'a whole number'],
    ['truth', z.boolean(), 'x', 'true or false'],
    ['list', z.array(z.string()), 'x', 'a list'],
    ['object', z.object({}), 'x', 'an object'],
    ['date', z.date(), 'x', 'of type date'],
    ['literal', z.literal('yes'), 'no', '"yes"'],
    ['enum', z.enum(['a', 'b']), 'c', 'one of "a", "b"'],
    ['not empty', z.string().min(1), '', 'a text that is not empty'],
    ['long enough', z.string().min(3), 'x', 'a text of at least 3 characters'],
    ['not too long', z.string().max(3), 'xxxx', 'a text of at most 3 characters'],
    ['that long', z.string().length(3), 'x', 'a text of exactly 3 characters'],
    ['at least', z.number().min(5), 1, 'at least 5'],
    ['more than', z.number().gt(5), 5, 'more than 5'],
    ['at most', z.number().max(5), 6, 'at most 5'],
    ['less than', z.number().lt(5), 5, 'less than 5'],
    ['enough items', z.array(z.number()).min(2), [1], 'a list of at least 2 items'],
    ['few items', z.array(z.number()).max(1), [1, 2], 'a list of at most 1 items'],
    ['multiple', z.number().multipleOf(5), 7, 'a multiple of 5'],
    ['pattern', z.string().regex(/^[a-z]+$/), '1', 'a text that matches /^[a-z]+$/'],
    ['start', z.string().startsWith('http'), 'x', 'a text that starts with "http"'],
    ['URL', z.url(), 'x', 'a valid URL'],
    ['UUID', z.uuid(), 'x', 'a valid UUID'],
    ['either', z.union([z.string(), z.array(z.string())]), 5, 'a text or a list'],
    ['own words for a pattern', z.string().regex(/^[a-z]+$/, 'a name in lower case'), '1', 'a name in lower case'],
    ['own words for a type', z.string('a name'), 5, 'a name'],
    ['own words for a rule', z.string().refine(() => false, 'the name of something'), 'x', 'the name of something'],
  ])('%s', (_name, field, value, expected) => {
    expect(fieldIssue(field, value)).toMatchObject({ field: 'field', problem: 'invalid', expected });
  });

  test('unknown keys are told one by one where they are refused', () => {
    const strict = objectSchema('arguments', z.strictObject({ a: z.string().optional(), b: z.strictObject({ c: z.number().optional() }).optional() }));
    expect(issuesOf(() => strict.parse({ x: PLANTED, y: 2, b: { z: 3 } }))).toEqual([
      { field: 'b.z', problem: 'unknown', expected: 'known are c' },
      { field: 'x', problem: 'unknown', expected: 'known are a, b' },
      { field: 'y', problem: 'unknown', expected: 'known are a, b' },
    ]);
  });

  test('a missing field without a description is still explained', () => {
    expect(issuesOf(() => objectSchema('x', z.object({ name: z.string() })).parse({}))).toEqual([{ field: 'name', problem: 'missing', expected: 'a text' }]);
  });

  test('a missing field of an inner object is told with its own description', () => {
    const inner = objectSchema('x', z.object({ name: z.string().describe('Outer'), login: z.object({ name: z.string().describe('Inner') }) }));
    expect(issuesOf(() => inner.parse({ name: 'x', login: {} }))).toEqual([{ field: 'login.name', problem: 'missing', expected: 'Inner' }]);
  });
});

test('noArguments takes nothing and ignores what it does not know', () => {
  expect(noArguments.parse(undefined)).toEqual({});
  expect(noArguments.parse({ more: 1 })).toEqual({});
  expect(describeProperties(noArguments)).toEqual({});
});
