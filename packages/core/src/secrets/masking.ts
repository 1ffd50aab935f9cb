import type { JsonValue } from '../json.js';
import { MASK, maskText } from './mask-text.js';
import { Secret } from './secret.js';

export { MASK, maskText } from './mask-text.js';

/**
 * A key holds a secret when it contains one of these, without regard to case.
 * Source: oslo.utils strutils, the list behind Ironic's masking, plus the two SNMP keys and the licence keys that Ironic 21.4 shows.
 */
const SECRET_KEY_PARTS: readonly string[] = [
  'adminpass', 'admin_pass', 'password', 'admin_password', 'auth_token', 'new_pass', 'auth_password', 'secret_uuid',
  'secret', 'sys_pswd', 'license_key', 'token', 'configdrive', 'chappassword', 'encrypted_key', 'private_key', 'fernetkey', 'sslkey',
  'passphrase', 'cephclusterfsid', 'octaviaheartbeatkey', 'rabbitcookie', 'cephmanilaclientkey', 'pacemakerremoteauthkey',
  'designaterndckey', 'cephadminkey', 'heatauthencryptionkey', 'cephclientkey', 'keystonecredential', 'barbicansimplecryptokek',
  'cephrgwkey', 'swifthashsuffix', 'migrationsshkey', 'cephmdskey', 'cephmonkey',
  'snmp_auth_key', 'snmp_priv_key', 'secureon', 'hex_kg_key',
];

/** True when the name alone says that the value must not be shown. */
export function isSecretKey(key: string): boolean {
  const lower = key.toLowerCase();
  return SECRET_KEY_PARTS.some((part) => lower.includes(part));
}

/** A document whose secret leaves are {@link Secret}; what the API keeps in memory. */
export type Sealed = string | number | boolean | null | Secret<JsonValue> | readonly Sealed[] | { readonly [key: string]: Sealed };

/** Which names hold secrets; defaults to {@link isSecretKey}. A driver adds the secret fields of its own schema. */
export type SecretKeyTest = (key: string) => boolean;

/**
 * Wraps every secret of a plain document: values under secret keys (whole, unless they are objects, which are
 * searched like Ironic does) and texts that contain a secret. Lists are searched too, which Ironic forgets.
 */
export function sealSecrets(value: JsonValue, isSecret: SecretKeyTest = isSecretKey): Sealed {
  return seal(value, false, isSecret);
}

function seal(value: JsonValue | Secret<JsonValue>, secret: boolean, isSecret: SecretKeyTest): Sealed {
  if (Secret.is(value)) return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => seal(item, secret, isSecret));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value as Record<string, JsonValue>).map(([key, item]) => [key, seal(item, secret || isSecret(key), isSecret)]),
    );
  }
  if (value === null || value === '') return value;
  if (secret) return new Secret(value);
  if (typeof value === 'string' && maskText(value) !== value) return new Secret(value);
  return value;
}

/**
 * The document as a client may see it: every secret is `******`, texts keep what is harmless in them. What stands
 * under a secret key is hidden even when nobody sealed it, for this is the last place before it is seen.
 */
export function maskSealed(value: Sealed, isSecret: SecretKeyTest = isSecretKey): JsonValue {
  return mask(value, false, isSecret);
}

function mask(value: Sealed, secret: boolean, isSecret: SecretKeyTest): JsonValue {
  if (Secret.is(value)) {
    const revealed = value.reveal();
    if (secret || typeof revealed !== 'string') return MASK;
    const masked = maskText(revealed);
    return masked === revealed ? MASK : masked;
  }
  if (Array.isArray(value)) return value.map((item: Sealed) => mask(item, secret, isSecret));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value as Record<string, Sealed>).map(([key, item]) => [key, mask(item, secret || isSecret(key), isSecret)]),
    );
  }
  if (value === null || value === '') return value;
  if (secret) return MASK;
  return typeof value === 'string' ? maskText(value) : value;
}

/** The document with every secret in clear. For the store and for drivers only. */
export function revealSealed(value: Sealed): JsonValue {
  if (Secret.is(value)) return value.reveal();
  if (Array.isArray(value)) return value.map((item: Sealed) => revealSealed(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value as Record<string, Sealed>).map(([key, item]) => [key, revealSealed(item)]));
  }
  return value;
}
