import { randomUUID } from 'node:crypto';
import { isUuid } from '@ferric/core';
import { ERROR, RemoteError } from '../wire/remote-error.js';
import type { NamedReference } from '../wire/structs.js';
import { elementAt, insertBehind, textOf, xmlElement, type XmlElement } from './element.js';

/** What a definition calls itself, and which of the known things it is. */
export interface Identity<T> extends NamedReference {
  readonly known: T | undefined;
}

export interface IdentityRules<T> {
  /** `network`, `pool`: for messages. */
  readonly what: string;
  readonly errorDomain: number;
  readonly all: readonly T[];
  /** For a definition without a name. */
  readonly missingName: RemoteError;
}

/**
 * Reads name and uuid, and makes up a uuid where there is none.
 * @throws RemoteError 9 when name and uuid belong to different things
 */
export function identify<T extends NamedReference>(definition: XmlElement, { what, errorDomain, all, missingName }: IdentityRules<T>): Identity<T> {
  const name = textOf(elementAt(definition, 'name')) ?? '';
  if (name === '') throw missingName;
  const given = textOf(elementAt(definition, 'uuid'))?.toLowerCase();
  const uuid = given ?? randomUUID();
  if (!isUuid(uuid)) throw new RemoteError(ERROR.xml, errorDomain, 'malformed uuid element');
  const failed = (text: string): RemoteError => new RemoteError(ERROR.operationFailed, errorDomain, `${what} ${text}`);
  const byName = all.find((each) => each.name === name);
  const byUuid = all.find((each) => each.uuid === uuid);
  if (byName !== undefined && byName.uuid !== uuid) throw failed(`'${name}' already exists with uuid ${byName.uuid}`);
  if (byUuid !== undefined && byUuid.name !== name) throw failed(`'${byUuid.name}' is already defined with uuid ${uuid}`);
  if (given === undefined) insertBehind(definition, ['name'], xmlElement('uuid', {}, [uuid]));
  return { name, uuid, known: byUuid };
}
