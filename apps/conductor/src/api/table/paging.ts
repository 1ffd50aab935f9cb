import { faults } from '../../fault.js';
import type { ArgumentTable } from '../http/arguments.js';
import { fieldList, integer, oneOf, text, truth, uuid } from '../http/argument-types.js';
import { plainScalar } from '../http/python-text.js';
import { FIELDS_SINCE, findField, type ResourceTable } from './field.js';
import type { Selection } from './selection.js';

/** Longest page, and the default. Source: Ironic, `[api]max_limit`. */
const LONGEST_PAGE = 1000;

const SORT_DIRECTIONS = ['asc', 'desc'] as const;

/** Arguments of every list. */
export const PAGE_ARGUMENTS = {
  marker: { type: uuid, description: 'UUID of the last item of the page before.' },
  limit: { type: integer, description: `Longest page, 1 to ${LONGEST_PAGE}, the default.` },
  sort_key: { type: text, description: 'Field to sort by. Default: order of creation.' },
  sort_dir: {
    type: oneOf(SORT_DIRECTIONS, (given) => `Invalid sort direction: ${given}. Acceptable values are 'asc' or 'desc'`),
    description: 'Direction of the sort. Default: asc.',
  },
} as const satisfies ArgumentTable;

/** Arguments that choose fields. */
export const SELECTION_ARGUMENTS = {
  fields: { type: fieldList, description: 'Names of the fields to show, between commas.' },
  detail: { type: truth, description: 'Show all fields.' },
} as const satisfies ArgumentTable;

/** What a query says about the page. */
export interface PageQuery {
  readonly marker?: string;
  readonly limit?: number;
  readonly sort_key?: string;
  readonly sort_dir?: 'asc' | 'desc';
}

/** A page as stores understand it. */
export interface RequestedPage {
  readonly sortKey: string;
  readonly sortDirection: 'asc' | 'desc';
  readonly limit: number;
  readonly marker?: string;
}

/** @throws RequestFault 400 for a limit below 1 or a field that cannot be sorted by, 406 for one newer than the version. */
export function readPage<Model>(table: ResourceTable<Model>, query: PageQuery, version: number): RequestedPage {
  return {
    limit: readLimit(query.limit),
    sortDirection: query.sort_dir ?? 'asc',
    sortKey: readSortKey(table, query.sort_key ?? 'id', version),
    ...(query.marker === undefined ? {} : { marker: query.marker }),
  };
}

/** @throws RequestFault 400 for a limit below 1. */
export function readLimit(limit: number | undefined): number {
  if (limit !== undefined && limit <= 0) throw faults.invalid('Limit must be positive');
  return Math.min(limit ?? LONGEST_PAGE, LONGEST_PAGE);
}

function readSortKey<Model>(table: ResourceTable<Model>, name: string, version: number): string {
  if (name === 'id') return name;
  const field = findField(table, name);
  if (field?.sortKey === undefined) throw faults.invalid(`The sort_key value ${plainScalar(name)} is an invalid field for sorting`);
  if (field.since > version) throw faults.notAcceptable();
  return field.sortKey;
}

/** Where the next page is. */
export interface NextPage<Model> {
  readonly base: string;
  /** Path below `/v1`, without a slash: `nodes/detail`. */
  readonly path: string;
  readonly table: ResourceTable<Model>;
  readonly version: number;
  readonly query: PageQuery & Readonly<Record<string, unknown>>;
  readonly selection: Selection;
  readonly limit: number;
  /** UUID of the last item of this page. */
  readonly marker: string;
  /** The list knows one order only. */
  readonly unsorted?: true;
}

/** Arguments whose place in a `next` link is fixed; the filters stand between them. */
const PLACED: ReadonlySet<string> = new Set(['sort_key', 'sort_dir', 'fields', 'limit', 'marker']);

/**
 * The link to the next page. Filters stay in it; Ironic drops most of them, so that its second page is of another list.
 */
export function nextLink<Model>({ base, path, table, version, query, selection, limit, marker, unsorted }: NextPage<Model>): string {
  const filters = Object.entries(query).filter(([name, value]) => !PLACED.has(name) && value !== undefined);
  const parameters: readonly (readonly [string, unknown])[] = [
    ...(unsorted === true ? [] : ([['sort_key', query.sort_key ?? 'id'], ['sort_dir', query.sort_dir ?? 'asc']] as const)),
    ...filters,
    ...selectedNames(table, selection, version).map((names) => ['fields', names] as const),
    ['limit', limit],
    ['marker', marker],
  ];
  return `${base}/v1/${path}?${parameters.map(([name, value]) => `${name}=${encodeValue(value)}`).join('&')}`;
}

/** The names for `fields=`; none where they are not needed or the version could not read them back. */
function selectedNames<Model>(table: ResourceTable<Model>, selection: Selection, version: number): readonly string[] {
  if (selection === 'whole record' || version < (table.fieldsSince ?? FIELDS_SINCE)) return [];
  return [(selection === 'summary' ? table.summary : selection).join(',')];
}

function encodeValue(value: unknown): string {
  return encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value)).replaceAll('%2C', ',');
}
