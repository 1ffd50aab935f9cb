import type { DriverInfoSchema } from '@ferric/core';
import { parseFingerprint, type TlsSettings } from '@ferric/core/tls';
import { booleanField, driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import type { IloAccess } from './client-pool.js';
import { SERVER_GENERATIONS } from './server-generations.js';
import { CLEAN_PRIORITIES, type AutomaticStepName } from './steps/clean-priorities.js';
import { UNUSED_FIELDS } from './unused-fields.js';

/** The drivers' names, which are Ironic's names of the interfaces: `ilo5` has what only iLO 5 and later can do. */
export const ILO_DRIVER_NAMES = ['ilo', 'ilo5'] as const;
export type IloDriverName = (typeof ILO_DRIVER_NAMES)[number];

/** Source: Ironic, ironic/drivers/modules/ilo/common.py (OPTIONAL_PROPERTIES, parse_driver_info) and ironic/conf/ilo.py. */
const DEFAULTS = { port: 443, timeoutSeconds: 60 } as const;

const LIMITS = { timeoutSeconds: 3600, priority: 10_000 } as const;

const ADDRESS_EXPECTED = 'an IP address or host name, without https:// and port';
const USERNAME_EXPECTED = 'a user name without control characters';
const PASSWORD_EXPECTED = 'a password without control characters';
const AUTHORITIES_EXPECTED = 'true, false, or the path of a file or folder with certificates in PEM form';
const FINGERPRINT_EXPECTED = 'the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, colons allowed; or several of them with commas between them';
/** More are never expected at a time. */
const MOST_FINGERPRINTS = 4;
const PROFILES = ['modern', 'legacy', 'auto'] as const;

const priority = (step: AutomaticStepName, what: string): z.ZodType<number, number | string | undefined> =>
  integerField({ min: 0, max: LIMITS.priority })
    .default(CLEAN_PRIORITIES[step])
    .meta({ description: `Priority of the clean step ${step}, which ${what}; the highest runs first, 0 leaves it out` });

const fields = z
  .object({
    ilo_address: z.string(ADDRESS_EXPECTED).trim().refine(isAddress, ADDRESS_EXPECTED).meta({ description: 'IP address or host name of the iLO' }),
    ilo_username: z
      .union([z.string(), z.number().transform(String)], USERNAME_EXPECTED)
      .refine(isPlainText, USERNAME_EXPECTED)
      .meta({ type: 'string', description: 'User at the iLO, with administrator privileges' }),
    ilo_password: secretField({ description: 'Password of the user', expected: PASSWORD_EXPECTED, accepts: isPlainText }),
    client_port: integerField({ min: 1, max: 65_535 }).default(DEFAULTS.port).meta({ description: 'TCP port of the iLO, for all its interfaces' }),
    client_timeout: integerField({ min: 1, max: LIMITS.timeoutSeconds })
      .default(DEFAULTS.timeoutSeconds)
      .meta({ description: 'Time for one exchange with the iLO, in seconds' }),
    ilo_verify_ca: z
      .union([booleanField(), z.string().trim().min(1)], AUTHORITIES_EXPECTED)
      .optional()
      .meta({ description: 'true (which it is when left out): the certificate must be issued by an authority that Node.js knows; a path: by one of these; false: any is taken' }),
    ca_file: z.string('a path').trim().min(1, 'a path').optional().meta({ description: 'Old name of ilo_verify_ca, for a path' }),
    ilo_tls_fingerprint: z
      .string(FINGERPRINT_EXPECTED)
      .trim()
      .refine((text) => splitFingerprints(text).length <= MOST_FINGERPRINTS && splitFingerprints(text).every((each) => parseFingerprint(each) !== undefined), FINGERPRINT_EXPECTED)
      .optional()
      .meta({ description: `The only certificate that is taken, whoever issued it: ${FINGERPRINT_EXPECTED}, while one certificate takes the place of another` }),
    ilo_tls_profile: z
      .enum(PROFILES, '"modern", "legacy" or "auto"')
      .default('modern')
      .meta({ description: 'legacy: TLS 1.0 and 1.1 with old ciphers are taken too, which old firmware needs; auto: only when modern TLS is not there' }),
    ilo_generation: z
      .enum(SERVER_GENERATIONS, `one of ${SERVER_GENERATIONS.join(', ')}`)
      .optional()
      .meta({ description: 'Generation of the server, so that what it cannot do is not offered; without it, such things are refused when they are tried' }),
    ilo_add_certificates: booleanField()
      .default(true)
      .meta({ description: 'Whether boot over HTTPS may let the firmware trust the certificates that it needs; false: its owner has seen to that' }),
    ilo_change_password: secretField({
      description: 'New password, which the clean step reset_ilo_credential sets; then it takes the place of ilo_password',
      expected: PASSWORD_EXPECTED,
      accepts: isPlainText,
    }).optional(),
    ...UNUSED_FIELDS,
    ilo_clean_priority_reset_ilo: priority('reset_ilo', 'restarts the iLO'),
    ilo_clean_priority_reset_bios_to_default: priority('reset_bios_to_default', 'sets the firmware to its defaults'),
    ilo_clean_priority_reset_secure_boot_keys_to_default: priority('reset_secure_boot_keys_to_default', 'sets the keys of secure boot to those of the vendor'),
    ilo_clean_priority_clear_secure_boot_keys: priority('clear_secure_boot_keys', 'deletes the keys of secure boot'),
    ilo_clean_priority_reset_ilo_credential: priority('reset_ilo_credential', 'changes the password'),
  })
  .superRefine((info, context) => {
    if (info.ca_file === undefined || info.ilo_verify_ca === undefined || info.ilo_verify_ca === info.ca_file) return;
    context.addIssue({ code: 'custom', path: ['ca_file'], message: 'left out with ilo_verify_ca, whose old name it is' });
  });

/** Checked driver_info with its defaults filled in. */
export type IloDriverInfo = z.output<typeof fields>;

/** What a node's driver_info may hold for `ilo` and `ilo5`; the descriptions are shown to users. */
export const iloDriverInfo: DriverInfoSchema<IloDriverInfo> = driverInfoSchema('ilo', fields);

/** The priority that a step has for this machine. */
export function cleanPriority(info: IloDriverInfo, step: AutomaticStepName): number {
  return info[`ilo_clean_priority_${step}`];
}

/** How the iLO of a machine is reached. */
export function iloAccess(info: IloDriverInfo): IloAccess {
  return {
    host: info.ilo_address,
    port: info.client_port,
    username: info.ilo_username,
    password: info.ilo_password,
    timeoutMs: info.client_timeout * 1000,
    tls: tlsSettings(info),
  };
}

function tlsSettings({ ilo_verify_ca: verifyCa, ca_file: file, ilo_tls_fingerprint: fingerprint, ilo_tls_profile: profile }: IloDriverInfo): TlsSettings {
  const verify = verifyCa ?? file ?? true;
  return {
    profile,
    ...(typeof verify === 'string' ? { verify: true, authorities: verify } : { verify }),
    ...(fingerprint === undefined ? {} : { fingerprint: oneOrSeveral(splitFingerprints(fingerprint)) }),
  };
}

/** The same trust by these certificates, or without one that is named. */
export function withFingerprints({ fingerprint: _former, ...tls }: TlsSettings, fingerprints: readonly string[]): TlsSettings {
  return fingerprints.length === 0 ? tls : { ...tls, fingerprint: oneOrSeveral([...new Set(fingerprints)]) };
}

/** As they stand in driver_info. */
export function joinFingerprints(fingerprints: readonly string[]): string {
  return [...new Set(fingerprints)].join(', ');
}

function splitFingerprints(text: string): readonly string[] {
  return text.split(',').map((each) => each.trim());
}

function oneOrSeveral([first = '', ...others]: readonly string[]): string | readonly string[] {
  return others.length === 0 ? first : [first, ...others];
}

function isAddress(text: string): boolean {
  return /^[^\s/@:[\]%]+$/.test(text) || /^[\da-f.]*:[\da-f.]*:[\da-f:.]*(?:%[\w.-]+)?$/i.test(text);
}

function isPlainText(text: string): boolean {
  // Control characters would end the header or the attribute that carries them.
  // oxlint-disable-next-line no-control-regex
  return text !== '' && !/[\u0000-\u001f\u007f]/.test(text);
}
