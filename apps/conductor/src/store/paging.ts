import { invalidOptions, printValue } from '@ferric/core';
import { type SelectQueryBuilder, sql } from 'kysely';
import type { ColumnValue } from './column-codecs.js';
import type { Page } from './store.js';

/** The row that a page starts after: what it holds in the column sorted by, and its number. */
export interface Marker {
  readonly value: ColumnValue;
  readonly id: number;
}

/**
 * Checks what a page asks for.
 * @throws INVALID_OPTIONS for a limit below 1 or a field that cannot be sorted by.
 */
export function checkPage(page: Page<string>, isSortField: (field: string) => boolean): void {
  if (!Number.isSafeInteger(page.limit) || page.limit < 1) {
    const expected = 'a whole number of at least 1';
    throw invalidOptions('Page', [{ field: 'limit', problem: 'invalid', expected, received: printValue(page.limit) }]);
  }
  if (!isSortField(page.sortKey)) {
    const expected = 'a field that holds one plain value';
    throw invalidOptions('Page', [{ field: 'sortKey', problem: 'invalid', expected, received: printValue(page.sortKey) }]);
  }
}

/**
 * Orders rows by a column and, among equals, by their number in the same direction, and leaves out everything up to the marker.
 * Missing values come first when ascending and last when descending, as in SQLite and in the MySQL of Ironic; PostgreSQL has
 * it the other way round unless told.
 */
export function turnToPage<Known, Table extends keyof Known, Row>(
  query: SelectQueryBuilder<Known, Table, Row>,
  table: string,
  column: string,
  page: Page<string>,
  marker: Marker | undefined,
): SelectQueryBuilder<Known, Table, Row> {
  const ascending = page.sortDirection === 'asc';
  const id = sql.ref<number>(`${table}.id`);
  const key = sql.ref<ColumnValue>(`${table}.${column}`);
  const beyond = sql.raw(ascending ? '>' : '<');
  let result = query.limit(page.limit);
  if (column === 'id') {
    result = result.orderBy(id, page.sortDirection);
    return marker === undefined ? result : result.where(sql<boolean>`${id} ${beyond} ${marker.id}`);
  }
  result = result.orderBy(key, (order) => (ascending ? order.asc().nullsFirst() : order.desc().nullsLast())).orderBy(id, page.sortDirection);
  if (marker === undefined) return result;
  const equal = marker.value === null ? sql`${key} is null` : sql`${key} = ${marker.value}`;
  const later = [sql`(${equal} and ${id} ${beyond} ${marker.id})`, ...laterKeys(key, marker.value, ascending)];
  return result.where(sql<boolean>`(${sql.join(later, sql` or `)})`);
}

/** Conditions for rows whose key comes after the marker's. */
function laterKeys(key: ReturnType<typeof sql.ref>, value: ColumnValue, ascending: boolean): ReturnType<typeof sql>[] {
  if (value === null) return ascending ? [sql`${key} is not null`] : [];
  return ascending ? [sql`${key} > ${value}`] : [sql`${key} < ${value}`, sql`${key} is null`];
}
