import type { DriverInfoSchema, Secret } from '@ferric/core';
import { booleanField, driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import { CIPHER_SUITES, type BridgeHop, type CipherSuiteId, type PrivilegeLevel } from '@ferric/ipmi-raw-buffer';
import { canonicalHost } from './bmc-address.js';
import { byteField, textField, wordField } from './ipmi-fields.js';

/** The driver's name, which is Ironic's name of the power, management and vendor interfaces of this hardware. */
export const IPMI_DRIVER_NAME = 'ipmitool';

/** Source: IPMI 2.0, sections 13.28 and 22.28 (user names), 22.30 (passwords), 22.25 (keys). Bytes. */
const LONGEST_USERNAME = 16;
const LONGEST_PASSWORD = 20;
const LONGEST_PASSWORD_1_5 = 16;
const LONGEST_KEY = 20;

/** The address of the BMC itself on its bus. Source: IPMI 1.5, section 5.2. */
const BMC_ADDRESS = 0x20;

const PRIVILEGE_LEVELS = {
  ADMINISTRATOR: 'administrator', OPERATOR: 'operator', USER: 'user', CALLBACK: 'callback',
} as const satisfies Readonly<Record<string, PrivilegeLevel>>;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

const secretOf = (longest: number, description: string): ReturnType<typeof secretField> =>
  secretField({ description, expected: `a text of at most ${longest} bytes`, accepts: (value) => bytesOf(value) <= longest });

const cipherSuiteField = (): z.ZodType<CipherSuiteId, number | string> =>
  integerField({ min: 0, max: 255 })
    .transform((value, context): CipherSuiteId => {
      const known = CIPHER_SUITES.find((suite) => suite === value);
      if (known !== undefined) return known;
      context.issues.push({ code: 'custom', message: `one of ${CIPHER_SUITES.join(', ')}`, input: value });
      return z.NEVER;
    })
    .meta({ type: 'integer', enum: [...CIPHER_SUITES] });

const fields = z
  .object({
    ipmi_address: textField('an IP address or host name', (text) => /^[^\s/@]{1,253}$/.test(text)).meta({
      description: 'IP address or host name of the BMC',
    }),
    ipmi_port: integerField({ min: 1, max: 65_535 }).default(623).meta({ description: 'UDP port of the BMC' }),
    ipmi_username: textField(`a text of at most ${LONGEST_USERNAME} bytes`, (text) => bytesOf(text) <= LONGEST_USERNAME)
      .optional()
      .meta({ description: `User name, at most ${LONGEST_USERNAME} bytes; the null user without it` }),
    ipmi_password: secretOf(LONGEST_PASSWORD, `Password, at most ${LONGEST_PASSWORD} bytes; ${LONGEST_PASSWORD_1_5} with IPMI 1.5`).optional(),
    ipmi_hex_kg_key: secretField({
      description: `Key of the BMC itself (Kg) in hexadecimal digits, at most ${LONGEST_KEY} bytes; only where one is set on the BMC. Empty: none`,
      expected: `an even number of hexadecimal digits, at most ${2 * LONGEST_KEY}`,
      accepts: (value) => new RegExp(`^([0-9A-Fa-f]{2}){0,${LONGEST_KEY}}$`).test(value),
    }).optional(),
    ipmi_cipher_suite: cipherSuiteField()
      .optional()
      .meta({ description: 'Cipher suite. Without it 17 (SHA256), and 3 (SHA1) where the BMC does not know 17. 0, 1 and 2 protect too little and are used only when they are named' }),
    ipmi_priv_level: wordField(Object.keys(PRIVILEGE_LEVELS) as (keyof typeof PRIVILEGE_LEVELS)[])
      .default('ADMINISTRATOR')
      .meta({ description: 'Privilege level of the session. USER can only read; power and boot device take OPERATOR' }),
    ipmi_protocol_version: wordField(['2.0', '1.5'], { 2: '2.0' })
      .default('2.0')
      .meta({ description: 'Version of the protocol. 1.5 encrypts nothing' }),
    ipmi_bridging: wordField(['no', 'single', 'dual'])
      .default('no')
      .meta({ description: 'Whether the machine stands behind one (single) or two (dual) further controllers that the BMC passes requests on to' }),
    ipmi_target_channel: byteField({ min: 0, max: 15 })
      .optional()
      .meta({ description: 'Channel of the controller to reach. Required with ipmi_bridging single or dual' }),
    ipmi_target_address: byteField({ min: 0, max: 0xfe, even: true })
      .optional()
      .meta({ description: 'Address of the controller to reach, an even number such as 0x2c. Required with ipmi_bridging single or dual' }),
    ipmi_transit_channel: byteField({ min: 0, max: 15 })
      .optional()
      .meta({ description: 'Channel of the controller in between. Required with ipmi_bridging dual' }),
    ipmi_transit_address: byteField({ min: 0, max: 0xfe, even: true })
      .optional()
      .meta({ description: 'Address of the controller in between, an even number such as 0x82. Required with ipmi_bridging dual' }),
    ipmi_local_address: byteField({ min: 0, max: 0xff })
      .optional()
      .meta({ description: 'Address that bridged requests come from. Only 0x20, the BMC itself, which it is without this field' }),
    ipmi_force_boot_device: booleanField()
      .default(false)
      .meta({ description: 'For a BMC that forgets a persistent boot device: it is kept here and chosen anew, for one boot, each time the machine is switched on' }),
    ipmi_disable_boot_timeout: booleanField()
      .default(true)
      .meta({ description: 'Tell the BMC to keep a chosen boot device for longer than the 60 seconds after which it forgets it otherwise' }),
    ipmi_terminal_port: integerField({ min: 1, max: 65_535 })
      .optional()
      .meta({ description: "Port for Ironic's console program. Taken for compatibility and not used: the console needs no port of its own" }),
  })
  .superRefine((info, context) => {
    const addIssue = (field: keyof typeof info, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    for (const field of BRIDGE_FIELDS[info.ipmi_bridging]) {
      if (info[field] === undefined) addIssue(field, `given when ipmi_bridging is "${info.ipmi_bridging}"`);
    }
    if (info.ipmi_bridging !== 'no' && info.ipmi_local_address !== undefined && info.ipmi_local_address !== BMC_ADDRESS) {
      addIssue('ipmi_local_address', '0x20, the address of the BMC, which sends bridged requests');
    }
    if (info.ipmi_protocol_version !== '1.5') return;
    if (info.ipmi_cipher_suite !== undefined) addIssue('ipmi_cipher_suite', 'left out with ipmi_protocol_version "1.5", which has no cipher suites');
    if (kgKeyOf(info) !== undefined) addIssue('ipmi_hex_kg_key', 'left out with ipmi_protocol_version "1.5", which has no such key');
    if (info.ipmi_password !== undefined && bytesOf(info.ipmi_password.reveal()) > LONGEST_PASSWORD_1_5) {
      addIssue('ipmi_password', `a text of at most ${LONGEST_PASSWORD_1_5} bytes with ipmi_protocol_version "1.5"`);
    }
  });

/** What each kind of bridging needs. Source: Ironic, ironic/drivers/modules/ipmitool.py (_parse_driver_info). */
const BRIDGE_FIELDS = {
  no: [],
  single: ['ipmi_target_channel', 'ipmi_target_address'],
  dual: ['ipmi_target_channel', 'ipmi_target_address', 'ipmi_transit_channel', 'ipmi_transit_address'],
} as const;

/**
 * What a node's driver_info may hold for `ipmi`. Only `ipmi_address` is required; the descriptions are shown to users.
 * Source: Ironic, ironic/drivers/modules/ipmitool.py (COMMON_PROPERTIES, CONSOLE_PROPERTIES).
 */
export const ipmiDriverInfo: DriverInfoSchema<IpmiDriverInfo> = driverInfoSchema(IPMI_DRIVER_NAME, fields);

/** Checked driver_info with its defaults filled in. */
export type IpmiDriverInfo = z.output<typeof fields>;

/** How one BMC is reached. */
export interface BmcAccess {
  /** In its one spelling ({@link canonicalHost}). */
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password?: Secret;
  readonly kgKey?: Secret;
  readonly privilegeLevel: PrivilegeLevel;
  readonly cipherSuite: CipherSuiteId | 'best';
  readonly protocol: '2.0' | '1.5';
}

/** How the BMC is reached, for this driver_info. */
export function bmcAccess(info: IpmiDriverInfo): BmcAccess {
  const kgKey = kgKeyOf(info);
  return {
    host: canonicalHost(info.ipmi_address),
    port: info.ipmi_port,
    username: info.ipmi_username ?? '',
    ...(info.ipmi_password === undefined ? {} : { password: info.ipmi_password }),
    ...(kgKey === undefined ? {} : { kgKey }),
    privilegeLevel: PRIVILEGE_LEVELS[info.ipmi_priv_level],
    cipherSuite: info.ipmi_cipher_suite ?? 'best',
    protocol: info.ipmi_protocol_version,
  };
}

/** An empty key is none: it is what a form sends for a field that nobody filled in. */
function kgKeyOf({ ipmi_hex_kg_key: key }: { readonly ipmi_hex_kg_key?: Secret | undefined }): Secret | undefined {
  return key?.reveal() === '' ? undefined : key;
}

/** The controllers between the BMC and the machine, outermost first; none for most machines. */
export function bridgeOf(info: IpmiDriverInfo): readonly BridgeHop[] {
  const transit = hop(info.ipmi_transit_channel, info.ipmi_transit_address);
  const target = hop(info.ipmi_target_channel, info.ipmi_target_address);
  const HOPS = { no: [], single: target, dual: [...transit, ...target] } as const;
  return HOPS[info.ipmi_bridging];
}

function hop(channel: number | undefined, address: number | undefined): readonly BridgeHop[] {
  return channel === undefined || address === undefined ? [] : [{ channel, address }];
}
