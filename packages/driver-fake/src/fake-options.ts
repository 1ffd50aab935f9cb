import type { DriverInfoSchema } from '@ferric/core';
import { driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import { scriptFields } from './fake-script.js';

const fields = z
  .object({
    fake_address: z.string().min(1, 'an IP address or host name').optional().meta({
      description: 'IP address or host name of a fake controller. Left out, the machine exists in the memory of its node only',
    }),
    fake_port: integerField({ min: 1, max: 65_535 }).optional().meta({
      description: 'TCP port of the fake controller. Required with fake_address',
    }),
    fake_password: secretField({ description: 'Password of the fake controller' }).optional(),
    ...scriptFields,
  })
  .superRefine((info, context) => {
    if (info.fake_address !== undefined && info.fake_port === undefined) context.addIssue({ code: 'custom', path: ['fake_port'], message: 'a port' });
  });

/** What a node's driver_info may hold for `fake-hardware`. Every field is optional; the descriptions are shown to users. */
export const fakeDriverInfo: DriverInfoSchema<FakeDriverInfo> = driverInfoSchema('fake', fields);

/** Checked driver_info with its defaults filled in. */
export type FakeDriverInfo = z.output<typeof fields>;
