import { type CallOptions, errorCode } from '@ferric/core';
import type { Wsman, WsmanCallOptions, WsmanElement, WsmanFields } from '../wsman/wsman.js';
import type { ClassFields, ClassTable, InstanceOf } from './class-table.js';
import { readInstance } from './read-instance.js';
import { checkReturnValue, type MethodTable } from './return-value.js';

/** One instance of a class, by its table. Throws what {@link Wsman.get} throws and PROTOCOL_FAULT naming a field. */
export async function getInstance<F extends ClassFields>(
  wsman: Wsman,
  table: ClassTable<F>,
  options?: WsmanCallOptions,
): Promise<InstanceOf<ClassTable<F>>> {
  return readInstance(table, await wsman.get(table.name, options));
}

/**
 * All instances of a class, by its table. Instances of its subclasses, which some devices return too, are passed over.
 * Throws what {@link Wsman.enumerate} throws and PROTOCOL_FAULT naming a field.
 */
export async function listInstances<F extends ClassFields>(
  wsman: Wsman,
  table: ClassTable<F>,
  options?: CallOptions,
): Promise<readonly InstanceOf<ClassTable<F>>[]> {
  const elements = await wsman.enumerate(table.name, options);
  return elements.filter(({ name }) => name === table.name || !CLASS_NAME.test(name)).map((element) => readInstance(table, element));
}

const CLASS_NAME = /^(?:CIM|AMT|IPS)_/;

/**
 * Calls a method and checks its ReturnValue; the answer is its output. Throws what {@link Wsman.invoke} throws, and for a ReturnValue other than
 * success what the table says.
 */
export async function callMethod(wsman: Wsman, table: MethodTable, input?: WsmanFields, options?: WsmanCallOptions): Promise<WsmanElement> {
  return checkReturnValue(table, await wsman.invoke(table.resource, table.method, input, options));
}

/** What was asked for; undefined when this device does not have the class or the instance. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND') return undefined;
    throw error;
  }
}
