import type { ValueReader } from './value-readers.js';

/** A field that may come any number of times. */
export interface ListField<T> {
  readonly list: ValueReader<T>;
}

/** A field without which the instance is of no use. */
export interface RequiredField<T> {
  readonly required: ValueReader<T>;
}

/** A bare reader is a field that may be missing. */
export type ClassField = ValueReader<unknown> | ListField<unknown> | RequiredField<unknown>;

export type ClassFields = Readonly<Record<string, ClassField>>;

/** A class of AMT, or the output of a method: its name and what its fields mean. */
export interface ClassTable<F extends ClassFields = ClassFields> {
  /** With prefix: `CIM_Chassis`; for an output `GetRecords_OUTPUT`. */
  readonly name: string;
  readonly fields: F;
}

/** One instance as the table of its class says; fields that the device did not send are absent. */
export type InstanceOf<C extends ClassTable> = InstanceFields<C['fields']>;

type InstanceFields<F extends ClassFields> = {
  readonly [K in keyof F as F[K] extends RequiredField<unknown> ? K : never]: F[K] extends RequiredField<infer T> ? T : never;
} & {
  readonly [K in keyof F as F[K] extends RequiredField<unknown> ? never : K]?: F[K] extends ListField<infer T>
    ? readonly T[]
    : F[K] extends ValueReader<infer T>
      ? T
      : never;
};

/** A field that may come any number of times; a single empty element is an empty list. */
export function listOf<T>(list: ValueReader<T>): ListField<T> {
  return { list };
}

/** A field whose absence is a fault. */
export function required<T>(reader: ValueReader<T>): RequiredField<T> {
  return { required: reader };
}

export function defineClass<const F extends ClassFields>(name: string, fields: F): ClassTable<F> {
  return { name, fields };
}
