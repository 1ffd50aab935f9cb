import { PROVISION_STATES, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../test/support/sample-node.js';
import { admitVerb, argumentChanges } from './provision-request.js';

const node = sampleNode();

describe('admitVerb', () => {
  test.each([
    ['an unknown verb', { target: 'wat' }, 82, 400, `The requested action "wat" can not be performed on node "${node.uuid}" while it is in state "enroll".`],
    ['a name every object has', { target: 'constructor' }, 82, 400, 'The requested action "constructor"'],
    ['a verb newer than the request', { target: 'manage' }, 3, 406, 'Request not acceptable.'],
    ['undeploy below 1.73', { target: 'undeploy' }, 72, 406, 'Request not acceptable.'],
  ])('refuses %s', (_case, request, version, status, text) => {
    expect(() => admitVerb(node, request, version)).toThrow(expect.objectContaining({ status, message: expect.stringContaining(text) as string }));
  });

  test('maintenance refuses deploying, protection refuses tearing down', () => {
    expect(() => admitVerb(sampleNode({ maintenance: true }), { target: 'active' }, 82)).toThrow(/it's in maintenance mode/);
    for (const target of ['deleted', 'rebuild', 'undeploy']) {
      expect(() => admitVerb(sampleNode({ protected: true }), { target }, 82)).toThrow(expect.objectContaining({ status: 403 }));
    }
  });

  test('abort is admitted per state by version', () => {
    expect(admitVerb(sampleNode({ provisionState: 'clean wait' }), { target: 'abort' }, 13).event).toBe('abort');
    expect(() => admitVerb(sampleNode({ provisionState: 'inspect wait' }), { target: 'abort' }, 40)).toThrow(expect.objectContaining({ status: 406 }));
    expect(admitVerb(sampleNode({ provisionState: 'inspect wait' }), { target: 'abort' }, 41).event).toBe('abort');
  });

  test('the verdict does not depend on the state for verbs without gates by state', () => {
    for (const provisionState of PROVISION_STATES) expect(admitVerb(sampleNode({ provisionState }), { target: 'manage' }, 4).event).toBe('manage');
  });
});

describe('argumentChanges', () => {
  test('keeps what the node has and seals step arguments', () => {
    const before = sampleNode({ instanceInfo: { image_source: 'http://image' }, driverInternalInfo: { kept: true } });
    const changes = argumentChanges(before, {
      target: 'clean',
      configdrive: new Secret('data'),
      cleanSteps: [{ interface: 'bios', step: 'apply', args: { admin_password: 'p4ss' } }],
    });
    expect(Object.keys(changes.instanceInfo ?? {})).toEqual(['image_source', 'configdrive']);
    expect(changes.driverInternalInfo?.['kept']).toBe(true);
    expect(JSON.stringify(changes)).not.toContain('p4ss');
  });

  test('changes nothing without arguments', () => {
    expect(argumentChanges(node, { target: 'manage' })).toEqual({});
  });
});
