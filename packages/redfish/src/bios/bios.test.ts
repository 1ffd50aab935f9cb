import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { allowedBiosValues, biosPart, canResetBios, changeBios, decodeBios, readBios, readDefaultBios, readPendingBios, resetBios } from './bios.js';

const gen10 = decodeBios(recorded('redfish-gen10-dl180/bios', 'Default'));
const gen9 = decodeBios(recorded('ris-gen9-bl460c/get_bios_settings'));
const GEN10_SETTINGS = '/redfish/v1/systems/1/bios/settings/';
const GEN9_SETTINGS = '/rest/v1/systems/1/bios/Settings';
const resources = {
  '/redfish/v1/systems/1/bios/': fixture('redfish-gen10-dl180/bios', 'Default'),
  [GEN10_SETTINGS]: fixture('redfish-gen10-dl180/bios', 'BIOS_pending_settings_default'),
  '/redfish/v1/systems/1/bios/baseconfigs/': fixture('redfish-gen10-dl180/bios_base_configs'),
  '/rest/v1/systems/1/bios': fixture('ris-gen9-bl460c/get_bios_settings'),
  [GEN9_SETTINGS]: fixture('ris-gen9-bl460c/get_bios_pending_settings'),
  '/rest/v1/systems/1/bios/BaseConfigs': fixture('ris-gen9-bl460c/get_base_config'),
};

describe('the settings', () => {
  test('of Gen10 stand in Attributes', async () => {
    await using bench = await staticService(resources);
    const bios = await readBios(bench.client, recorded('redfish-gen10-dl180/system', 'default'));
    expect(bios).toMatchObject({
      form: 'nested', registry: 'BiosAttributeRegistryU31.v1_1_00', settingsPath: GEN10_SETTINGS,
      result: { outcome: 'success', messages: [{ key: 'Success' }], time: '2017-06-10T07:40:44+00:00' },
    });
    expect(Object.keys(bios.attributes)).toHaveLength(226);
    expect(bios.attributes).toMatchObject({ BootMode: 'Uefi', AsrTimeoutMinutes: 'Timeout10', NetworkBootRetryCount: 20, UefiOptimizedBoot: 'Enabled' });
    expect([biosPart(bios, 'Boot'), biosPart(bios, 'iScsi'), canResetBios(bios)]).toEqual(['/redfish/v1/systems/1/bios/boot/', '/redfish/v1/systems/1/bios/iscsi/', true]);
  });

  test('of Gen9 stand among the properties', async () => {
    await using bench = await staticService(resources);
    const bios = await readBios(bench.client, recorded('ris-gen9-bl460c/response_body_for_rest_op'));
    expect(bios).toMatchObject({ form: 'flat', registry: 'HpBiosAttributeRegistryI36.1.0.40', settingsPath: GEN9_SETTINGS, result: { outcome: 'success', time: '2015-03-09T17:50:09+00:00' } });
    // 151 properties, of which 7 are none: AttributeRegistry, Description, Modified, Name, SettingsResult, Type and links.
    expect(Object.keys(bios.attributes)).toHaveLength(144);
    expect(bios.attributes).toMatchObject({ BootMode: 'Uefi', AsrTimeoutMinutes: '10', ProcCoreDisable: 0, AdminPassword: null });
    expect(bios.attributes).not.toHaveProperty('UefiOptimizedBoot');
    expect([biosPart(bios, 'Mappings'), canResetBios(bios)]).toEqual(['/rest/v1/systems/1/bios/Mappings', false]);
  });

  test('that are pending and those by default', async () => {
    await using bench = await staticService(resources);
    const pending = await readPendingBios(bench.client, gen10);
    expect([Object.keys(pending).length, pending['AdminName'], pending['BootOrderPolicy']]).toEqual([209, 'Redfish Administrator', 'AttemptOnce']);
    const defaults = await readDefaultBios(bench.client, gen10);
    expect([Object.keys(defaults).length, defaults['BootMode'], defaults['AsrTimeoutMinutes']]).toEqual([220, 'Uefi', 'Timeout10']);
    expect((await readPendingBios(bench.client, gen9))['UefiOptimizedBoot']).toBe('Enabled');
    expect(Object.keys(await readDefaultBios(bench.client, gen9))).toHaveLength(154);
  });

  test('what failed among them is a failure, though a success stands beside it', () => {
    const { result } = decodeBios(recorded('ris-gen9-bl460c/get_bios_boot'));
    expect(result).toMatchObject({ outcome: 'failure', messages: [{ key: 'PropertyValueNotInList', args: ['PersistentBootConfigOrder[0'] }, { key: 'Success' }] });
    expect(decodeBios(inlineResource('/b', { Attributes: {} })).result).toBeUndefined();
  });

  test('values that may be set are known where the resource says so', () => {
    const bios = decodeBios(inlineResource('/b', { Attributes: { BootMode: 'Uefi', 'BootMode@Redfish.AllowableValues': ['Uefi', 'LegacyBios'] } }));
    expect([bios.attributes, allowedBiosValues(bios, 'BootMode'), allowedBiosValues(gen10, 'BootMode')]).toEqual([{ BootMode: 'Uefi' }, ['Uefi', 'LegacyBios'], []]);
  });
});

describe('changes', () => {
  test('go to the settings resource, in the form of the service, on condition that it is as it was', async () => {
    await using bench = await staticService(resources);
    await changeBios(bench.client, gen10, { BootMode: 'LegacyBios' });
    await changeBios(bench.client, gen9, { BootMode: 'LegacyBios', UefiOptimizedBoot: 'Enabled' }, { headers: { 'x-hprestfulapi-authtoken': new Secret('ABCD') } });
    expect(bench.changes).toEqual([`PATCH ${GEN10_SETTINGS} {"Attributes":{"BootMode":"LegacyBios"}}`, `PATCH ${GEN9_SETTINGS} {"BootMode":"LegacyBios","UefiOptimizedBoot":"Enabled"}`]);
    expect(bench.service.seen.filter(({ method }) => method === 'PATCH').map(({ headers }) => [headers['if-match'], headers['x-hprestfulapi-authtoken']])).toEqual([
      ['W/"7F2D028BA2542B2B2B2AF4CFFD358F35"', undefined],
      [undefined, 'ABCD'],
    ]);
  });

  test('of what the firmware does not have are refused unless that is wanted', async () => {
    await using bench = await staticService(resources);
    expect(await failure(changeBios(bench.client, gen10, { BootMode: 'Uefi', Nonsense: 1, constructor: 2 }))).toMatchObject({ code: 'UNSUPPORTED', message: 'The firmware has no setting Nonsense, constructor' });
    expect(bench.changes).toEqual([]);
    await changeBios(bench.client, gen10, { Nonsense: 1 }, { allowUnknown: true });
    expect(bench.changes).toHaveLength(1);
  });

  test('are impossible without a settings resource', async () => {
    await using bench = await staticService(resources);
    const bios = decodeBios(inlineResource('/b', { Attributes: { a: 1 } }));
    expect(await failure(changeBios(bench.client, bios, { a: 2 }))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await failure(readDefaultBios(bench.client, bios))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('all at once to the defaults', async () => {
    await using bench = await staticService(resources);
    await resetBios(bench.client, gen10, { ResetType: 'default' });
    expect(bench.changes).toEqual(['POST /redfish/v1/systems/1/bios/settings/Actions/Bios.ResetBios/ {"ResetType":"default"}']);
    expect(await failure(resetBios(bench.client, gen9))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
