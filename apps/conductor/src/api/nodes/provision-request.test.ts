import type { JsonValue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { argumentsBody } from '../http/body-readers.js';
import { PROVISION_ARGUMENTS, PROVISION_SECRETS, toProvisionRequest } from './provision-request.js';

const reader = argumentsBody(PROVISION_ARGUMENTS, { secret: PROVISION_SECRETS });
const read = (body: JsonValue, version = 82) => toProvisionRequest(reader.read(reader.seal?.(body), version), version);

describe('toProvisionRequest', () => {
  test('passes on what fits, secrets hidden', () => {
    const request = read({ target: 'active', configdrive: { meta_data: { hostname: 'h1' }, user_data: 'geheim' }, deploy_steps: [{ interface: 'bios', step: 's', args: {}, priority: 1 }] });
    expect(request.configdrive?.reveal()).toEqual({ meta_data: { hostname: 'h1' }, user_data: 'geheim' });
    expect(JSON.stringify(request)).not.toContain('geheim');
    expect(read({ target: 'rescue', rescue_password: 'pw' }).rescuePassword?.reveal()).toBe('pw');
    expect(read({ target: 'clean', clean_steps: [{ interface: 'vendor', step: 's' }], disable_ramdisk: true })).toEqual({
      target: 'clean', cleanSteps: [{ interface: 'vendor', step: 's' }], disableRamdisk: true,
    });
  });

  test('leaves unknown targets to the service, which knows the state that the refusal names', () => {
    expect(read({ target: 'wat' })).toEqual({ target: 'wat' });
    expect(read({ target: 'constructor' })).toEqual({ target: 'constructor' });
  });

  test.each([
    ['no target', {}, 82, 400, 'Missing mandatory parameter: target'],
    ['an unknown argument', { target: 'manage', bogus: 1 }, 82, 400, 'Unexpected arguments: bogus'],
    ['a target of a later version', { target: 'manage' }, 3, 406, 'Request not acceptable.'],
    ['clean without steps', { target: 'clean' }, 82, 400, '"clean_steps" is required when setting target provision state to clean'],
    ['clean with no step', { target: 'clean', clean_steps: [] }, 82, 400, '"clean_steps" is required when setting target provision state to clean'],
    ['clean steps for another target', { target: 'active', clean_steps: [{}] }, 82, 400, '"clean_steps" is only valid when setting target provision state to clean'],
    ['deploy steps before 1.69', { target: 'active', deploy_steps: [] }, 68, 406, 'Request not acceptable.'],
    ['deploy steps for another target', { target: 'clean', deploy_steps: [{}], clean_steps: [{}] }, 82, 400, '"deploy_steps" is only valid when setting target provision state to active or rebuild'],
    ['rescue without password', { target: 'rescue' }, 82, 400, 'A non-empty "rescue_password" is required when setting target provision state to rescue'],
    ['rescue with a blank password', { target: 'rescue', rescue_password: '  ' }, 82, 400, 'A non-empty "rescue_password" is required when setting target provision state to rescue'],
    ['a password for another target', { target: 'manage', rescue_password: 'x' }, 82, 400, '"rescue_password" is only valid when setting target provision state to rescue'],
    ['disable_ramdisk before 1.70', { target: 'clean', disable_ramdisk: true }, 69, 406, 'Request not acceptable.'],
    ['disable_ramdisk for another target', { target: 'active', disable_ramdisk: true }, 82, 400, 'disable_ramdisk is supported only with manual cleaning'],
    ['a config drive for another target', { target: 'manage', configdrive: 'x' }, 82, 400, 'Adding a config drive is only supported when setting provision state to active, rebuild, deploy'],
    ['a config drive for rebuild before 1.35', { target: 'rebuild', configdrive: 'x' }, 34, 400, 'Adding a config drive is only supported when setting provision state to active'],
    ['a config drive as object before 1.56', { target: 'active', configdrive: { meta_data: {} } }, 55, 400, 'Providing a JSON object for configdrive is only supported starting with API version 1.56'],
    ['vendor data before 1.59', { target: 'active', configdrive: { vendor_data: {} } }, 58, 400, 'Providing vendor_data in configdrive is only supported starting with API version 1.59'],
    ['a config drive with an unknown member', { target: 'active', configdrive: { x: 1 } }, 82, 400, "Invalid configdrive format: Additional properties are not allowed ('x' was unexpected)"],
    ['a config drive with a wrong member', { target: 'active', configdrive: { meta_data: 1 } }, 82, 400, 'Invalid configdrive format: meta_data must be an object'],
    ['a config drive that is none', { target: 'active', configdrive: '{"meta_data"' }, 82, 400, 'Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string'],
    ['an unknown step interface', { target: 'clean', clean_steps: [{ interface: 'nope', step: 'x' }] }, 82, 400, "Invalid clean_steps: 'nope' is not one of ['power', 'management', 'deploy', 'bios', 'raid', 'firmware', 'vendor']"],
    ['a step without name', { target: 'clean', clean_steps: [{ interface: 'raid' }] }, 82, 400, "Invalid clean_steps: 'step' is a required property"],
    ['a deploy step without priority', { target: 'active', deploy_steps: [{ interface: 'bios', step: 'x', args: {} }] }, 82, 400, "Invalid deploy_steps: 'priority' is a required property"],
    ['a step with an unknown member', { target: 'clean', clean_steps: [{ interface: 'raid', step: 'x', arg: 1 }] }, 82, 400, "Invalid clean_steps: Additional properties are not allowed ('arg' was unexpected)"],
  ])('refuses %s', (_case, body, version, status, message) => {
    expect(() => read(body as JsonValue, version)).toThrow(expect.objectContaining({ status, message }));
  });

  test.each([{ configdrive: '' }, { configdrive: {} }, { clean_steps: [], target: 'active' }, { rescue_password: '', target: 'manage' }])('nothing in an argument is no argument: %j', (body) => {
    expect(() => read({ target: 'active', ...body } as JsonValue)).not.toThrow();
  });

  test('tells nothing of a config drive that it refuses', () => {
    for (const configdrive of [{ meta_data: 'hunter2' }, 'hunter2!{', ['hunter2'], 5]) {
      expect(() => read({ target: 'active', configdrive })).toThrow(expect.objectContaining({ status: 400, message: expect.not.stringContaining('hunter2') as string }));
    }
  });
});
