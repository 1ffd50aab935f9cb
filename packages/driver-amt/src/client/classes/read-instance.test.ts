import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WsmanElement } from '../wsman/wsman.js';
import { parseXml } from '../wsman/xml/parse-xml.js';
import * as classes from './index.js';
import { type ClassTable, defineClass, listOf, required } from './class-table.js';
import { isFieldFault, readInstance } from './read-instance.js';
import { boolean, datetime, integer, named, reference, secretText, text } from './value-readers.js';

const TABLE = defineClass('AMT_Thing', {
  Id: required(text),
  Count: integer,
  State: named({ 2: 'on', 8: 'off' }),
  When: datetime,
  Numbers: listOf(integer),
  Names: listOf(text),
  Enabled: boolean,
  Password: secretText,
});

const read = (content: string): object => readInstance(TABLE, parseXml(`<AMT_Thing>${content}</AMT_Thing>`));

function faultOf(content: string): FerricError {
  try {
    read(content);
  } catch (error) {
    if (FerricError.is(error)) return error;
  }
  return expect.fail('it was read, or threw something else');
}

describe('readInstance', () => {
  test('leaves out what did not come, and passes over what it does not know', () => {
    expect(read('<Id>a</Id><Unknown><Deep/></Unknown>')).toEqual({ Id: 'a' });
  });

  test('a list of one is a list, an empty element is an empty one', () => {
    expect(read('<Id/><Numbers>7</Numbers>')).toEqual({ Id: '', Numbers: [7] });
    expect(read('<Id/><Numbers>7</Numbers><Names>x</Names><Numbers>8</Numbers>')).toEqual({ Id: '', Numbers: [7, 8], Names: ['x'] });
    expect(read('<Id/><Numbers/><Names></Names>')).toEqual({ Id: '', Numbers: [], Names: [] });
    expect(read('<Id/><Names>x</Names><Names/>')).toEqual({ Id: '', Names: ['x', ''] });
  });

  test('an element without content is a text, and nothing for all else', () => {
    expect(read('<Id></Id><Count/><State> </State><When></When><Enabled/>')).toEqual({ Id: '' });
    expect(read('<Id>a</Id><Count xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>')).toEqual({ Id: 'a' });
  });

  test('an unknown number of an enumeration is kept', () => {
    expect(read('<Id>a</Id><State>8</State>')).toEqual({ Id: 'a', State: 'off' });
    expect(read('<Id>a</Id><State>99</State>')).toEqual({ Id: 'a', State: 99 });
  });

  test.each([
    ['<Count>1</Count>', 'Id', 'AMT_Thing.Id is missing, expected a text'],
    ['<Id>a</Id><Id>b</Id>', 'Id', 'AMT_Thing.Id came 2 times, expected once'],
    ['<Id>a</Id><Count>13E55</Count>', 'Count', 'AMT_Thing.Count is not a whole number within 2^53: "13E55"'],
    ['<Id>a</Id><Numbers>1</Numbers><Numbers>x</Numbers>', 'Numbers', 'AMT_Thing.Numbers is not a whole number within 2^53: "x"'],
    ['<Id>a</Id><Numbers>1</Numbers><Numbers/>', 'Numbers', 'AMT_Thing.Numbers is not a whole number within 2^53: ""'],
    ['<Id><B/><C><D/></C></Id>', 'Id', 'AMT_Thing.Id is not a text: elements B "", C with elements'],
    ['<Id>a</Id><When>soon</When>', 'When', 'AMT_Thing.When is not a date and time such as 2024-01-03T00:44:35Z: "soon"'],
  ])('%s is a fault that names class and field', (content, field, message) => {
    const fault = faultOf(content);
    expect([fault.code, fault.message, fault.details]).toEqual(['PROTOCOL_FAULT', message, { class: 'AMT_Thing', field }]);
    expect(isFieldFault(fault)).toBe(true);
  });

  test('a fault of a secret field does not show it', () => {
    expect(inspect(faultOf('<Id>a</Id><Password><x>hunter22</x></Password>'))).not.toContain('hunter22');
    expect(faultOf('<Id>a</Id><Password><x>hunter22</x></Password>').message).toBe('AMT_Thing.Password is not a text');
  });

  test('another class is a fault of the answer, not of a field', () => {
    const other = parseXml('<AMT_Other><Id>a</Id></AMT_Other>');
    expect(() => readInstance(TABLE, other)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT', message: 'The device answered with "AMT_Other" instead of AMT_Thing' }));
    try {
      readInstance(TABLE, other);
    } catch (error) {
      expect(isFieldFault(error)).toBe(false);
    }
    expect(isFieldFault(new FerricError('PROTOCOL_FAULT', 'x', { details: { field: 'RelatesTo' } }))).toBe(false);
    expect(isFieldFault(new Error('x'))).toBe(false);
  });
});

const exported: readonly unknown[] = Object.values(classes);
const TABLES = exported.filter((value): value is ClassTable => typeof value === 'object' && value !== null && 'fields' in value && 'name' in value);

/** Trees whose names are often those of the class. */
function treeOf(table: ClassTable): fc.Arbitrary<WsmanElement> {
  const names = fc.constantFrom(...Object.keys(table.fields), 'ReferenceParameters', 'ResourceURI', 'SelectorSet', 'Selector', 'Datetime', 'Interval', 'x');
  const content = fc.oneof(fc.string(), fc.constantFrom('', '1', 'true', '2020-01-01T00:00:00Z', 'P1D', 'AAAA', '99999999999999999999', '-1'));
  const element = (children: fc.Arbitrary<readonly WsmanElement[]>): fc.Arbitrary<WsmanElement> =>
    fc.record({ name: names, attributes: fc.dictionary(fc.constantFrom('Name', 'nil', '__proto__'), fc.constantFrom('true', 'x')), text: content, children });
  const leaf = element(fc.constant([]));
  const few = (inner: fc.Arbitrary<WsmanElement>): fc.Arbitrary<readonly WsmanElement[]> => fc.array(inner, { maxLength: 3 });
  const child = fc.oneof(leaf, element(few(leaf)), element(few(element(few(element(few(leaf)))))));
  return fc.array(child, { maxLength: 12 }).map((children) => ({ name: table.name, attributes: {}, text: '', children }));
}

describe('any answer at all', () => {
  test('there are tables to try', () => {
    expect(TABLES.length).toBeGreaterThan(40);
    expect(new Set(TABLES.map(({ name }) => name)).size).toBe(TABLES.length);
  });

  test.each(TABLES.map((table) => [table.name, table] as const))('%s is read, or is a fault that names the field', (_name, table) => {
    fc.assert(
      fc.property(treeOf(table), (element) => {
        try {
          const instance = readInstance(table, element);
          expect(Object.keys(table.fields)).toEqual(expect.arrayContaining(Object.keys(instance)));
        } catch (error) {
          expect(isFieldFault(error)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a reference in any place is one or none', () => {
    const table = defineClass('CIM_ManagedElement', { Reference: reference });
    fc.assert(
      fc.property(treeOf(table), ({ children }) => {
        for (const child of children) expect(['object', 'undefined']).toContain(typeof reference.read(child));
      }),
    );
  });
});
