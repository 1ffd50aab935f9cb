import type { JsonObject, Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { plainScalar } from './python-text.js';

/** How one argument of a query or of a body is read. */
export interface ArgumentType<T> {
  /** @throws RequestFault 400 naming the argument and what came. */
  parse(name: string, value: Sealed): T;
  /** JSON Schema of what is accepted. */
  readonly schema: JsonObject;
}

/** One argument that an endpoint accepts. */
export interface Argument<T = unknown> {
  readonly type: ArgumentType<T>;
  readonly description: string;
  /** First minor version that admits it. Default: every version. */
  readonly since?: number;
  /** The 406 for older versions names the version it wants. Default: it does not. */
  readonly namesVersion?: true;
  readonly required?: boolean;
}

export type ArgumentTable = Readonly<Record<string, Argument>>;

type ValueOf<A> = A extends Argument<infer T> ? T : never;
type RequiredNames<Table> = { [Name in keyof Table]: Table[Name] extends { readonly required: true } ? Name : never }[keyof Table];

/** The values of a table: required ones are there, the others may be. */
export type ArgumentValues<Table> = { readonly [Name in RequiredNames<Table>]: ValueOf<Table[Name]> } & {
  readonly [Name in Exclude<keyof Table, RequiredNames<Table>>]?: ValueOf<Table[Name]>;
};

/**
 * Reads what was given by a table. `null` counts as not given.
 * Source: Ironic, ironic/common/args.py (validate); texts as its clients match them.
 * @throws RequestFault 400 for unknown, missing or malformed arguments, 406 for those newer than the version.
 */
export function readArguments<Table extends ArgumentTable>(table: Table, given: Readonly<Record<string, Sealed | undefined>>, version: number): ArgumentValues<Table> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) throw faults.invalid(`Unexpected arguments: ${unknown.map(plainScalar).join(', ')}`);
  const values: Record<string, unknown> = {};
  for (const [name, argument] of Object.entries(table)) {
    const value = given[name];
    if (value !== undefined && value !== null) {
      checkSince(argument, version);
      values[name] = argument.type.parse(name, value);
    } else if (argument.required === true) {
      throw faults.invalid(`Missing mandatory parameter: ${name}`);
    }
  }
  return values as ArgumentValues<Table>;
}

function checkSince({ since, namesVersion }: Argument, version: number): void {
  if (since === undefined || version >= since) return;
  throw faults.notAcceptable(namesVersion === true ? `Request not acceptable. The minimal required API version should be 1.${since}` : undefined);
}
