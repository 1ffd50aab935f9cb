import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { findAction, readActionInfo, requireAction, runAction } from './actions.js';

const gen10 = recorded('redfish-gen10-dl180/system', 'default');
const gen9 = recorded('ris-gen9-bl460c/response_body_for_rest_op');
const TYPES = ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'];

describe('an action', () => {
  test('of Redfish', () => {
    expect(findAction(gen10, 'Reset')).toEqual({
      name: 'Reset',
      path: '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset/',
      fixed: {},
      allowed: new Map([['ResetType', TYPES]]),
      infoPath: undefined,
    });
    expect(findAction(gen10, 'PowerButton', 'vendor')).toMatchObject({
      path: '/redfish/v1/Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton/',
      allowed: new Map([['PushType', ['Press', 'PressAndHold']]]),
    });
  });

  test('of RIS goes to the resource itself and is named in the body', () => {
    expect(findAction(gen9, 'Reset')).toEqual({ name: 'Reset', path: '/rest/v1/Systems/1', fixed: { Action: 'Reset' }, allowed: new Map([['ResetType', TYPES]]), infoPath: undefined });
    expect(findAction(gen9, 'SystemReset', 'vendor')).toMatchObject({ fixed: { Action: 'SystemReset', Target: '/Oem/Hp' } });
    expect(findAction(inlineResource('/m', { Oem: { Hp: { AvailableActions: [{ Action: 'X' }] } } }), 'X', 'vendor')).toMatchObject({ fixed: { Action: 'X', Target: '/Oem/Hp' } });
  });

  test('is found by its last word only, and by whom it is of', () => {
    expect([findAction(gen10, 'ComputerSystem.Reset'), findAction(gen10, 'PowerButton'), findAction(gen10, 'Reset', 'vendor'), findAction(inlineResource('/x', { Actions: { Oem: {} } }), 'Oem')]).toEqual([
      undefined, undefined, undefined, undefined,
    ]);
    expect(() => requireAction(gen10, 'Fly')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', details: { resource: '/redfish/v1/Systems/1/', action: 'Fly' } }) as Error);
  });

  test('is sent once, always with a body', async () => {
    await using bench = await staticService({});
    await runAction(bench.client, requireAction(gen10, 'Reset'), { ResetType: 'On' });
    await runAction(bench.client, requireAction(gen9, 'PowerButton', 'vendor'), { PushType: 'Press' });
    await runAction(bench.client, requireAction(recorded('redfish-gen10-dl180/manager'), 'Reset'));
    expect(bench.changes).toEqual([
      'POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset/ {"ResetType":"On"}',
      'POST /rest/v1/Systems/1 {"Action":"PowerButton","Target":"/Oem/Hp","PushType":"Press"}',
      'POST /redfish/v1/Managers/1/Actions/Manager.Reset/ {}',
    ]);
  });

  test('with a value that is not allowed is not sent', async () => {
    await using bench = await staticService({});
    expect(await failure(runAction(bench.client, requireAction(gen10, 'Reset'), { ResetType: 'GracefulShutdown' }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'The controller does not take GracefulShutdown as ResetType of Reset',
      hint: 'It takes On, ForceOff, ForceRestart, Nmi, PushPowerButton.',
      details: { allowed: TYPES, received: 'GracefulShutdown' },
    });
    expect(bench.changes).toEqual([]);
  });

  test('may have a description of its parameters', async () => {
    const path = '/redfish/v1/VirtualMedia/1/InsertInfo';
    const resource = inlineResource('/v', { Actions: { '#VirtualMedia.InsertMedia': { target: '/v/insert', '@Redfish.ActionInfo': path } } });
    await using bench = await staticService({ [path]: { Parameters: [{ Name: 'Image', Required: true, DataType: 'String' }, { Name: 'TransferMethod', AllowableValues: ['Stream'] }] } });
    expect(await readActionInfo(bench.client, requireAction(resource, 'InsertMedia'))).toEqual([
      { name: 'Image', required: true, dataType: 'String', allowed: [] },
      { name: 'TransferMethod', required: false, dataType: undefined, allowed: ['Stream'] },
    ]);
    expect(await readActionInfo(bench.client, requireAction(gen10, 'Reset'))).toEqual([]);
  });
});
