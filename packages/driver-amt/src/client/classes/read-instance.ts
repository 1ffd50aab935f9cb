import { FerricError, printValue } from '@ferric/core';
import type { WsmanElement } from '../wsman/wsman.js';
import type { ClassField, ClassFields, ClassTable, InstanceOf } from './class-table.js';
import type { ValueReader } from './value-readers.js';

/**
 * Reads an instance by the table of its class. Fields that the table does not have are passed over: each generation of firmware has more.
 * @throws PROTOCOL_FAULT naming class and field, with `details.class` and `details.field`.
 */
export function readInstance<F extends ClassFields>(table: ClassTable<F>, element: WsmanElement): InstanceOf<ClassTable<F>> {
  if (element.name !== table.name) throw otherClass(table.name, element.name);
  const byName = Map.groupBy(element.children, ({ name }) => name);
  const values = Object.entries(table.fields).map(([name, field]) => [name, readField(table.name, name, field, byName.get(name) ?? [])] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as InstanceOf<ClassTable<F>>;
}

function readField(className: string, name: string, field: ClassField, elements: readonly WsmanElement[]): unknown {
  const fieldName = `${className}.${name}`;
  if ('list' in field) {
    if (elements.length === 0) return undefined;
    // No item at all is written as one empty element.
    const filled = elements.length === 1 && isNothing(elements) ? [] : elements;
    return filled.map((element) => readValue(className, name, field.list, element));
  }
  const reader = 'required' in field ? field.required : field;
  const [element, ...others] = elements;
  if (others.length > 0) throw unusable(className, name, `${fieldName} came ${elements.length} times, expected once`);
  if (element !== undefined && (reader.takesEmpty || !isNothing([element])) && !isNil(element)) {
    return readValue(className, name, reader, element);
  }
  if ('required' in field) throw unusable(className, name, `${fieldName} is missing, expected ${reader.expected}`);
  return undefined;
}

/** Source: XML Schema part 1, section 2.6.2. */
function isNil({ attributes }: WsmanElement): boolean {
  return attributes['nil'] === 'true' || attributes['nil'] === '1';
}

function isNothing(elements: readonly WsmanElement[]): boolean {
  return elements.every(({ text, children }) => children.length === 0 && text.trim() === '');
}

function readValue(className: string, name: string, reader: ValueReader<unknown>, element: WsmanElement): unknown {
  const value = reader.read(element);
  if (value !== undefined) return value;
  throw unusable(className, name, `${className}.${name} is not ${reader.expected}${reader.secret ? '' : `: ${printContent(element)}`}`);
}

/** Two levels are enough: what holds a value has one. */
function printContent({ text, children }: WsmanElement): string {
  if (children.length === 0) return printValue(text);
  const parts = children.map((child) => `${child.name} ${child.children.length === 0 ? printValue(child.text) : 'with elements'}`);
  return `elements ${parts.join(', ').slice(0, LONGEST_LIST)}`;
}

const LONGEST_LIST = 160;

function unusable(className: string, field: string, problem: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', problem, { details: { class: className, field } });
}

function otherClass(expected: string, received: string): FerricError {
  const shown = printValue(received);
  return new FerricError('PROTOCOL_FAULT', `The device answered with ${shown} instead of ${expected}`, {
    details: { class: expected, received: shown },
  });
}

/** True for an answer of which one field was not as its class says, and not the answer as a whole. */
export function isFieldFault(error: unknown): error is FerricError {
  if (!FerricError.is(error) || error.code !== 'PROTOCOL_FAULT') return false;
  return typeof error.details['class'] === 'string' && typeof error.details['field'] === 'string';
}
