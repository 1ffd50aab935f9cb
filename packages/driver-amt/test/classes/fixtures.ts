import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@ferric/core';
import { expect } from 'vitest';
import type { ClassFields, ClassTable } from '../../src/client/classes/class-table.js';
import { readInstance } from '../../src/client/classes/read-instance.js';
import type { WsmanElement } from '../../src/client/wsman/wsman.js';
import { parseXml } from '../../src/client/wsman/xml/parse-xml.js';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/** The bytes of a fixture as text. */
export function fixtureText(path: string): string {
  return readFileSync(join(FIXTURES, path), 'utf8');
}

/** The element in the body of a recorded answer; undefined when the body is empty. */
export function fixtureBody(path: string): WsmanElement | undefined {
  return parseXml(fixtureText(path)).children.find(({ name }) => name === 'Body')?.children[0];
}

/** The element in the body of a recorded answer. */
export function fixtureElement(path: string): WsmanElement {
  const body = fixtureBody(path);
  if (body === undefined) throw new Error(`${path} has an empty body`);
  return body;
}

/** The instances of a recorded page of an enumeration. */
export function fixtureItems(path: string): readonly WsmanElement[] {
  return fixtureElement(path).children.find(({ name }) => name === 'Items')?.children ?? [];
}

/** Asserts every field of a recorded instance: the values, and that no element of the answer is left out. */
export function expectInstance<F extends ClassFields>(path: string, table: ClassTable<F>, expected: object): void {
  expectElement(fixtureElement(path), table, expected);
}

/** Asserts every field of all instances of a recorded page, and that the page is the last. */
export function expectItems<F extends ClassFields>(path: string, table: ClassTable<F>, expected: readonly object[]): void {
  const page = fixtureElement(path);
  expect([page.name, page.children.map(({ name }) => name)]).toEqual(['PullResponse', ['Items', 'EndOfSequence']]);
  const items = fixtureItems(path);
  expect(items).toHaveLength(expected.length);
  items.forEach((item, index) => expectElement(item, table, expected[index] ?? {}));
}

/** Asserts the context with which an enumeration is pulled. */
export function expectContext(path: string, context: string): void {
  const answer = fixtureElement(path);
  expect([answer.name, answer.children.map(({ name, text }) => [name, text])]).toEqual(['EnumerateResponse', [['EnumerationContext', context]]]);
}

function expectElement<F extends ClassFields>(element: WsmanElement, table: ClassTable<F>, expected: object): void {
  expect(showSecrets(readInstance(table, element))).toEqual(expected);
  // A field that the table does not read would go unnoticed above.
  expect(Object.keys(table.fields)).toEqual(expect.arrayContaining([...new Set(element.children.map(({ name }) => name))]));
}

/** A Secret compares equal to any other: its value must be seen. */
function showSecrets(instance: object): object {
  return Object.fromEntries(Object.entries(instance).map(([name, value]: [string, unknown]) => [name, Secret.is(value) ? { secret: value.reveal() } : value]));
}
