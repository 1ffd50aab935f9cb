import type { Device, JsonValue } from '@ferric/core';
import { type IpmiSim, startIpmiSim, startPyghmiBmc } from '@ferric/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNmDriver } from '../../src/index.js';

let bmc: IpmiSim;
const driver = createNmDriver();
let device: Device;

beforeAll(async () => {
  bmc = await startIpmiSim();
  device = open(bmc);
});
afterAll(async () => {
  await driver[Symbol.asyncDispose]();
  await bmc?.[Symbol.asyncDispose]();
});

function open({ host, port, username, password }: Pick<IpmiSim, 'host' | 'port' | 'username' | 'password'>): Device {
  return driver.open(
    driver.driverInfo.parse({ ipmi_address: host, ipmi_port: port, ipmi_username: username, ipmi_password: password, ipmi_cipher_suite: 3 }),
  );
}

async function call(name: string, args: unknown, on: Device = device): Promise<JsonValue> {
  const method = on.vendor?.methods[name] ?? expect.fail(`there is no ${name}`);
  return (await method.call(method.arguments.parse(args), {})) as JsonValue;
}

// Source: ironic-staging-drivers, doc/source/drivers/intel_nm.rst: its requests, and its answers where the plug-in has the same state.
test("the document's examples, in its order", async () => {
  expect(await call('get_nm_version', {})).toEqual({ firmware: '1.2', ipmi: '3.0', nm: '3.0', patch: '7' });
  expect(await call('get_nm_capabilities', { domain_id: 'platform', policy_trigger: 'none', power_domain: 'primary' })).toEqual({
    domain_id: 'platform', max_correction_time: 100_000, max_limit_value: 4096, max_policies: 16, max_reporting_period: 32_768, min_correction_time: 10,
    min_limit_value: 100, min_reporting_period: 100, power_domain: 'primary',
  });
  const ten = { domain_id: 'platform', policy_id: 10 };
  const example = { ...ten, enable: true, policy_trigger: 'none', action: 'alert', power_domain: 'primary', target_limit: 200, reporting_period: 20_000 };
  expect(await call('set_nm_policy', example)).toBeNull();
  expect(await call('control_nm_policy', { scope: 'policy', enable: false, policy_id: 10 })).toBeNull();
  expect(await call('get_nm_policy', ten)).toEqual({
    action: 'alert', correction_time: 10_000, cpu_power_correction: 'auto', created_by_nm: true, domain_id: 'platform', enabled: false, global_enabled: true,
    per_domain_enabled: true, policy_trigger: 'none', power_domain: 'primary', power_policy: true, reporting_period: 20_000, storage: 'persistent',
    target_limit: 200, trigger_limit: 0,
  });
  expect(await call('set_nm_policy_suspend', { ...ten, periods: [{ start: 10, stop: 60, days: ['monday', 'tuesday'] }] })).toBeNull();
  expect(await call('get_nm_policy_suspend', ten)).toEqual({ ...ten, periods: [{ start: 10, stop: 60, days: ['monday', 'tuesday'] }] });
  expect(await call('remove_nm_policy_suspend', ten)).toBeNull();
  expect(await call('get_nm_policy_suspend', ten)).toEqual({ ...ten, periods: [] });
  expect(await call('get_nm_statistics', { scope: 'global', domain_id: 'platform', parameter_name: 'power' })).toEqual({
    activation_state: true, administrative_enabled: true, average_value: 200, current_value: 202, domain_id: 'platform', maximum_value: 240,
    measurement_state: true, minimum_value: 150, operational_state: true, reporting_period: 2125, timestamp: '2016-02-03T20:13:52',
  });
  expect(await call('reset_nm_statistics', { scope: 'global', domain_id: 'platform' })).toBeNull();
  expect(await call('remove_nm_policy', ten)).toBeNull();
  await expect(call('get_nm_policy', ten)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the device has power and the methods of IPMI besides', async () => {
  await device.power.set('power on');
  expect(await bmc.power()).toBe('on');
  expect(await call('send_raw', { raw_bytes: '0x06 0x37' })).toMatchObject({ data: expect.stringMatching(/^0xa1 0x23 0x45 0x67 /) as unknown });
  expect(device.vendor?.methods).toHaveProperty('bmc_reset');
});

test('a BMC whose record tells of nobody says so', async () => {
  await using without = await startIpmiSim({ nodeManager: false });
  await using other = open(without);
  await expect(call('get_nm_version', {}, other)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('Node Manager, which does not answer') as unknown });
});

test('a BMC without sensor data records has no Node Manager', async () => {
  await using plain = await startPyghmiBmc();
  await using other = open(plain);
  await expect(call('get_nm_version', {}, other)).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('No Intel Node Manager') as unknown });
});
