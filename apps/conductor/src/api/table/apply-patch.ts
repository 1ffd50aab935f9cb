import { revealSealed, Secret, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';
import { applyPatch as applyOperations, type Operation } from 'rfc6902';
import { faults } from '../../fault.js';
import { findField, type ResourceTable } from './field.js';
import { schemaFault, type InputPlace, type InputValues } from './input.js';
import type { PatchOperation } from './patch.js';

/** The present value of a field, in clear. Called inside {@link applyPatch} only, for fields that the patch names. */
export type PresentValue = (name: string) => JsonValue;

/** The document that a patch is applied to; it exists only inside {@link applyPatch}, since it holds secrets in clear. */
type PlainDocument = { [name: string]: JsonValue };

/**
 * Applies a patch, one operation at a time, and checks what became of each field it names. Values of fields that hold
 * secrets come out as one secret, for the caller to seal key by key.
 * Source: Ironic, ironic/api/controllers/v1/utils.py (apply_jsonpatch, patched_validate_with_schema).
 * @param uuid UUID of the record, for texts that name it
 * @throws RequestFault 400 naming the operation that cannot be applied, or the field whose new value is not accepted.
 */
export function applyPatch<Model>(
  table: ResourceTable<Model>,
  operations: readonly PatchOperation[],
  version: number,
  present: PresentValue,
  uuid?: string,
): InputValues {
  const names = new Set(operations.map((operation) => operation.tokens[0] ?? ''));
  const document: PlainDocument = Object.fromEntries([...names].map((name) => [name, structuredClone(present(name))]));
  for (const operation of operations) applyOperation(document, operation);
  const place: InputPlace = { subject: 'patch', operation: 'patch', version, ...(uuid === undefined ? {} : { uuid }) };
  return new Map([...names].map((name) => [name, checkResult(table, name, document, place)]));
}

function checkResult<Model>(table: ResourceTable<Model>, name: string, document: PlainDocument, place: InputPlace): Sealed {
  const input = findField(table, name)?.input;
  const value = Object.hasOwn(document, name) ? (document[name] ?? null) : null;
  if (input === undefined) throw schemaFault(place.subject, `'${name}' cannot be changed`);
  // Behind a secret, so that a refusal cannot repeat it.
  if (value !== null) return input.kind.check(name, input.sealed === true ? new Secret(value) : value, place);
  if (input.lasting === true) throw faults.invalid(`'${name}' is a mandatory attribute and can not be removed`);
  if (input.required === true) throw schemaFault(place.subject, `'${name}' is a required property`);
  return input.empty;
}

function applyOperation(document: PlainDocument, operation: PatchOperation): void {
  const reason = refusal(document, operation) ?? apply(document, operation);
  if (reason !== undefined) throw faults.invalid(`Couldn't apply patch '${operation.text}'. Reason: ${reason}`);
}

function apply(document: PlainDocument, { op, path, value }: PatchOperation): string | undefined {
  const plain = value === undefined ? undefined : revealSealed(value);
  const [failure] = applyOperations(document, [{ op, path, value: plain } as Operation]);
  return failure === null ? undefined : failure?.name;
}

/** Names that reach behind the document in JavaScript. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/**
 * Why an operation does not fit the document, in the words of Python's jsonpatch. Only own members count, so that no path
 * reaches what every object or list inherits.
 */
function refusal(document: PlainDocument, { op, tokens, value }: PatchOperation): string | undefined {
  if (op !== 'remove' && value === undefined) return "The operation does not contain a 'value' member";
  const reserved = tokens.find((token) => RESERVED.has(token));
  if (reserved !== undefined) return `'${reserved}' is not accepted as a name`;
  let holder: JsonValue | undefined = document;
  for (const token of tokens.slice(0, -1)) {
    holder = ownMember(holder, token);
    if (holder === undefined) return `member '${token}' not found`;
  }
  const last = tokens.at(-1) ?? '';
  if (Array.isArray(holder)) return refusalInList(op, last, holder.length);
  if (typeof holder !== 'object' || holder === null) return `member '${last}' not found`;
  return op === 'add' || Object.hasOwn(holder, last) ? undefined : `can't ${op} a non-existent object '${last}'`;
}

function refusalInList(op: PatchOperation['op'], token: string, length: number): string | undefined {
  if (op === 'add' && token === '-') return undefined;
  if (!INDEX.test(token)) return `'${token}' is not a valid sequence index`;
  if (op === 'add') return Number(token) <= length ? undefined : "can't insert outside of list";
  if (Number(token) < length) return undefined;
  return op === 'replace' ? "can't replace outside of list" : `can't remove a non-existent object '${token}'`;
}

function ownMember(holder: JsonValue, token: string): JsonValue | undefined {
  if (Array.isArray(holder)) return INDEX.test(token) ? (holder as readonly JsonValue[])[Number(token)] : undefined;
  if (typeof holder !== 'object' || holder === null) return undefined;
  return Object.hasOwn(holder, token) ? (holder as JsonObject)[token] : undefined;
}
