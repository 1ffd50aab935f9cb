import { describe, expect, test } from 'vitest';
import { fixtureElement } from '../../../test/classes/fixtures.js';
import { xml } from '../../../test/scripted-wsman.js';
import type { WsmanElement, WsmanField } from '../wsman/wsman.js';
import { toPutFields } from './put-fields.js';

const settings: WsmanElement = fixtureElement('recorded/amt/boot/settingdata/get.xml');

const names = (fields: readonly WsmanField[]): readonly string[] => fields.map(({ name }) => name);

describe('toPutFields', () => {
  test('sends back what came, in the order in which it came, character by character', () => {
    const { fields } = toPutFields(settings);
    expect(fields).toEqual(settings.children.map(({ name, text }) => ({ name, value: text })));
    expect(names(fields).slice(0, 3)).toEqual(['BIOSLastStatus', 'BIOSLastStatus', 'BIOSPause']);
  });

  test('changes fields in their place and leaves others out', () => {
    const { fields } = toPutFields(settings, {
      set: { BIOSSetup: true },
      setIfPresent: { BootMediaIndex: 3, NotOfThisFirmware: true },
      leaveOut: ['BIOSLastStatus', 'BootguardStatus', 'NeitherThis'],
    });
    expect(fields.slice(0, 5)).toEqual([
      { name: 'BIOSPause', value: 'false' },
      { name: 'BIOSSetup', value: true },
      { name: 'BootMediaIndex', value: 3 },
      { name: 'ConfigurationDataReset', value: 'false' },
      { name: 'ElementName', value: 'Intel(r) AMT Boot Configuration Settings' },
    ]);
    expect(names(fields)).not.toContain('NotOfThisFirmware');
    expect(names(fields)).not.toContain('BIOSLastStatus');
    expect(names(fields)).not.toContain('BootguardStatus');
    expect(fields).toHaveLength(settings.children.length - 3);
  });

  test('a field that must be set and is not there is told', () => {
    expect(() => toPutFields(xml('<AMT_BootSettingData><UseSOL>false</UseSOL></AMT_BootSettingData>'), { set: { UseSOL: true, PlatformErase: true } })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', details: { class: 'AMT_BootSettingData', field: 'PlatformErase' } }),
    );
    expect(() => toPutFields(settings, { set: { UseSOL: true }, leaveOut: ['UseSOL'] })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('a new list stands where the old one began', () => {
    const instance = xml('<C><A>1</A><L>1</L><L>2</L><B>3</B><L>4</L></C>');
    expect(toPutFields(instance, { set: { L: [7] } }).fields).toEqual([{ name: 'A', value: '1' }, { name: 'L', value: [7] }, { name: 'B', value: '3' }]);
  });

  test('references and nested values keep their form and their namespaces', () => {
    const instance = xml(`<c:C xmlns:c="urn:class" xmlns:d="urn:common" xmlns:a="urn:addressing"><c:When><d:Datetime>2020-01-01T00:00:00Z</d:Datetime></c:When>
      <c:Who><a:Address>x</a:Address><a:ReferenceParameters><a:ResourceURI>urn:x/CIM_ComputerSystem</a:ResourceURI><a:SelectorSet>
      <a:Selector Name="Name">ManagedSystem</a:Selector></a:SelectorSet></a:ReferenceParameters></c:Who></c:C>`);
    expect(toPutFields(instance).fields).toEqual([
      { name: 'When', value: { fields: [{ name: 'Datetime', namespace: 'urn:common', value: '2020-01-01T00:00:00Z' }] } },
      { name: 'Who', value: { resource: 'CIM_ComputerSystem', selectors: { Name: 'ManagedSystem' } } },
    ]);
  });
});
