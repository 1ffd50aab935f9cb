import { FerricError, optionIssues, Secret } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayChange, requestName, type WsmanOperation, type WsmanRequest, writeRequest } from '../../src/client/wsman/envelope/request.js';
import { childOf, parseXml, resourceUri, type WsmanElement, type WsmanFields, wordOf } from '../../src/client/wsman/index.js';

const reveal = (secret: Secret): string => secret.reveal();

function headerOf(request: WsmanRequest): WsmanElement | undefined {
  return childOf(parseXml(writeRequest(request, '7', reveal)), 'Header');
}

function inputOf(input: WsmanFields, show = reveal): WsmanElement | undefined {
  const request: WsmanRequest = { resource: 'AMT_SetupAndConfigurationService', operation: { kind: 'Invoke', method: 'Method', input } };
  return childOf(parseXml(writeRequest(request, '7', show)), 'Body')?.children[0];
}

/** The issues that a request is refused with. */
function issuesOf(request: WsmanRequest): readonly { readonly field: string; readonly received?: string }[] {
  try {
    writeRequest(request, '7', reveal);
  } catch (error) {
    expect(FerricError.is(error) && error.code).toBe('INVALID_OPTIONS');
    return optionIssues(error);
  }
  throw new Error('It was written');
}

describe('the header', () => {
  test('has its elements in the order of DSP0226', () => {
    const header = headerOf({ resource: 'AMT_EthernetPortSettings', operation: { kind: 'Get' }, selectors: { InstanceID: 'Intel(r) AMT Ethernet Port Settings 0' } });
    expect(header?.children.map(({ name }) => name)).toEqual(['Action', 'To', 'ResourceURI', 'MessageID', 'ReplyTo', 'OperationTimeout', 'SelectorSet']);
    expect(header?.children.map(wordOf)).toEqual([
      'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get', '/wsman', 'http://intel.com/wbem/wscim/1/amt-schema/1/AMT_EthernetPortSettings', '7', undefined, 'PT60S', undefined,
    ]);
  });

  test('has no selectors where none are given', () => {
    expect(childOf(headerOf({ resource: 'CIM_Card', operation: { kind: 'Get' } }), 'SelectorSet')).toBeUndefined();
    expect(childOf(headerOf({ resource: 'CIM_Card', operation: { kind: 'Get' }, selectors: {} }), 'SelectorSet')).toBeUndefined();
  });

  test.each<[WsmanOperation, string]>([
    [{ kind: 'Get' }, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get'],
    [{ kind: 'Put', instance: { fields: [] } }, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Put'],
    [{ kind: 'Create', instance: { fields: [] } }, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Create'],
    [{ kind: 'Delete' }, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete'],
    [{ kind: 'Enumerate' }, 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate'],
    [{ kind: 'Pull', context: '1' }, 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull'],
    [{ kind: 'Release', context: '1' }, 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release'],
    [{ kind: 'Invoke', method: 'SetBootConfigRole', input: undefined }, 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_BootService/SetBootConfigRole'],
  ])('has the action of %j', (operation, action) => {
    expect(wordOf(childOf(headerOf({ resource: 'CIM_BootService', operation }), 'Action'))).toBe(action);
  });

  test('tells reading from changing: of a method nobody knows', () => {
    const kinds: readonly WsmanOperation[] = [
      { kind: 'Get' }, { kind: 'Enumerate' }, { kind: 'Pull', context: '' }, { kind: 'Release', context: '' },
      { kind: 'Put', instance: { fields: [] } }, { kind: 'Create', instance: { fields: [] } }, { kind: 'Delete' }, { kind: 'Invoke', method: 'GetRecords', input: undefined },
    ];
    expect(kinds.map((operation) => mayChange({ resource: 'CIM_Card', operation }))).toEqual([false, false, false, false, true, true, true, true]);
    expect(kinds.map((operation) => requestName({ resource: 'CIM_Card', operation }))).toEqual([
      'Get CIM_Card', 'Enumerate CIM_Card', 'Pull CIM_Card', 'Release CIM_Card', 'Put CIM_Card', 'Create CIM_Card', 'Delete CIM_Card', 'CIM_Card.GetRecords',
    ]);
  });
});

describe('the body', () => {
  test('keeps the order of fields, repeats lists, and writes each kind of value', () => {
    const input = inputOf({
      fields: [
        { name: 'B', value: true },
        { name: 'A', value: 0 },
        { name: 'L', value: ['one', 2, false] },
        { name: 'None', value: [] },
        { name: 'S', value: new Secret('P@ss<1>') },
        { name: 'Empty', value: '' },
        { name: 'In', value: { fields: [{ name: 'X', namespace: 'urn:x', value: { fields: [{ name: 'Y', value: 'y' }] } }] } },
        { name: 'E', value: [{ resource: 'CIM_Card', selectors: {} }] },
      ],
    });
    const own = resourceUri('AMT_SetupAndConfigurationService');
    expect(input).toMatchObject({ name: 'Method_INPUT', namespace: own });
    expect(input?.children.map(({ name, text }) => [name, text])).toEqual([
      ['B', 'true'], ['A', '0'], ['L', 'one'], ['L', '2'], ['L', 'false'], ['S', 'P@ss<1>'], ['Empty', ''], ['In', ''], ['E', ''],
    ]);
    const inner = childOf(childOf(input, 'In'), 'X');
    expect([inner?.namespace, inner?.children[0]?.namespace]).toEqual(['urn:x', own]);
    expect(childOf(input, 'E')?.children.map(({ name, namespace }) => [name, namespace])).toEqual([
      ['Address', 'http://schemas.xmlsoap.org/ws/2004/08/addressing'],
      ['ReferenceParameters', 'http://schemas.xmlsoap.org/ws/2004/08/addressing'],
    ]);
  });

  test('shows secrets only as it is told to', () => {
    const fields = { fields: [{ name: 'Password', value: new Secret('P@ssw0rd') }, { name: 'In', value: { fields: [{ name: 'Code', value: [new Secret('123456')] }] } }] };
    expect(JSON.stringify(inputOf(fields, () => '******'))).not.toMatch(/P@ssw0rd|123456/);
    expect(JSON.stringify(inputOf(fields))).toMatch(/P@ssw0rd.*123456/);
  });

  test('says whatever text it is given', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (value, selector) => {
        const envelope = parseXml(
          writeRequest({ resource: 'AMT_GeneralSettings', operation: { kind: 'Put', instance: { fields: [{ name: 'HostName', value }] } }, selectors: { 'a"<&': selector } }, '1', reveal),
        );
        expect(childOf(childOf(envelope, 'Body')?.children[0], 'HostName')?.text).toBe(value);
        expect(childOf(childOf(envelope, 'Header'), 'SelectorSet')?.children).toMatchObject([{ attributes: { Name: 'a"<&' }, text: selector }]);
      }),
    );
  });
});

describe('is refused before anything is sent', () => {
  const put = (name: string, value: WsmanFields['fields'][number]['value']): WsmanRequest => ({
    resource: 'AMT_GeneralSettings',
    operation: { kind: 'Put', instance: { fields: [{ name: 'Outer', value: { fields: [{ name, value }] } }] } },
  });
  const deep = Array.from({ length: 30 }).reduce<WsmanFields>((inner) => ({ fields: [{ name: 'F', value: inner }] }), { fields: [] });

  test.each<[string, WsmanRequest, string]>([
    ['a class of another family', { resource: 'XYZ_Thing', operation: { kind: 'Get' } }, 'resource'],
    ['a class without a family', { resource: 'constructor', operation: { kind: 'Get' } }, 'resource'],
    ['a class with more than a name', { resource: 'CIM_Card"/><x', operation: { kind: 'Get' } }, 'resource'],
    ['a class in a reference', put('R', { resource: 'http://192.0.2.1/CIM_Card', selectors: {} }), 'resource'],
    ['a method that is no name', { resource: 'CIM_Card', operation: { kind: 'Invoke', method: 'a b', input: undefined } }, 'a b_INPUT'],
    ['a field that is no name', put('a b', 'x'), 'Outer.a b'],
    ['a field without a name', put('', 'x'), 'Outer.'],
    ['a control character', put('F', 'a\u{1b}b'), 'Outer.F'],
    ['a control character in a secret', put('F', new Secret('a\0b')), 'Outer.F'],
    ['a number that is none', put('F', Number.NaN), 'Outer.F'],
    ['a control character in a selector', { resource: 'CIM_Card', operation: { kind: 'Get' }, selectors: { Name: 'a\0' } }, 'selectors.Name'],
  ])('%s', (_name, request, field) => {
    expect(issuesOf(request).map((issue) => issue.field)).toEqual([field]);
  });

  test('fields without end', () => {
    expect(issuesOf({ resource: 'AMT_GeneralSettings', operation: { kind: 'Put', instance: deep } })).toHaveLength(1);
  });

  test('without showing what came', () => {
    expect(JSON.stringify(issuesOf(put('F', 'P@ssw0rd\0')))).not.toContain('P@ssw0rd');
  });
});
