import { inspect } from 'node:util';
import { Secret } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml } from '../wsman/xml/parse-xml.js';
import { base64, boolean, datetime, integer, interval, named, nameOf, reference, secretText, text, type ValueReader } from './value-readers.js';

const read = <T>(reader: ValueReader<T>, content: string): T | undefined => reader.read(parseXml(`<Field>${content}</Field>`));

describe('text', () => {
  test.each(['13E55', '00012', '0x1F', 'true', '  padded ', '1e3', '-0', '', '\u00e9\u{1f600}'])('%j stays what it is', (content) => {
    expect(read(text, content)).toBe(content);
  });

  test('elements are no text', () => {
    expect(read(text, '<Inner>x</Inner>')).toBeUndefined();
    expect(read(secretText, '<Inner>x</Inner>')).toBeUndefined();
  });

  test('a secret text is seen by nobody', () => {
    const secret = read(secretText, 'hunter22');
    expect(Secret.is(secret)).toBe(true);
    expect(secret?.reveal()).toBe('hunter22');
    expect(inspect(secret)).not.toContain('hunter22');
  });
});

describe('integer', () => {
  test.each([['0', 0], ['2', 2], [' 42\n', 42], ['-1', -1], ['+7', 7], ['4294967295', 4294967295], ['17179869184', 17179869184], ['00012', 12], ['9007199254740991', 9007199254740991]])(
    '%j is %d',
    (content, value) => expect(read(integer, content)).toBe(value),
  );

  test('minus zero is zero', () => {
    expect(Object.is(read(integer, '-0'), 0)).toBe(true);
  });

  test.each(['13E55', '0x1F', '1.5', '', 'one', '9007199254740992', '1 2', 'NaN', '\u0661'])('%j is none', (content) => {
    expect(read(integer, content)).toBeUndefined();
  });
});

test.each([['true', true], ['false', false], ['1', true], ['0', false], [' true ', true], ['True', undefined], ['yes', undefined], ['', undefined], ['2', undefined]])(
  'boolean %j is %s',
  (content, value) => expect(read(boolean, content)).toBe(value),
);

describe('base64', () => {
  test('bytes, also over several lines', () => {
    expect(read(base64, 'Y8iY\nZQ==')).toEqual(Uint8Array.of(0x63, 0xc8, 0x98, 0x65));
    expect(read(base64, '/+8=')).toEqual(Uint8Array.of(0xff, 0xef));
  });

  test.each(['Y8iYZ', 'Y8i_', 'Y8==iY', '=', 'Y8iYZQ'])('%j is none', (content) => {
    expect(read(base64, content)).toBeUndefined();
  });

  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(read(base64, Buffer.from(bytes).toString('base64'))).toEqual(bytes);
      }),
    );
  });
});

describe('datetime', () => {
  test.each([
    ['<Datetime>2024-01-03T00:44:35Z</Datetime>', '2024-01-03T00:44:35.000Z'],
    ['2020-08-10T00:00:00Z', '2020-08-10T00:00:00.000Z'],
    ['<Datetime> 2020-02-29T23:59:59.1234567Z </Datetime>', '2020-02-29T23:59:59.123Z'],
    ['2020-08-10T02:00:00+02:00', '2020-08-10T00:00:00.000Z'],
    ['2020-08-10T00:00:00', '2020-08-10T00:00:00.000Z'],
  ])('%s', (content, iso) => {
    expect(read(datetime, content)?.toISOString()).toBe(iso);
  });

  test.each([
    'testdatetime', '2021-02-29T00:00:00Z', '2021-13-01T00:00:00Z', '0000-00-00T00:00:00Z', '2021-01-01', '2021-01-01T25:00:00Z', '1609459200',
    '<Interval>P1D</Interval>', '<Datetime>2024-01-03T00:44:35Z</Datetime><Datetime>2024-01-03T00:44:35Z</Datetime>', '<Datetime><X/></Datetime>',
    '2021-01-01T00:00:00+99:00',
  ])('%s is none', (content) => {
    expect(read(datetime, content)).toBeUndefined();
  });
});

describe('interval', () => {
  test.each([
    ['<Interval>P1DT2H30M</Interval>', 95_400_000], ['PT12M', 720_000], ['P0DT0H0M', 0], ['P1D', 86_400_000], ['PT3H', 10_800_000], ['P395DT3H', 34_138_800_000],
    ['PT1M1.5S', 61_000], ['0', 0],
  ])('%s is %d ms', (content, milliseconds) => {
    expect(read(interval, content)).toBe(milliseconds);
  });

  test.each(['P', 'PT', 'P1DT', '1D', 'P1Y', 'P-1D', '5', 'P1H'])('%s is none', (content) => {
    expect(read(interval, content)).toBeUndefined();
  });
});

describe('enumerations', () => {
  const names = { 2: 'enabled', 3: 'disabled' } as const;

  test('have names, and keep the numbers that have none', () => {
    expect(read(named(names), '2')).toBe('enabled');
    expect(read(named(names), '6')).toBe(6);
    expect(read(named(names), 'two')).toBeUndefined();
    expect(nameOf(names, 3)).toBe('disabled');
  });
});

describe('reference', () => {
  test('names a class and picks an instance, with whatever prefixes', () => {
    const content = `<a:Address xmlns:a="urn:a">default</a:Address><ReferenceParameters><ResourceURI>http://intel.com/wbem/wscim/1/amt-schema/1/AMT_X</ResourceURI>
      <SelectorSet xmlns:w="urn:w"><w:Selector w:Name="InstanceID">Intel(r) AMT: &amp; 1</w:Selector></SelectorSet></ReferenceParameters>`;
    expect(read(reference, content)).toEqual({ resource: 'AMT_X', selectors: { InstanceID: 'Intel(r) AMT: & 1' } });
  });

  test('may name nobody, as after AddAlarm; a text is none', () => {
    expect(read(reference, '<ReferenceParameters><ResourceURI/><SelectorSet/></ReferenceParameters>')).toEqual({ resource: '', selectors: {} });
    expect(read(reference, 'AMT_X')).toBeUndefined();
    expect(read(reference, '<Other/>')).toBeUndefined();
  });
});
