import { FerricError, optionIssues, type AnyDriver, type JsonObject, type JsonValue } from '@ferric/core';
import type { Planter } from './planted-secrets.js';

/**
 * Words that make a key secret, as Ironic masks them.
 * Source: oslo.utils strutils (the keys behind Ironic's masking), and the SNMP keys of Ironic 38.
 */
const SECRET_WORDS = [
  'adminpass', 'admin_pass', 'password', 'admin_password', 'auth_token', 'new_pass', 'auth_password', 'secret_uuid', 'secret', 'sys_pswd', 'token',
  'chappassword', 'encrypted_key', 'private_key', 'fernetkey', 'sslkey', 'passphrase', 'snmp_auth_key', 'snmp_priv_key',
];

/** A document with a secret under every well-known key, at several depths, and inside texts. */
export function plantWellKnown(planter: Planter, where: string): JsonObject {
  const plant = (place: string): string => planter.text(`${where}: ${place}`);
  const plain = (place: string): string => planter.text(`${where}: ${place}`, { plain: true });
  return {
    ...Object.fromEntries(SECRET_WORDS.map((word) => [`x_${word}_1`, plant(word)])),
    NESTED: {
      list: [{ Password: plant('nested in a list') }, [{ deep: { MyAuth_Token: plant('nested in lists of lists') } }]],
      harmless: 'shown',
    },
    many_tokens: [plant('list under a secret key'), { inner: plant('object under a secret key') }],
    pin_secret: planter.number(`${where}: number under a secret key`),
    command: `ipmitool -H 192.0.2.1 --password ${plain('option in a text')} power on`,
    settings: `address=192.0.2.1 password=${plain('assignment in a text')} retries=3`,
    json: JSON.stringify({ admin_password: plain('JSON in a text'), port: 1 }),
    image_source: `https://reader:${plain('URL')}@images.example/disk.img`,
    xml: `<wsse:Password>${plain('XML in a text')}</wsse:Password>`,
  };
}

/** A value for every secret field of a driver that the device itself does not bring. */
export function plantFields(planter: Planter, driver: AnyDriver, present: Readonly<Record<string, unknown>>): JsonObject {
  const missing = driver.driverInfo.secretFields.filter((field) => !(field in present));
  return Object.fromEntries(missing.map((field) => [field, plantField(planter, driver, field)]));
}

function plantField(planter: Planter, driver: AnyDriver, field: string): JsonValue {
  const where = `${field} of driver ${driver.name}`;
  const candidates = [() => planter.text(where), () => planter.secureOn(where), () => planter.hexadecimalKey(where)];
  for (const make of candidates) {
    const value = make();
    if (accepts(driver, field, value)) return value;
    planter.secrets.pop();
  }
  throw new Error(`No made-up secret is accepted as ${where}: teach the planter what it looks like`);
}

function accepts(driver: AnyDriver, field: string, value: JsonValue): boolean {
  try {
    driver.driverInfo.parse({ [field]: value });
    return true;
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    return !optionIssues(error).some((issue) => issue.field.startsWith(field));
  }
}

/**
 * Works of cleaning whose steps take a secret, one after the other; none for most hardware. The last gives the machine back the password that it had.
 * @param present driver_info of the machine
 */
export function plantCleanings(planter: Planter, where: string, present: Readonly<Record<string, unknown>>): readonly (readonly JsonObject[])[] {
  const step = (name: string, args: JsonObject): readonly JsonObject[] => [{ interface: 'management', step: name, args }];
  if (!('ilo_password' in present)) return [];
  return [
    step('activate_license', { ilo_license_key: planter.text(`${where}: licence key`, { plain: true }) }),
    step('activate_license', { ilo_license_key: [planter.text(`${where}: licence key in a list`)] }),
    step('reset_ilo_credential', { ilo_password: planter.text(`${where}: new password`, { plain: true }) }),
    step('reset_ilo_credential', { ilo_password: present['ilo_password'] as string }),
  ];
}

/** Values of a kind that no secret field takes, all secret. */
export function plantWrongTypes(planter: Planter, field: string): readonly JsonValue[] {
  const plant = (kind: string): string => planter.text(`${kind} as ${field}`);
  return [[plant('list')], { value: plant('object') }, planter.number(`number as ${field}`)];
}
