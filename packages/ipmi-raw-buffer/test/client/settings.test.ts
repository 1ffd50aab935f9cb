import { inspect } from 'node:util';
import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createIpmiClient, type IpmiClientSettings } from '../../src/client/index.js';

function issueOf(settings: Partial<IpmiClientSettings>): ReturnType<typeof optionIssues> {
  try {
    createIpmiClient({ host: '192.0.2.10', ...settings });
  } catch (error) {
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('planted');
    return optionIssues(error);
  }
  return expect.fail('nothing was thrown');
}

describe('settings of a client', () => {
  test.each<[string, Partial<IpmiClientSettings>]>([
    ['host', { host: '' }], ['host', { host: 'two words' }], ['port', { port: 0 }], ['port', { port: 65_536 }], ['username', { username: 'seventeen-bytes-x' }],
    ['retry.tries', { retry: { tries: 0 } }], ['retry.firstWaitMs', { retry: { firstWaitMs: 0.5 } }], ['idleMs', { idleMs: 60_000 }], ['queueLimit', { queueLimit: 0 }],
    ['cipherSuite', { cipherSuite: 5 as never }], ['privilegeLevel', { privilegeLevel: 'root' as never }], ['protocol', { protocol: '3.0' as never }],
  ])('%s', (field, settings) => {
    expect(issueOf(settings)).toMatchObject([{ field, problem: 'invalid', received: expect.any(String) }]);
  });

  test('secrets are refused without being shown', () => {
    expect(issueOf({ password: 'planted-that-is-too-long' })).toEqual([{ field: 'password', problem: 'invalid', expected: 'a text of at most 20 bytes' }]);
    expect(issueOf({ password: new Secret('planted-too-long-v15'), protocol: '1.5' })).toEqual([{ field: 'password', problem: 'invalid', expected: 'a text of at most 16 bytes' }]);
    expect(issueOf({ kgKey: 'planted' })).toEqual([{ field: 'kgKey', problem: 'invalid', expected: 'an even number of hexadecimal digits, at most 40' }]);
    expect(issueOf({ kgKey: '00'.repeat(21) })).toMatchObject([{ field: 'kgKey' }]);
  });

  test('all issues are told at once, and bytes are counted, not letters', () => {
    expect(issueOf({ username: 'ü'.repeat(9), port: -1 }).map(({ field }) => field)).toEqual(['port', 'username']);
  });

  test('the address before anything was looked up', () => {
    expect(createIpmiClient({ host: 'bmc.example' }).address).toBe('bmc.example:623');
    expect(createIpmiClient({ host: '2001:db8::1', port: 6230 }).address).toBe('[2001:db8::1]:6230');
  });
});
