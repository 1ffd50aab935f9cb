import { isSecretKey, type JsonValue, maskSealed, type Sealed, Secret } from '@ferric/core';
import type { RedfishRequest } from './client-types.js';

/**
 * Licence keys are as good as money: HPE's property LicenseKey; and Key, by which some services take one. AuthenticationKey and EncryptionKey are those
 * of SNMP. HttpHeaders of a subscription prove who sends the events, whatever their names are: schema EventDestination.
 */
const SECRET_PROPERTIES = /licen[cs]e_?key|(?:authentication|encryption)_?key$|^key$|^http_?headers$/i;

function isSecretProperty(name: string): boolean {
  return isSecretKey(name) || SECRET_PROPERTIES.test(name);
}

/** A request or an answer as it may be seen in a transcript. */
export function maskBody(body: Sealed): string {
  return JSON.stringify(maskSealed(body, isSecretProperty));
}

/** The secrets that stand in a request, so that no error repeats them; also texts that are no Secret but stand under the name of one. */
export function secretsOf({ body, headers }: Pick<RedfishRequest, 'body' | 'headers'>): readonly Secret[] {
  return [...collect(body ?? {}, false), ...Object.values(headers ?? {}).filter((value) => typeof value !== 'string')];
}

function collect(value: Sealed, secret: boolean): readonly Secret[] {
  if (Secret.is(value)) {
    const revealed: JsonValue = value.reveal();
    return typeof revealed === 'string' ? [value as unknown as Secret] : [];
  }
  if (typeof value === 'string') return secret ? [new Secret(value)] : [];
  if (Array.isArray(value)) return value.flatMap((item: Sealed) => collect(item, secret));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, Sealed>).flatMap(([name, item]) => collect(item, secret || isSecretProperty(name)));
}
