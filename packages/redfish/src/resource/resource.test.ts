import { inspect } from 'node:util';
import fc from 'fast-check';
import { FerricError, type JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { recorded } from '../../test/support/fixtures.js';
import { parseObject } from './json-text.js';
import { findLink, findLinks, linkTarget, requireLink } from './links.js';
import { oem, oemKey } from './oem.js';
import { pathOf, samePath } from './paths.js';
import { reader } from './readers.js';
import { inlineResource } from './resource.js';
import { settingsPath, writablePath } from './writable.js';

describe('pathOf', () => {
  test.each([
    ['/redfish/v1/', '/redfish/v1/'],
    ['/redfish/v1/Chassis/1/Thermal#/Fans/0', '/redfish/v1/Chassis/1/Thermal'],
    ['https://ilo.example/redfish/v1/SessionService/Sessions/x1/', '/redfish/v1/SessionService/Sessions/x1/'],
    ['https://ilo.example', '/'],
    ['https://ilo.example?x', undefined],
    ['/a?page=2', '/a?page=2'],
    ['//evil.example/a', undefined],
    ['redfish/v1', undefined],
    ['', undefined],
    ['/a b', undefined],
    ['/a\r\nX: y', undefined],
    ['/ä', undefined],
    [`/${'a'.repeat(2048)}`, undefined],
    ['javascript:alert(1)', undefined],
  ])('%j', (link, path) => {
    expect(pathOf(link)).toBe(path);
  });

  test('yields what can be sent as a path, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (link) => {
        expect(pathOf(link) ?? '/').toMatch(/^\/(?!\/)[!-~]*$/);
      }),
    );
  });
});

test('paths are the same in other letters and with a slash at the end, their queries are not', () => {
  expect(samePath('/redfish/v1/Systems/1/BIOS', '/redfish/v1/systems/1/bios/')).toBe(true);
  expect(samePath('/a', '/b')).toBe(false);
  expect(samePath('/a?page=1', '/a/?page=2')).toBe(false);
  expect(samePath('/a?page=1', '/A/?page=1')).toBe(true);
});

describe('reader', () => {
  const fields = reader({ text: ' a ', blank: '   ', number: 5, word: '5.5', truth: 'TRUE', no: false, nothing: null, list: ['a', 1, null], child: { x: 1 }, many: [{ a: 1 }, 2, { a: 3 }] }, '/r');

  test('takes what controllers write', () => {
    expect([fields.text('text'), fields.text('blank'), fields.text('number'), fields.text('nothing'), fields.text('absent')]).toEqual(['a', undefined, '5', undefined, undefined]);
    expect([fields.number('number'), fields.number('word'), fields.number('nothing'), fields.integer('number')]).toEqual([5, 5.5, undefined, 5]);
    expect([fields.boolean('truth'), fields.boolean('no'), fields.boolean('nothing')]).toEqual([true, false, undefined]);
    expect([fields.texts('list'), fields.texts('absent')]).toEqual([['a'], []]);
    expect([fields.child('child').number('x'), fields.child('absent').text('x')]).toEqual([1, undefined]);
    expect([fields.children('many').map((item) => item.number('a')), fields.children('child').length, fields.children('absent')]).toEqual([[1, 3], 1, []]);
  });

  test.each([
    [() => fields.text('list'), 'list', 'a text'],
    [() => fields.requiredText('nothing'), 'nothing', 'a text'],
    [() => fields.number('text'), 'text', 'a number'],
    [() => fields.integer('word'), 'word', 'a whole number'],
    [() => fields.boolean('text'), 'text', 'true or false'],
    [() => fields.texts('child'), 'child', 'a list'],
    [() => fields.child('text'), 'text', 'an object'],
    [() => fields.children('text'), 'text', 'a list'],
    [() => fields.child('child').boolean('x'), 'child.x', 'true or false'],
    [() => fields.children('many')[1]?.text('a') === undefined || fields.children('many')[1]?.child('a'), 'many[2].a', 'an object'],
  ] as const)('tells resource and property of what is something else', (read, property, expected) => {
    expect(read).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT', message: `${property} of /r is not ${expected}`, details: expect.objectContaining({ resource: '/r', property }) as unknown }) as Error);
  });

  test('what every object inherits is no property', () => {
    expect([fields.text('constructor'), fields.text('toString'), reader(JSON.parse('{"__proto__": "x"}') as JsonObject, '/r').text('__proto__')]).toEqual([undefined, undefined, 'x']);
  });

  test('whatever comes, it yields or throws PROTOCOL_FAULT', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const any = reader({ x: value as JsonObject }, '/r');
        for (const read of [any.text, any.requiredText, any.number, any.integer, any.boolean, any.texts, any.child, any.children]) {
          try {
            read('x');
          } catch (error) {
            expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
          }
        }
      }),
    );
  });
});

describe('links', () => {
  const gen10 = recorded('redfish-gen10-dl180/system', 'default');
  const gen9 = recorded('ris-gen9-bl460c/response_body_for_rest_op');

  test('of Redfish: in the resource, in Links, in the part of the vendor', () => {
    expect(findLink(gen10, 'Bios')).toBe('/redfish/v1/systems/1/bios/');
    expect(findLinks(gen10, 'Chassis')).toEqual(['/redfish/v1/Chassis/1/']);
    expect(findLink(gen10, 'SmartStorage')).toBe('/redfish/v1/Systems/1/SmartStorage/');
    expect(findLinks(gen10, 'SmartStorageConfig')).toEqual(['/redfish/v1/systems/1/smartstorageconfig/']);
  });

  test('of RIS: an object Bios is no link, the one of the vendor is', () => {
    expect(findLink(gen9, 'Bios', 'BIOS')).toBe('/rest/v1/systems/1/bios');
    expect(findLink(gen9, 'ManagedBy')).toBe('/rest/v1/Managers/1');
    expect(findLink(gen9, 'SecureBoot')).toBe('/rest/v1/Systems/1/SecureBoot');
    expect(findLink(gen9, 'Name')).toBeUndefined();
  });

  test('that are missing mean that the controller cannot do it', () => {
    expect(() => requireLink(gen9, 'Storage')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', message: '/rest/v1/Systems/1 has no Storage: this controller or its firmware does not offer it' }) as Error);
  });

  test('PCI devices: one link, or a list of one, as firmware 2.72 of iLO 5 has it', () => {
    const target = { '@odata.id': '/redfish/v1/Systems/1/PCIDevices/' };
    for (const value of [target, [target]]) expect(findLink(inlineResource('/x', { Oem: { Hpe: { Links: { PCIDevices: value } } } }), 'PCIDevices')).toBe('/redfish/v1/Systems/1/PCIDevices/');
  });

  test.each([{ '@odata.id': 7 }, { href: '//evil.example' }, { '@odata.id': 'relative' }])('that lead nowhere are PROTOCOL_FAULT: %j', (value) => {
    expect(() => linkTarget(value as JsonObject, '/r', 'X')).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT', details: expect.objectContaining({ resource: '/r', property: 'X' }) as unknown }) as Error);
  });
});

test('the part of the vendor has two names', () => {
  expect([oem({ Oem: { Hpe: { a: 1 } } }), oem({ Oem: { Hp: { a: 2 } } }), oem({}), oem({ Oem: 'x' }), oem({ Oem: { Other: {} } })]).toEqual([{ a: 1 }, { a: 2 }, {}, {}, {}]);
  expect([oemKey({ Oem: { Hpe: {} } }), oemKey({ Oem: { Hp: {} } }), oemKey({})]).toEqual(['Hpe', 'Hp', undefined]);
});

test('changes go to the resource where it takes them, else to its settings', () => {
  const bios = recorded('redfish-gen10-dl180/bios', 'Default');
  const risBios = recorded('ris-gen9-bl460c/get_bios_settings');
  expect([settingsPath(bios), settingsPath(risBios), settingsPath(inlineResource('/x', {}))]).toEqual(['/redfish/v1/systems/1/bios/settings/', '/rest/v1/systems/1/bios/Settings', undefined]);
  expect(writablePath({ ...bios, allow: new Set(['GET', 'HEAD', 'PATCH']) })).toBe('/redfish/v1/systems/1/bios/');
  expect(writablePath({ ...bios, allow: new Set(['GET', 'HEAD']) })).toBe('/redfish/v1/systems/1/bios/settings/');
  expect(writablePath(inlineResource('/x', {}))).toBe('/x');
});

// Node.js quotes what stands around the place, and all of a short text.
test.each(['{"a": x"correct horse"', '{"Password": "correct horse', 'correct horse'])('what cannot be read is not quoted: %s', (text) => {
  const error = caught(() => parseObject(text, '/r'));
  expect(error).toMatchObject({ code: 'PROTOCOL_FAULT', details: { resource: '/r', characters: text.length } });
  expect(inspect(error, { depth: 10 })).not.toMatch(/correct|horse/);
});

test('any text is an object or PROTOCOL_FAULT', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(typeof parseObject(text, '/r')).toBe('object');
      } catch (error) {
        expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
      }
    }),
  );
});

function caught(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
