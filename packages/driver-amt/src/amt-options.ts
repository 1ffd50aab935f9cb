import type { DriverInfoSchema } from '@ferric/core';
import { parseFingerprint, type TlsSettings } from '@ferric/core/tls';
import { booleanField, driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import type { AmtAccess } from './client-pool.js';
import { isBootUrl, LONGEST_BOOT_URL } from './client/boot/uefi-parameters.js';
import { CHANGE_DEFAULTS } from './client/power/change-power.js';
import { isAddress, isPlainText, WSMAN_PORTS } from './client/wsman/settings.js';

/** The driver's name, which is Ironic's name of the power and management interfaces and of the hardware type. */
export const AMT_DRIVER_NAME = 'staging-amt';

/** Source: ironic-staging-drivers, ironic_staging_drivers/amt/common.py: options protocol, awake_interval; amt/management.py, amt/power.py: max_attempts, action_wait. */
const DEFAULTS = { protocol: 'http', awakeIntervalSeconds: 60, maxAttempts: CHANGE_DEFAULTS.attempts, actionWaitSeconds: CHANGE_DEFAULTS.retryAfterMs / 1000 } as const;

const LIMITS = { awakeIntervalSeconds: 86_400, maxAttempts: 20, actionWaitSeconds: 600 } as const;

const ADDRESS_EXPECTED = 'an IP address or host name, without http:// and port';
const USERNAME_EXPECTED = 'a user name without control characters';
const PASSWORD_EXPECTED = 'a password without control characters';
const AUTHORITIES_EXPECTED = 'true, false, or the path of a file or folder with certificates in PEM form';
const FINGERPRINT_EXPECTED = 'the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, with a colon after each two or without any';
const URL_EXPECTED = `an https:// URL of at most ${LONGEST_BOOT_URL} characters in ASCII`;
const PROFILES = ['modern', 'legacy'] as const;

const fields = z
  .object({
    amt_address: z.string(ADDRESS_EXPECTED).trim().refine(isAddress, ADDRESS_EXPECTED).meta({ description: 'IP address or host name of the management engine' }),
    amt_username: z
      .union([z.string(), z.number().transform(String)], USERNAME_EXPECTED)
      .refine(isPlainText, USERNAME_EXPECTED)
      .meta({ type: 'string', description: 'User name at AMT, often admin' }),
    amt_password: secretField({ description: 'Password of the user', expected: PASSWORD_EXPECTED, accepts: isPlainText }),
    amt_protocol: z
      .enum(['http', 'https'], '"http" or "https"')
      .default(DEFAULTS.protocol)
      .meta({ description: 'How the management engine is spoken to. AMT 16.1 and later take https only' }),
    amt_port: integerField({ min: 1, max: 65_535 })
      .optional()
      .meta({ description: 'TCP port; 16992 for http and 16993 for https when left out' }),
    amt_awake_interval: integerField({ min: 0, max: LIMITS.awakeIntervalSeconds })
      .default(DEFAULTS.awakeIntervalSeconds)
      .meta({ description: 'Silence in seconds after which the management engine may sleep and is woken before it is asked; 0 never wakes it' }),
    amt_max_attempts: integerField({ min: 1, max: LIMITS.maxAttempts })
      .default(DEFAULTS.maxAttempts)
      .meta({ description: 'How often a power request goes out at most when the machine shows that it was not carried out' }),
    amt_action_wait: integerField({ min: 1, max: LIMITS.actionWaitSeconds })
      .default(DEFAULTS.actionWaitSeconds)
      .meta({ description: 'How long a machine is watched before a power request goes out again, in seconds' }),
    amt_verify_ca: z
      .union([booleanField(), z.string().trim().min(1)], AUTHORITIES_EXPECTED)
      .default(true)
      .meta({ description: 'true: the certificate must be issued by an authority that Node.js knows; a path: by one of these; false: any is taken. For https' }),
    amt_tls_fingerprint: z
      .string(FINGERPRINT_EXPECTED)
      .trim()
      .refine((text) => parseFingerprint(text) !== undefined, FINGERPRINT_EXPECTED)
      .optional()
      .meta({ description: `The only certificate that is taken, whoever issued it: ${FINGERPRINT_EXPECTED}. For https` }),
    amt_tls_profile: z
      .enum(PROFILES, '"modern" or "legacy"')
      .default('modern')
      .meta({ description: 'legacy: TLS 1.0 and 1.1 with old ciphers are taken too, which AMT before 12 needs. For https' }),
    amt_https_boot_url: z
      .string(URL_EXPECTED)
      .trim()
      .refine(isBootUrl, URL_EXPECTED)
      .optional()
      .meta({ description: 'What the boot device uefihttp boots, from AMT 15 on: an https:// URL. Without it there is no such boot device' }),
  })
  .superRefine((info, context) => {
    if (info.amt_protocol === 'https') return;
    const expected = 'left out with amt_protocol http, which is not encrypted';
    if (info.amt_verify_ca !== true) context.addIssue({ code: 'custom', path: ['amt_verify_ca'], message: expected });
    if (info.amt_tls_fingerprint !== undefined) context.addIssue({ code: 'custom', path: ['amt_tls_fingerprint'], message: expected });
    if (info.amt_tls_profile !== 'modern') context.addIssue({ code: 'custom', path: ['amt_tls_profile'], message: expected });
  });

/** What a node's driver_info may hold for `staging-amt`; the descriptions are shown to users. */
export const amtDriverInfo: DriverInfoSchema<AmtDriverInfo> = driverInfoSchema(AMT_DRIVER_NAME, fields);

/** Checked driver_info with its defaults filled in. */
export type AmtDriverInfo = z.output<typeof fields>;

/** How the management engine of a machine is reached. */
export function amtAccess(info: AmtDriverInfo): AmtAccess & { readonly port: number } {
  const { amt_protocol: protocol } = info;
  return {
    host: info.amt_address,
    port: info.amt_port ?? WSMAN_PORTS[protocol],
    protocol,
    username: info.amt_username,
    password: info.amt_password,
    awakeIntervalMs: info.amt_awake_interval * 1000,
    tls: protocol === 'http' ? undefined : tlsSettings(info),
  };
}

function tlsSettings({ amt_verify_ca: verify, amt_tls_fingerprint: fingerprint, amt_tls_profile: profile }: AmtDriverInfo): TlsSettings {
  return {
    profile,
    ...(typeof verify === 'string' ? { verify: true, authorities: verify } : { verify }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}
