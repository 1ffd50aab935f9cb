import { FerricError, type JsonValue, SECRET_TEXT, Secret, type Sealed, type SealedObject } from '@ferric/core';
import { refuseSecrets } from './column-codecs.js';

/**
 * Secrets of a node's documents by their place: `/driver_info/ipmi_password` -> value.
 * Places are JSON pointers (RFC 6901) whose first token is the column.
 */
export type SecretMap = { readonly [pointer: string]: JsonValue };

/** A document parted from its secrets. */
export interface PartedDocument {
  /** JSON text with `[secret]` in place of each secret. Only the map tells where they were: the same text from a user stays text. */
  readonly text: string;
  readonly secrets: SecretMap;
}

/** Takes every secret out of a document. */
export function takeSecrets(column: string, document: SealedObject): PartedDocument {
  const secrets: [string, JsonValue][] = [];
  const visible = take(document, `/${column}`, secrets);
  return { text: JSON.stringify(visible), secrets: Object.fromEntries(secrets) };
}

function take(value: Sealed, pointer: string, secrets: [string, JsonValue][]): JsonValue {
  if (Secret.is(value)) {
    const revealed = value.reveal();
    refuseSecrets(revealed, pointer);
    secrets.push([pointer, revealed]);
    return SECRET_TEXT;
  }
  if (Array.isArray(value)) return value.map((item: Sealed, index) => take(item, `${pointer}/${index}`, secrets));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as SealedObject).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, take(item, `${pointer}/${escapeToken(key)}`, secrets)]));
  }
  return value;
}

/**
 * The document with its secrets put back.
 * @throws INTERNAL when a secret's place is not in the document.
 */
export function putSecretsBack(column: string, text: string, secrets: SecretMap): SealedObject {
  const document = JSON.parse(text) as SealedObject;
  const prefix = `/${column}/`;
  for (const [pointer, value] of Object.entries(secrets)) {
    if (pointer.startsWith(prefix)) put(document, pointer.slice(prefix.length), value);
  }
  return document;
}

function put(document: SealedObject, pointer: string, value: JsonValue): void {
  const tokens = pointer.split('/').map(unescapeToken);
  const last = tokens.pop() ?? '';
  let parent: unknown = document;
  for (const token of tokens) parent = child(parent, token);
  child(parent, last);
  // Not an assignment: a key named __proto__ must stay a key.
  Object.defineProperty(parent, last, { value: new Secret(value), enumerable: true, writable: true, configurable: true });
}

function child(parent: unknown, token: string): unknown {
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, token)) return (parent as Record<string, unknown>)[token];
  throw new FerricError('INTERNAL', 'The secrets of a node do not fit its documents; the database was changed by something else', {
    hint: 'Restore the database from a backup, or delete and enrol the node again.',
  });
}

/** The map without the secrets of one column. */
export function withoutColumn(secrets: SecretMap, column: string): SecretMap {
  return Object.fromEntries(Object.entries(secrets).filter(([pointer]) => !pointer.startsWith(`/${column}/`)));
}

function escapeToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
