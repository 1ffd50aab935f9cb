import type { JsonObject, JsonValue, Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject, requireObject, sealMembers } from '../http/body-readers.js';
import type { BodyReader } from '../http/endpoint.js';
import { plainScalar } from '../http/python-text.js';
import type { Field, ResourceTable } from './field.js';

/** Where a value is checked, for texts and for rules that differ. */
export interface InputPlace {
  /** As error texts name it: `node` for a creation, `patch` for a change. */
  readonly subject: string;
  readonly operation: 'create' | 'patch';
  readonly version: number;
  /** With `patch`: the UUID of the record. */
  readonly uuid?: string;
}

/** What a field accepts. */
export interface ValueKind {
  /** JSON Schema of what is accepted besides null. */
  readonly schema: JsonObject;
  /**
   * The value in its canonical form; never called with null.
   * @throws RequestFault 400 in the words of Ironic.
   */
  check(name: string, value: Sealed, place: InputPlace): Sealed;
}

/** How clients set a field. */
export interface InputRule {
  readonly kind: ValueKind;
  readonly create: boolean;
  readonly patch: boolean;
  /** A creation must give it, and a patch cannot remove it. */
  readonly required?: true;
  /** A creation may leave it out, but a patch cannot remove it. */
  readonly lasting?: true;
  /** First minor version that may remove it again. Default: the field's own. */
  readonly removableSince?: number;
  /** What null, or removing the field, makes of it. */
  readonly empty: Sealed;
  /** A document that holds secrets: hidden as soon as it arrives. */
  readonly sealed?: true;
  /** Finds the secrets in such a document. Default: by the names of its keys. */
  readonly seal?: (value: JsonValue) => Sealed;
}

/** Checked values by their names on the wire. */
export type InputValues = ReadonlyMap<string, Sealed>;

/** A creation as a table allows it: unknown fields, missing ones, versions, types, in that order. `null` counts as not given. */
export function creationBody<Model>(table: ResourceTable<Model>): BodyReader<InputValues> {
  const sealed = new Set(table.fields.filter((field) => field.input?.sealed === true).map((field) => field.name));
  return {
    schema: creationSchema(table),
    seal: (body) => (isObject(body) ? sealMembers(body, (name) => sealed.has(name)) : body),
    read: (body, version) => readCreation(table, requireObject(table.name, body ?? {}), version),
  };
}

function readCreation<Model>(table: ResourceTable<Model>, body: Readonly<Record<string, Sealed>>, version: number): InputValues {
  const creatable = table.fields.filter((field) => field.input?.create === true);
  checkNames(table.name, creatable, body);
  const values = new Map<string, Sealed>();
  for (const { name, since, input } of creatable) {
    const value = body[name];
    if (value === undefined || value === null || input === undefined) continue;
    if (since > version && value !== '') throw faults.notAcceptable();
    values.set(name, input.kind.check(name, value, { subject: table.name, operation: 'create', version }));
  }
  return values;
}

function checkNames<Model>(subject: string, creatable: readonly Field<Model>[], body: Readonly<Record<string, Sealed>>): void {
  const known = new Set(creatable.map((field) => field.name));
  const unknown = Object.keys(body).filter((name) => !known.has(name));
  if (unknown.length > 0) throw unexpectedFault(subject, unknown);
  const missing = creatable.find((field) => field.input?.required === true && (body[field.name] ?? null) === null);
  if (missing !== undefined) throw schemaFault(subject, `'${missing.name}' is a required property`);
}

/** What Ironic says when a body does not fit its schema. */
export function schemaFault(subject: string, problem: string): Error {
  return faults.invalid(`Schema error for ${subject}: ${problem}`);
}

/** The same for members that the schema does not know. */
export function unexpectedFault(subject: string, unknown: readonly string[]): Error {
  const names = unknown.map((name) => `'${plainScalar(name)}'`).join(', ');
  return schemaFault(subject, `Additional properties are not allowed (${names} ${unknown.length === 1 ? 'was' : 'were'} unexpected)`);
}

function creationSchema<Model>(table: ResourceTable<Model>): JsonObject {
  const creatable = table.fields.filter((field) => field.input?.create === true);
  return {
    type: 'object',
    properties: Object.fromEntries(creatable.map((field) => [field.name, inputSchema(field)])),
    required: creatable.filter((field) => field.input?.required === true).map((field) => field.name),
    additionalProperties: false,
  };
}

function inputSchema<Model>(field: Field<Model>): JsonObject {
  return { ...field.input?.kind.schema, description: field.description, 'x-ironic-since': `1.${field.since}` };
}
