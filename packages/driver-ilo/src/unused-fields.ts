import type { Logger } from '@ferric/core';
import { integerField, secretField, z } from '@ferric/core/zod';

const USER_EXPECTED = 'a user name';
const NOT_USED = 'Not used: the iLO tells by itself what Ironic asks by SNMP';

const protocol = (names: readonly string[], what: string): z.ZodType<string | undefined, string | undefined> => {
  const expected = names.join(' or ');
  return z
    .string(expected)
    .trim()
    .toUpperCase()
    .refine((name) => names.includes(name), expected)
    .optional()
    .meta({ description: `${what} of SNMPv3: ${expected}. ${NOT_USED}` });
};

const secret = (what: string): z.ZodType => secretField({ description: `${what} of SNMPv3. ${NOT_USED}` }).optional();

/**
 * Fields that nodes of Ironic bring along and nothing here needs. They are checked, kept, and their secrets are secrets.
 * Source: Ironic, ironic/drivers/modules/ilo/common.py (SNMP_PROPERTIES, SNMP_OPTIONAL_PROPERTIES, CONSOLE_PROPERTIES).
 */
export const UNUSED_FIELDS = {
  console_port: integerField({ min: 1, max: 65_535 }).optional().meta({ description: 'Not used: there is no console of the iLO' }),
  snmp_auth_user: z.union([z.string(), z.number().transform(String)], USER_EXPECTED).optional().meta({ type: 'string', description: `User of SNMPv3. ${NOT_USED}` }),
  snmp_auth_prot_password: secret('Passphrase for authentication'),
  snmp_auth_priv_password: secret('Passphrase for privacy'),
  snmp_auth_protocol: protocol(['MD5', 'SHA'], 'Protocol for authentication'),
  snmp_auth_priv_protocol: protocol(['DES', 'AES'], 'Protocol for privacy'),
} as const;

/** Machines that are remembered; the oldest are forgotten first, which costs one more warning. */
const MOST_WARNED = 10_000;

/** Warns of fields that have no effect. */
export type UnusedFieldWarning = (info: Readonly<Record<string, unknown>>, address: string, logger: Logger) => void;

/** Warns once for each machine, however often it is opened. The port of a console is not worth a warning: nothing is missing without it. */
export function createUnusedFieldWarning(): UnusedFieldWarning {
  const warned = new Set<string>();
  return (info, address, logger) => {
    const fields = Object.keys(UNUSED_FIELDS).filter((name) => name.startsWith('snmp_') && info[name] !== undefined);
    if (fields.length === 0 || warned.has(address)) return;
    warned.add(address);
    const [oldest] = warned;
    if (warned.size > MOST_WARNED && oldest !== undefined) warned.delete(oldest);
    logger.warn({ address, fields }, 'Fields of SNMP in driver_info have no effect: the iLO tells by itself what they were for');
  };
}
