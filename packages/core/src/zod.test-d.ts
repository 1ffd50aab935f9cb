import { expectTypeOf, test } from 'vitest';
import type { DriverInfoSchema } from './schema/object-schema.js';
import type { Secret } from './secrets/secret.js';
import { booleanField, driverInfoSchema, integerField, secretField, z } from './zod.js';

test('the parsed driver_info has the types of its fields', () => {
  const schema = driverInfoSchema(
    'x',
    z.object({
      address: z.string(),
      port: integerField({ min: 1, max: 2 }).default(1),
      password: secretField({ description: 'x' }),
      verify: booleanField().optional(),
    }),
  );
  expectTypeOf(schema).toExtend<DriverInfoSchema<{ address: string; port: number; password: Secret; verify?: boolean | undefined }>>();
  expectTypeOf(schema.parse({}).password).toEqualTypeOf<Secret>();
  expectTypeOf(schema.parse({}).port).toEqualTypeOf<number>();
});
