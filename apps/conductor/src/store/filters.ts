import { type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, type SqlBool, sql } from 'kysely';
import { isStorableText } from './column-codecs.js';
import type { Tables } from './database.js';
import { containsPattern } from './text-search.js';

export type Row<Table extends keyof Tables> = ExpressionBuilder<Tables, Table>;
export type Condition<Table extends keyof Tables> = ExpressionWrapper<Tables, Table, SqlBool>;

/** What each filter of a list asks of a row. */
export type ConditionTable<Table extends keyof Tables, Filters> = {
  readonly [Filter in keyof Required<Filters>]: (row: Row<Table>, value: Required<Filters>[Filter]) => Condition<Table>;
};

/** The condition that all given filters make together. */
export function filterCondition<Table extends keyof Tables, Filters extends object>(
  table: ConditionTable<Table, Filters>,
  row: Row<Table>,
  filters: Filters,
): Condition<Table> {
  const conditions = Object.entries(filters).flatMap(([filter, value]) => {
    const condition = (table as Readonly<Record<string, (row: Row<Table>, value: unknown) => Condition<Table>>>)[filter];
    return condition === undefined || value === undefined ? [] : [condition(row, value)];
  });
  return row.and(conditions);
}

/**
 * The filters without what no row can hold, which PostgreSQL would not even take as a question.
 * Undefined when no row can meet them.
 */
export function answerable<Filters extends object>(filters: Filters): Filters | undefined {
  const entries = Object.entries(filters).map(([filter, value]) => [filter, Array.isArray(value) ? value.filter(isAskable) : value] as const);
  return entries.every(([, value]) => isAskable(value)) ? (Object.fromEntries(entries) as Filters) : undefined;
}

function isAskable(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value !== 'string' || isStorableText(value);
}

/** The right-hand side of LIKE for texts that contain this one. */
export function containing(text: string): RawBuilder<string> {
  return sql<string>`${containsPattern(text)} escape '\\'`;
}
