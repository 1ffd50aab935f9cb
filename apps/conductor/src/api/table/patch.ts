import { maskSealed, Secret, sealSecrets, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import type { BodyReader } from '../http/endpoint.js';
import { pythonScalar, pythonText, shortened } from '../http/python-text.js';
import { findField, type ResourceTable } from './field.js';
import { schemaFault } from './input.js';

const OPERATION_NAMES = ['add', 'replace', 'remove'] as const;
type OperationName = (typeof OPERATION_NAMES)[number];

/** One operation of a JSON patch (RFC 6902). */
export interface PatchOperation {
  readonly op: OperationName;
  readonly path: string;
  /** The parts of the path; the first is the name of a field. */
  readonly tokens: readonly string[];
  /** Absent when the client gave none. A secret when the field holds secrets. */
  readonly value?: Sealed;
  /** The operation for error texts, secrets hidden. */
  readonly text: string;
}

/** The fields that a patch of this resource may name, in alphabetical order, as the refusal lists them. */
function patchableNames<Model>(table: ResourceTable<Model>): readonly string[] {
  return table.fields.filter((field) => field.input?.patch === true).map((field) => field.name).toSorted();
}

/**
 * A patch as a table allows it: its form, then the fields it names, then their versions.
 * Source: Ironic, ironic/common/args.py (patch) and ironic/api/controllers/v1/utils.py (patch_validate_allowed_fields).
 */
export function patchBody<Model>(table: ResourceTable<Model>): BodyReader<readonly PatchOperation[]> {
  const sealed = new Set(table.fields.filter((field) => field.input?.sealed === true).map((field) => field.name));
  const patchable = patchableNames(table);
  return {
    schema: PATCH_SCHEMA,
    seal: (body) => sealPatch(body, sealed),
    read(body, version) {
      const operations = readOperations(body ?? []);
      for (const { path, tokens } of operations) {
        if (patchable.includes(tokens[0] ?? '')) continue;
        throw faults.invalid(`Cannot patch ${shortened(path)}. Only the following can be updated: ${patchable.join(', ')}`);
      }
      if (operations.some((operation) => neededVersion(table, operation) > version)) throw faults.notAcceptable();
      return operations;
    },
  };
}

/** First minor version that admits the operation. */
function neededVersion<Model>(table: ResourceTable<Model>, { op, tokens, value }: PatchOperation): number {
  const field = findField(table, tokens[0] ?? '');
  const removes = tokens.length === 1 && (op === 'remove' || value === null);
  return Math.max(field?.since ?? 0, removes ? (field?.input?.removableSince ?? 0) : 0);
}

/** Hides the values of operations on fields that hold secrets, and of those that cannot be told. */
function sealPatch(body: JsonValue, sealed: ReadonlySet<string>): Sealed {
  if (!Array.isArray(body)) return body;
  return body.map((item: JsonValue): Sealed => {
    if (!isObject(item) || item['value'] === undefined || item['value'] === null) return item;
    const path: JsonValue | undefined = item['path'];
    const harmless = typeof path === 'string' && !sealed.has(path.split('/')[1] ?? '');
    return harmless ? item : { ...item, value: new Secret<JsonValue>(item['value']) };
  });
}

const PATH = /^(?:\/[\p{L}\p{N}_-]+)+$/u;

function readOperations(body: Sealed): readonly PatchOperation[] {
  if (!Array.isArray(body)) throw schemaFault('patch', `${pythonScalar(body)} is not of type 'array'`);
  return body.map((item: Sealed) => readOperation(item));
}

function readOperation(item: Sealed): PatchOperation {
  if (!isObject(item)) throw schemaFault('patch', `${pythonScalar(item)} is not of type 'object'`);
  const { op, path, value, ...others } = item as Readonly<Record<string, Sealed>>;
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    throw schemaFault('patch', `Additional properties are not allowed (${unknown.map(pythonScalar).join(', ')} ${unknown.length === 1 ? 'was' : 'were'} unexpected)`);
  }
  if (op === undefined) throw schemaFault('patch', "'op' is a required property");
  if (path === undefined) throw schemaFault('patch', "'path' is a required property");
  if (!isOperationName(op)) throw schemaFault('patch', `${pythonScalar(op)} is not one of ['add', 'replace', 'remove']`);
  if (typeof path !== 'string') throw schemaFault('patch', `${pythonScalar(path)} is not of type 'string'`);
  if (!PATH.test(path)) throw schemaFault('patch', `${pythonScalar(path)} does not match '^(/[\\\\w-]+)+$'`);
  return { op, path, tokens: path.split('/').slice(1), text: operationText(item), ...(value === undefined ? {} : { value }) };
}

function isOperationName(value: Sealed): value is OperationName {
  return (OPERATION_NAMES as readonly Sealed[]).includes(value);
}

/** `{'op': 'remove', 'path': '/extra/none'}`, hiding what the names say to be secret even in fields that are shown. */
function operationText(item: Sealed): string {
  const sealed = item as Readonly<Record<string, Sealed>>;
  const path = String(sealed['path']);
  const value = sealed['value'];
  const hidden: Sealed = value === undefined || Secret.is(value) ? { ...sealed } : { ...sealed, value: hideSecrets(path, value as JsonValue) };
  return shortened(pythonText(hidden));
}

function hideSecrets(path: string, value: JsonValue): JsonValue {
  const last = path.split('/').at(-1) ?? '';
  const wrapped = maskSealed(sealSecrets({ [last]: value })) as JsonObject;
  return wrapped[last] ?? null;
}

const PATCH_SCHEMA: JsonObject = {
  type: 'array',
  items: {
    type: 'object',
    properties: { op: { enum: [...OPERATION_NAMES] }, path: { type: 'string', pattern: '^(/[\\w-]+)+$' }, value: {} },
    required: ['op', 'path'],
    additionalProperties: false,
  },
};
