import type { DriverInfoSchema } from '@ferric/core';
import { driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import { ADDRESS_EXPECTED, isAddress } from './client/client-options.js';
import { CREDENTIAL_BYTES, CREDENTIAL_EXPECTED, type DxpCredentials, isCredential } from './client/credentials.js';
import { DXP_PORT, MOST_RELAYS } from './client/dxp-messages.js';
import type { DxpEndpoint } from './client/open-stream.js';

/** The driver's name, which is Ironic's name of the power interface and of the hardware type. */
export const IBOOT_DRIVER_NAME = 'staging-iboot';

/** Source: ironic-staging-drivers, ironic_staging_drivers/iboot/power.py, options max_retry, retry_interval and reboot_delay; relay and port there too. */
const DEFAULTS = { relay: 1, maxRetry: 3, retryIntervalSeconds: 1, rebootDelaySeconds: 5 } as const;

const LIMITS = { maxRetry: 20, retryIntervalSeconds: 60, rebootDelaySeconds: 600 } as const;

const RELAY_BASE_EXPECTED = '0 or 1';

const fields = z.object({
  iboot_address: z
    .string(ADDRESS_EXPECTED)
    .trim()
    .refine(isAddress, ADDRESS_EXPECTED)
    .meta({ description: 'IP address or host name of the iBoot unit' }),
  iboot_username: z
    .union([z.string(), z.number().transform(String)], CREDENTIAL_EXPECTED)
    .refine(isCredential, CREDENTIAL_EXPECTED)
    .meta({ type: 'string', description: `User name at the unit, at most ${CREDENTIAL_BYTES} bytes; may be empty where the unit asks for none` }),
  iboot_password: secretField({
    description: `Password of the user, at most ${CREDENTIAL_BYTES} bytes; may be empty where the unit asks for none`,
    expected: CREDENTIAL_EXPECTED,
    accepts: isCredential,
  }),
  iboot_port: integerField({ min: 1, max: 65_535 }).default(DXP_PORT).meta({ description: 'TCP port of DxP at the unit' }),
  iboot_relay_id: integerField({ min: 1, max: MOST_RELAYS })
    .default(DEFAULTS.relay)
    .meta({ description: 'Relay that the machine gets its power from, as the outlets of the unit are labelled: the first is 1' }),
  iboot_relay_base: z
    .union([z.number(), z.string()], RELAY_BASE_EXPECTED)
    .transform(String)
    .refine((text) => text === '0' || text === '1', RELAY_BASE_EXPECTED)
    .transform((text): 0 | 1 => (text === '0' ? 0 : 1))
    .prefault(1)
    .meta({
      type: 'integer',
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'Number by which the unit itself calls its first relay, 1 or 0; does not change what iboot_relay_id means',
    }),
  iboot_max_retry: integerField({ min: 0, max: LIMITS.maxRetry })
    .default(DEFAULTS.maxRetry)
    .meta({ description: 'How often a reading that failed, or a switching that did not show, is tried again' }),
  iboot_retry_interval: integerField({ min: 0, max: LIMITS.retryIntervalSeconds })
    .default(DEFAULTS.retryIntervalSeconds)
    .meta({ description: 'Pause before each further try, in seconds' }),
  iboot_reboot_delay: integerField({ min: 0, max: LIMITS.rebootDelaySeconds })
    .default(DEFAULTS.rebootDelaySeconds)
    .meta({ description: 'How long a reboot leaves the machine without power, in seconds' }),
});

/** What a node's driver_info may hold for `staging-iboot`; the descriptions are shown to users. */
export const ibootDriverInfo: DriverInfoSchema<IbootDriverInfo> = driverInfoSchema(IBOOT_DRIVER_NAME, fields);

/** Checked driver_info with its defaults filled in. */
export type IbootDriverInfo = z.output<typeof fields>;

/** Where the unit is. */
export function unitEndpoint(info: IbootDriverInfo): DxpEndpoint {
  return { address: info.iboot_address, port: info.iboot_port };
}

/** Who its commands go out as. */
export function unitCredentials(info: IbootDriverInfo): DxpCredentials {
  return { username: info.iboot_username, password: info.iboot_password };
}
