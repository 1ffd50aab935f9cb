import { faults } from '../../fault.js';
import { plainScalar } from '../http/python-text.js';
import { DETAIL_SINCE, FIELDS_SINCE, type Field, type ResourceTable } from './field.js';

/** Which fields an answer has: those of a list, all, or those that were named. */
export type Selection = 'summary' | 'whole record' | readonly string[];

/** What a query says about fields. */
export interface SelectionQuery {
  readonly fields?: readonly string[];
  readonly detail?: boolean;
}

const FIELDS_WITH_DETAIL = 'Can not specify ?detail=True and fields in the same request.';

/**
 * The selection of a query.
 * Source: Ironic, ironic/api/controllers/v1/utils.py (get_request_return_fields, check_allowed_fields).
 * @throws RequestFault 406 for fields newer than the version, 400 for unknown ones and for `fields` together with `detail`.
 */
export function readSelection<Model>(
  table: ResourceTable<Model>,
  query: SelectionQuery,
  version: number,
  otherwise: 'summary' | 'whole record',
): Selection {
  const { fields, detail } = query;
  if (fields !== undefined) checkFields(table, fields, version);
  if (detail !== undefined && version < (table.detailSince ?? DETAIL_SINCE)) {
    throw faults.invalid(`Invalid query parameter ?detail=${detail ? 'True' : 'False'} received.`);
  }
  if (fields !== undefined && detail === true) throw faults.invalid(table.fieldsWithDetail ?? FIELDS_WITH_DETAIL);
  return fields ?? (detail === true ? 'whole record' : otherwise);
}

function checkFields<Model>(table: ResourceTable<Model>, names: readonly string[], version: number): void {
  if (version < (table.fieldsSince ?? FIELDS_SINCE)) throw faults.notAcceptable();
  const unknown = names.filter((name) => selectable(table, name) === undefined);
  if (names.some((name) => (selectable(table, name)?.since ?? 0) > version)) throw faults.notAcceptable();
  if (unknown.length > 0) throw faults.invalid((table.unknownFields ?? unknownFields)(unknown.map(plainScalar)));
}

/** Source: Ironic, ironic/api/controllers/v1/utils.py (check_for_invalid_fields). */
function unknownFields(names: readonly string[]): string {
  return `Field(s) "${names.join(', ')}" are not valid`;
}

function selectable<Model>(table: ResourceTable<Model>, name: string): Field<Model> | undefined {
  return table.fields.find((field) => field.name === name && field.links === undefined);
}

/** The fields of a selection in a version, in the order in which they are shown. */
export function selectedFields<Model>(table: ResourceTable<Model>, selection: Selection, version: number): readonly Field<Model>[] {
  const known = table.fields.filter((field) => field.since <= version);
  if (selection === 'whole record') return known;
  if (selection === 'summary') return known.filter((field) => table.summary.includes(field.name) || field.links === 'always');
  const named = selection.flatMap((name) => known.filter((field) => field.name === name));
  return [...named, ...known.filter((field) => field.links === 'always')];
}
