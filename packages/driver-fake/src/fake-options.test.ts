import { describeProperties, optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { fakeDriverInfo } from './fake-options.js';

function issuesOf(input: unknown): readonly string[] {
  try {
    fakeDriverInfo.parse(input);
    return [];
  } catch (error) {
    return optionIssues(error).map(({ field, problem, received }) => [field, problem, ...(received === undefined ? [] : [received])].join(' '));
  }
}

describe('driver_info of fake', () => {
  test('may be empty: nothing is slow and nothing fails', () => {
    expect(fakeDriverInfo.parse({})).toMatchObject({ fake_power_delay_ms: 0, fake_deploy_delay_ms: 0, fake_failures: [] });
    expect(fakeDriverInfo.parse(undefined)).toEqual(fakeDriverInfo.parse({}));
  });

  test('leaves fields of others alone', () => {
    expect(fakeDriverInfo.parse({ ipmi_address: '192.0.2.10', deploy_kernel: 'x' })).toEqual(fakeDriverInfo.parse({}));
  });

  test('takes numbers as text, as clients send them', () => {
    const info = fakeDriverInfo.parse({ fake_address: 'lab', fake_port: '9000', fake_power_delay_ms: '250' });
    expect(info).toMatchObject({ fake_port: 9000, fake_power_delay_ms: 250 });
  });

  test('seals the password', () => {
    const { fake_password } = fakeDriverInfo.parse({ fake_password: 'hunter2' });
    expect(Secret.is(fake_password)).toBe(true);
    expect(fake_password?.reveal()).toBe('hunter2');
    expect(fakeDriverInfo.secretFields).toEqual(['fake_password']);
  });

  test('completes a failure', () => {
    expect(fakeDriverInfo.parse({ fake_failures: [{ action: 'deploy' }] }).fake_failures).toEqual([{ action: 'deploy', code: 'REFUSED' }]);
  });

  test.each([
    [{ fake_address: 'lab' }, ['fake_port missing']],
    [{ fake_address: '' }, ['fake_address invalid ""', 'fake_port missing']],
    [{ fake_port: 0 }, ['fake_port invalid 0']],
    [{ fake_power_delay_ms: -1, fake_read_delay_ms: 600_001 }, ['fake_read_delay_ms invalid 600001', 'fake_power_delay_ms invalid -1']],
    [{ fake_password: '' }, ['fake_password invalid']],
    [{ fake_failures: 'power on' }, ['fake_failures invalid "power on"']],
    [{ fake_failures: [{ action: 'dance' }] }, ['fake_failures.0.action invalid "dance"']],
    [{ fake_failures: [{ action: 'power on', code: 'NO_LUCK' }] }, ['fake_failures.0.code invalid "NO_LUCK"']],
    [{ fake_failures: [{ action: 'power on', times: 0 }] }, ['fake_failures.0.times invalid 0']],
    [{ fake_failures: [{ action: 'power on', time: 1 }] }, ['fake_failures.0.time unknown']],
    [{ fake_failures: [{ action: 'deploy', times: 2 }] }, ['fake_failures.0.times invalid 2']],
  ])('refuses %j', (input, issues) => {
    expect(issuesOf(input)).toEqual(issues);
  });

  test('describes every field with its default', () => {
    const properties = describeProperties(fakeDriverInfo);
    expect(properties['fake_power_delay_ms']).toBe('How long a change of power takes. Milliseconds, 0 to 600000; default is 0. Optional.');
    expect(properties['fake_port']).toBe('TCP port of the fake controller. Required with fake_address. Optional.');
    expect(properties['fake_password']).toBe('Password of the fake controller. Optional.');
    for (const [name, text] of Object.entries(properties)) expect(text, name).toMatch(/^[A-Z].{10,}Optional\.$/);
    expect(fakeDriverInfo.jsonSchema).toMatchObject({
      properties: { fake_power_delay_ms: { type: 'integer', minimum: 0, maximum: 600_000, default: 0 }, fake_password: { type: 'string', secret: true } },
    });
  });
});
