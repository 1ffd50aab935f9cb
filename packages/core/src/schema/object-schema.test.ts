import { expect, test } from 'vitest';
import { booleanField, integerField, objectSchema, secretField, z } from '../zod.js';
import { describeProperties } from './object-schema.js';

test('describes each field as Ironic does: what it is, its default, its values, whether it is required', () => {
  const schema = objectSchema(
    'driver_info of x',
    z.object({
      address: z.string().describe('Address of the controller.'),
      port: integerField({ min: 1, max: 65535 }).default(9100).describe('Port of the controller'),
      password: secretField({ description: 'Password of the user.' }),
      verify: booleanField().default(false).describe('Whether to verify'),
      mode: z.enum(['a', 'b']).default('b').describe('The mode'),
    }),
  );
  expect(describeProperties(schema)).toEqual({
    address: 'Address of the controller. Required.',
    port: 'Port of the controller; default is 9100. Optional.',
    password: 'Password of the user. Required.',
    verify: 'Whether to verify; default is false. Optional.',
    mode: 'The mode; default is "b". One of "a", "b". Optional.',
  });
});

test('takes a schema of any other origin', () => {
  const parse = (): unknown => ({});
  expect(describeProperties({ parse, jsonSchema: {} })).toEqual({});
  expect(describeProperties({ parse, jsonSchema: { properties: { a: {} }, required: ['a'] } })).toEqual({ a: 'Required.' });
});
