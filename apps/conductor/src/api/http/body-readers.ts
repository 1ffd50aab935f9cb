import { Secret, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { readArguments, type ArgumentTable, type ArgumentValues } from './arguments.js';
import type { BodyReader } from './endpoint.js';
import { pythonScalar } from './python-text.js';

/** A body whose members are arguments: `{"target": "power on"}`. An empty body has none. */
export function argumentsBody<const Table extends ArgumentTable>(
  table: Table,
  options: { readonly secret?: readonly string[]; readonly limitBytes?: number } = {},
): BodyReader<ArgumentValues<Table>> {
  const secret = new Set(options.secret);
  return {
    schema: argumentsSchema(table),
    ...(options.limitBytes === undefined ? {} : { limitBytes: options.limitBytes }),
    seal: (body) => (isObject(body) ? sealMembers(body, (name) => secret.has(name)) : body),
    read: (body, version) => readArguments(table, requireObject('body', body ?? {}), version),
  };
}

/** A body that is any JSON object; an empty body is an empty object. */
export function objectBody(name: string): BodyReader<JsonObject> {
  return {
    schema: { type: 'object' },
    read: (body) => requireObject(name, body ?? {}) as JsonObject,
  };
}

/** A body that is any JSON object and may hold secrets that nobody can tell by their names. */
export function secretObjectBody(name: string): BodyReader<Secret<JsonObject>> {
  return {
    schema: { type: 'object' },
    seal: (body) => new Secret(body),
    read: (body) => new Secret(requireObject(name, Secret.is(body) ? body.reveal() : (body ?? {})) as JsonObject),
  };
}

/** The members of an object, those that `isSecret` names as secrets. */
export function sealMembers(body: JsonObject, isSecret: (name: string) => boolean): Sealed {
  const seal = (name: string, value: JsonValue): Sealed => (value !== null && isSecret(name) ? new Secret(value) : value);
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, seal(name, value)]));
}

/** @throws RequestFault 400 when it is no object. */
export function requireObject(name: string, body: Sealed): Readonly<Record<string, Sealed>> {
  if (isObject(body)) return body as Readonly<Record<string, Sealed>>;
  throw faults.invalid(`Schema error for ${name}: ${pythonScalar(body)} is not of type 'object'`);
}

export function isObject(value: Sealed | undefined): value is { readonly [key: string]: Sealed } & JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Secret.is(value);
}

function argumentsSchema(table: ArgumentTable): JsonObject {
  const properties = Object.entries(table).map(([name, argument]) => [
    name,
    { ...argument.type.schema, description: argument.description, ...(argument.since === undefined ? {} : { 'x-ironic-since': `1.${argument.since}` }) },
  ]);
  const required = Object.entries(table).filter(([, argument]) => argument.required === true).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonObject,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}
