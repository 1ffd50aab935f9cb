import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { extendedInfo } from '../../test/support/tables.js';
import { inlineResource } from '../resource/resource.js';
import { decodeBootOverride, setBootOverride } from './boot-override.js';
import { decodeIdentifyLight, setIdentifyLight } from './identify-light.js';
import { decodeSystemPower, pushPowerButton, resetSystem, resetTypes } from './power.js';
import { decodeSystemFacts, findSystem } from './system.js';

const gen10 = recorded('redfish-gen10-dl180/system', 'default');
const gen9 = recorded('ris-gen9-bl460c/response_body_for_rest_op');
const SYSTEMS = '/redfish/v1/Systems/';
const link = (path: string) => ({ '@odata.id': path });
const system = (body: JsonObject) => inlineResource('/s', body);

describe('findSystem', () => {
  const members = (...ids: string[]) => ({ [SYSTEMS]: { Members: ids.map((id) => link(`${SYSTEMS}${id}`)) }, ...Object.fromEntries(ids.map((id) => [`${SYSTEMS}${id}`, { Id: id, UUID: `AB-${id}` }])) });

  test('the only one', async () => {
    await using bench = await staticService({ [SYSTEMS]: { Members: [link('/redfish/v1/Systems/1/')] }, '/redfish/v1/Systems/1/': fixture('redfish-gen10-dl180/system', 'default') });
    expect(await findSystem(bench.client)).toMatchObject({ path: '/redfish/v1/Systems/1/', etag: 'W/"0E79655D"', body: { Model: 'ProLiant DL180 Gen10' } });
    expect(bench.service.steps).toHaveLength(3);
  });

  test('by its id or UUID among several; without them it has to be said', async () => {
    await using bench = await staticService(members('1', '2'));
    expect((await findSystem(bench.client, { id: '2' })).body['Id']).toBe('2');
    expect((await findSystem(bench.client, { uuid: 'ab-1' })).body['Id']).toBe('1');
    expect(await failure(findSystem(bench.client))).toMatchObject({ code: 'INVALID_OPTIONS', details: { systems: ['1', '2'] } });
    expect(await failure(findSystem(bench.client, { id: '3' }))).toMatchObject({ code: 'NOT_FOUND', details: { systems: ['1', '2'] } });
  });

  test('of RIS, whose collection brings it along: it is read for what may be done with it', async () => {
    const root = { links: { Systems: { href: '/rest/v1/Systems' }, self: { href: '/rest/v1' } } };
    const body = fixture('ris-gen9-bl460c/response_body_for_rest_op');
    await using bench = await staticService(
      { '/rest/v1': root, '/rest/v1/Systems': { Items: [body], links: { Member: [{ href: '/rest/v1/Systems/1' }] } } },
      { 'GET /redfish/v1/': { status: 404 }, 'GET /rest/v1/Systems/1': { body, headers: { allow: 'GET, HEAD, POST, PATCH', etag: 'W/"1"' } } },
    );
    expect(await findSystem(bench.client, { id: '1' })).toMatchObject({ path: '/rest/v1/Systems/1', etag: 'W/"1"', allow: new Set(['GET', 'HEAD', 'POST', 'PATCH']) });
  });
});

describe('facts', () => {
  test('of a ProLiant DL180 Gen10', () => {
    expect(decodeSystemFacts(gen10)).toEqual({
      manufacturer: 'HPE', model: 'ProLiant DL180 Gen10', serialNumber: undefined, sku: undefined, uuid: '00000000-0000-0000-0000-000000000000', hostName: undefined,
      biosVersion: 'U31 v1.00 (03/11/2017)', memoryGib: 8, processorCount: 2, processorModel: 'Intel(R) Genuine processor', health: 'OK',
    });
  });

  test('of a ProLiant BL460c Gen9 over RIS', () => {
    expect(decodeSystemFacts(gen9)).toEqual({
      manufacturer: 'HP', model: 'ProLiant BL460c Gen9', serialNumber: 'SGH449WNL3', sku: '727021-B21', uuid: '30373237-3132-4753-4834-3439574E4C33', hostName: undefined,
      biosVersion: 'I36 v1.40 (01/28/2015)', memoryGib: 16, processorCount: 1, processorModel: 'Intel(R) Xeon(R) CPU E5-2609 v3 @ 1.90GHz', health: 'OK',
    });
  });
});

describe('power', () => {
  test('of both', () => {
    expect([decodeSystemPower(gen10), decodeSystemPower(gen9)]).toEqual([{ state: 'On', postState: 'FinishedPost' }, { state: 'Off', postState: 'PowerOff' }]);
    expect([resetTypes(gen10), resetTypes(gen9), resetTypes(system({}))]).toEqual([
      ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'], ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'], [],
    ]);
  });

  test.each([
    [{ PowerState: null }, undefined, undefined],
    [{ PowerState: 'PoweringOn', Oem: { Hpe: { PostState: null } } }, 'PoweringOn', undefined],
    [{ PowerState: 'Reset', Oem: { Hpe: { PostState: 'Null' } } }, 'Reset', undefined],
    [{ PowerState: 'Odd', Oem: { Hp: { PostState: 'InPost' } } }, undefined, 'InPost'],
  ])('%j', (body, state, postState) => {
    expect(decodeSystemPower(system(body))).toEqual({ state, postState });
  });

  test('is changed by actions, in either style', async () => {
    await using bench = await staticService({});
    await resetSystem(bench.client, gen10, 'ForceOff');
    await resetSystem(bench.client, gen9, 'On');
    await pushPowerButton(bench.client, gen10, 'PressAndHold');
    await pushPowerButton(bench.client, gen9, 'Press');
    expect(bench.changes).toEqual([
      'POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset/ {"ResetType":"ForceOff"}',
      'POST /rest/v1/Systems/1 {"Action":"Reset","ResetType":"On"}',
      'POST /redfish/v1/Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton/ {"PushType":"PressAndHold"}',
      'POST /rest/v1/Systems/1 {"Action":"PowerButton","Target":"/Oem/Hp","PushType":"Press"}',
    ]);
    expect(await failure(resetSystem(bench.client, gen10, 'GracefulRestart'))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await failure(pushPowerButton(bench.client, system({}), 'Press'))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('busy with the last one is told as such', async () => {
    await using bench = await staticService({}, { 'POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset/': { status: 400, body: extendedInfo('iLO.2.14.InvalidOperationForSystemState') } });
    expect(await failure(resetSystem(bench.client, gen10, 'On'))).toMatchObject({ code: 'CONFLICT', retryable: true });
  });
});

describe('boot override', () => {
  test.each([
    ['default', 'Disabled', 'None'],
    ['System_op_for_one_time_boot_cdrom', 'Once', 'Cd'],
    ['System_op_for_cdrom_persistent_boot', 'Continuous', 'Cd'],
  ])('of Gen10, %s', (variant, enabled, target) => {
    const override = decodeBootOverride(recorded('redfish-gen10-dl180/system', variant));
    expect(override).toMatchObject({ enabled, target, mode: 'UEFI', uefiTarget: undefined });
    expect(override.targets).toContain('UefiHttp');
  });

  test('of Gen9, with what it takes under the names of RIS', () => {
    expect(decodeBootOverride(recorded('ris-gen9-bl460c/resp_body_for_system_with_cdrom'))).toEqual({
      enabled: 'Once', target: 'Cd', mode: undefined, uefiTarget: undefined,
      targets: ['None', 'Cd', 'Hdd', 'Usb', 'Utilities', 'Diags', 'BiosSetup', 'Pxe', 'UefiShell', 'UefiTarget'],
      uefiTargets: ['HD.Emb.1.2', 'Generic.USB.1.1', 'NIC.FlexLOM.1.1.IPv4', 'NIC.FlexLOM.1.1.IPv6', 'CD.Virtual.2.1'],
    });
    expect(decodeBootOverride(recorded('ris-gen9-bl460c/system_with_cdrom_cont')).enabled).toBe('Continuous');
  });

  test('is changed without the mode, which iLO does not take', async () => {
    await using bench = await staticService({});
    await setBootOverride(bench.client, gen10, { enabled: 'Once', target: 'Cd' });
    await setBootOverride(bench.client, gen10, { enabled: 'Continuous', target: 'Hdd', mode: 'UEFI' });
    expect(bench.changes).toEqual([
      'PATCH /redfish/v1/Systems/1/ {"Boot":{"BootSourceOverrideEnabled":"Once","BootSourceOverrideTarget":"Cd"}}',
      'PATCH /redfish/v1/Systems/1/ {"Boot":{"BootSourceOverrideEnabled":"Continuous","BootSourceOverrideTarget":"Hdd","BootSourceOverrideMode":"UEFI"}}',
    ]);
  });

  test('to a UEFI target: the target first', async () => {
    const path = '/redfish/v1/Systems/1/';
    await using bench = await staticService({}, { [`GET ${path}`]: { body: gen10.body, headers: { etag: 'W/"2"' } } });
    const uefiTarget = 'UsbClass(0xFFFF,0xFFFF,0xFF,0xFF,0xFF)';
    await setBootOverride(bench.client, gen10, { enabled: 'Once', target: 'UefiTarget', uefiTarget });
    expect(bench.changes).toEqual([
      `PATCH ${path} {"Boot":{"UefiTargetBootSourceOverride":"${uefiTarget}"}}`,
      `PATCH ${path} {"Boot":{"BootSourceOverrideEnabled":"Once","BootSourceOverrideTarget":"UefiTarget"}}`,
    ]);
    expect(bench.service.seen.at(-1)?.headers['if-match']).toBe('W/"2"');
  });

  test('to what the system does not list is refused before anything is sent', async () => {
    await using bench = await staticService({});
    expect(await failure(setBootOverride(bench.client, gen10, { enabled: 'Once', target: 'Floppy' }))).toMatchObject({ code: 'UNSUPPORTED', details: { property: 'BootSourceOverrideTarget', received: 'Floppy' } });
    expect(await failure(setBootOverride(bench.client, gen9, { enabled: 'Once', target: 'UefiTarget', uefiTarget: 'NIC.Slot.9' }))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(bench.changes).toEqual([]);
  });
});

describe('identify light', () => {
  test('of all kinds', () => {
    expect([gen10, gen9, system({ IndicatorLED: 'Lit' }), system({ IndicatorLED: 'Blinking' }), system({ LocationIndicatorActive: true, IndicatorLED: 'Off' }), system({})].map(decodeIdentifyLight)).toEqual(['off', 'off', 'on', 'blinking', 'on', undefined]);
  });

  test('is switched by the property that is there', async () => {
    await using bench = await staticService({});
    await setIdentifyLight(bench.client, gen10, 'on');
    await setIdentifyLight(bench.client, system({ LocationIndicatorActive: false }), 'on');
    await setIdentifyLight(bench.client, system({ IndicatorLED: 'Off' }), 'blinking');
    expect(bench.changes).toEqual(['PATCH /redfish/v1/Systems/1/ {"IndicatorLED":"Lit"}', 'PATCH /s {"LocationIndicatorActive":true}', 'PATCH /s {"IndicatorLED":"Blinking"}']);
    expect(await failure(setIdentifyLight(bench.client, system({}), 'on'))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await failure(setIdentifyLight(bench.client, system({ LocationIndicatorActive: false }), 'blinking'))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
