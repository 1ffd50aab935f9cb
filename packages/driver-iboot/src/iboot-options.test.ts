import { describeProperties, optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { ibootDriverInfo } from './iboot-options.js';

const NEEDED = { iboot_address: '192.0.2.7', iboot_username: 'admin', iboot_password: 'secret-word' };

function issuesOf(input: unknown): readonly string[] {
  try {
    ibootDriverInfo.parse(input);
    return [];
  } catch (error) {
    return optionIssues(error).map(({ field, problem, received }) => `${field} ${problem}${received === undefined ? '' : ` ${received}`}`);
  }
}

test('address, name and password are needed, the rest is as in ironic-staging-drivers', () => {
  const { iboot_password: password, ...info } = ibootDriverInfo.parse(NEEDED);
  expect(info).toEqual({
    iboot_address: '192.0.2.7', iboot_username: 'admin', iboot_port: 9100, iboot_relay_id: 1, iboot_relay_base: 1, iboot_max_retry: 3, iboot_retry_interval: 1,
    iboot_reboot_delay: 5,
  });
  expect([Secret.is(password), password.reveal()]).toEqual([true, 'secret-word']);
  expect(issuesOf({})).toEqual(['iboot_address missing', 'iboot_username missing', 'iboot_password missing']);
  expect(ibootDriverInfo.secretFields).toEqual(['iboot_password']);
});

test('numbers may be text, and a user name of digits a number, as clients send them', () => {
  const texts = {
    ...NEEDED, iboot_username: 1234, iboot_password: 5678, iboot_port: '9101', iboot_relay_id: '8', iboot_relay_base: '0', iboot_max_retry: '0', iboot_retry_interval: '2', iboot_reboot_delay: '10',
  };
  const { iboot_password: password, ...info } = ibootDriverInfo.parse(texts);
  expect(info).toMatchObject({ iboot_username: '1234', iboot_port: 9101, iboot_relay_id: 8, iboot_relay_base: 0, iboot_max_retry: 0, iboot_retry_interval: 2, iboot_reboot_delay: 10 });
  expect(password.reveal()).toBe('5678');
});

test('name and password may be empty, for units that ask for none', () => {
  expect(issuesOf({ ...NEEDED, iboot_username: '', iboot_password: '' })).toEqual([]);
});

describe('what cannot be used is refused', () => {
  test.each([
    [{ iboot_address: 'http://192.0.2.7' }, ['iboot_address invalid "http://192.0.2.7"']],
    [{ iboot_address: '192.0.2.7:9100' }, ['iboot_address invalid "192.0.2.7:9100"']],
    [{ iboot_address: '' }, ['iboot_address invalid ""']],
    [{ iboot_username: 'x'.repeat(21) }, [`iboot_username invalid "${'x'.repeat(21)}"`]],
    [{ iboot_username: 'ü'.repeat(11) }, [`iboot_username invalid "${'ü'.repeat(11)}"`]],
    [{ iboot_username: 'a\0b' }, ['iboot_username invalid "a\\u0000b"']],
    [{ iboot_password: 'x'.repeat(21) }, ['iboot_password invalid']],
    [{ iboot_password: 'a\0b' }, ['iboot_password invalid']],
    [{ iboot_port: 0 }, ['iboot_port invalid 0']],
    [{ iboot_port: 65_536 }, ['iboot_port invalid 65536']],
    [{ iboot_relay_id: 0 }, ['iboot_relay_id invalid 0']],
    [{ iboot_relay_id: -1, iboot_relay_base: 0 }, ['iboot_relay_id invalid -1']],
    [{ iboot_relay_id: 33 }, ['iboot_relay_id invalid 33']],
    [{ iboot_relay_base: 2 }, ['iboot_relay_base invalid 2']],
    [{ iboot_relay_base: '' }, ['iboot_relay_base invalid ""']],
    [{ iboot_max_retry: -1, iboot_retry_interval: 61, iboot_reboot_delay: 1.5 }, ['iboot_max_retry invalid -1', 'iboot_retry_interval invalid 61', 'iboot_reboot_delay invalid 1.5']],
  ])('%j', (fields, issues) => {
    expect(issuesOf({ ...NEEDED, ...fields })).toEqual(issues);
  });
});

test('every field is described with its default', () => {
  const properties = describeProperties(ibootDriverInfo);
  expect(properties['iboot_address']).toBe('IP address or host name of the iBoot unit. Required.');
  expect(properties['iboot_relay_base']).toMatch(/first relay, 1 or 0; .*default is 1\. Optional\.$/);
  expect(properties['iboot_reboot_delay']).toMatch(/in seconds; default is 5/);
});
