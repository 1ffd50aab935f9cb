import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@ferric/core';
import { startVirtualDevice } from '@ferric/driver-nm/simulator';
import { findTool, type IpmiSim, run, startIpmiSim, startPyghmiBmc, waitFor } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { succeed } from '../support/program.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// OpenIPMI's BMC with a Node Manager behind it, curl and `baremetal`: nothing of ours but the conductor and its drivers.
const cleanUp = new AsyncDisposableStack();
let bmc: IpmiSim;
let conductor: RunningConductor;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  bmc = cleanUp.use(await startIpmiSim());
  const project = await createDriverProject(temporary.path, ['driver-nm']);
  conductor = cleanUp.use(await startConductor({ dataDir: join(temporary.path, 'data'), project, args: ['--power-sync-interval-ms', '0'] }));
  baremetal = createBaremetal(conductor.api.url, temporary.path);
  await enrol('capped', bmc);
});

afterAll(() => cleanUp.disposeAsync());

type Access = Pick<IpmiSim, 'host' | 'port' | 'username' | 'password'>;

async function enrol(name: string, { host, port, username, password }: Access): Promise<void> {
  const fields = { ipmi_address: host, ipmi_port: port, ipmi_username: username, ipmi_password: password, ipmi_cipher_suite: 3 };
  const info = Object.entries(fields).flatMap(([field, value]) => ['--driver-info', `${field}=${value}`]);
  await baremetal.succeed('node', 'create', '--driver', 'staging-nm', '--name', name, ...info);
}

interface CurlAnswer {
  readonly status: number;
  readonly body: JsonValue;
}

/** A vendor method, called by curl with JSON in the body, whatever the HTTP method. */
async function curl(method: string, httpMethod: string, args: JsonObject = {}, node = 'capped'): Promise<CurlAnswer> {
  const url = `${conductor.api.url}/v1/nodes/${node}/vendor_passthru/${method}`;
  const headers = ['--header', 'Content-Type: application/json', '--header', 'X-OpenStack-Ironic-API-Version: 1.82'];
  const printed = await succeed('curl', ['--silent', '--show-error', '--write-out', '\n%{http_code}', '--request', httpMethod, ...headers, '--data', JSON.stringify(args), url]);
  const at = printed.lastIndexOf('\n');
  const body = printed.slice(0, at).trim();
  return { status: Number(printed.slice(at + 1)), body: body === '' ? null : (JSON.parse(body) as JsonValue) };
}

/** What a refusal says. */
function faultOf({ body }: CurlAnswer): string {
  const { error_message: message } = body as { readonly error_message: string };
  return (JSON.parse(message) as { readonly faultstring: string }).faultstring;
}

/** What the Node Manager itself holds, past the conductor. */
async function byIpmitool(...bytes: readonly string[]): Promise<string> {
  const login = ['-I', 'lanplus', '-C', '3', '-H', bmc.host, '-p', String(bmc.port), '-U', bmc.username, '-P', bmc.password];
  return (await run(findTool('ipmitool'), [...login, '-b', '0', '-t', '0x2c', 'raw', '0x2e', ...bytes])).replaceAll(/\s+/g, ' ').trim();
}

const policyBytes = (id: string): Promise<string> => byIpmitool('0xc2', '0x57', '0x01', '0x00', '0x00', id).catch((error: unknown) => String(error));

/** Waits until the Node Manager holds what was asked for; methods that change are answered before they are done. */
const untilPolicy = (id: string, bytes: RegExp): Promise<string> =>
  waitFor(`policy ${id} like ${bytes.source}`, async () => {
    const found = await policyBytes(id);
    if (bytes.test(found)) return found;
    throw new Error(`It was last ${found}`);
  });

const lastError = async (node = 'capped'): Promise<JsonValue | undefined> => (await conductor.api.node(node))['last_error'];

test('the hardware type and its methods are listed', async () => {
  expect(await baremetal.show('driver', 'show', 'staging-nm')).toMatchObject({ name: 'staging-nm', default_vendor_interface: 'staging-nm' });
  const methods = await baremetal.list('node', 'passthru', 'list', 'capped');
  expect(Object.fromEntries(methods.map((row) => [row['Name'], row['Supported HTTP methods']]))).toEqual({
    get_nm_version: 'GET', get_nm_capabilities: 'GET', control_nm_policy: 'PUT', set_nm_policy: 'PUT', get_nm_policy: 'GET', remove_nm_policy: 'DELETE',
    set_nm_policy_suspend: 'PUT', get_nm_policy_suspend: 'GET', remove_nm_policy_suspend: 'DELETE', get_nm_statistics: 'GET', reset_nm_statistics: 'DELETE, PUT',
    send_raw: 'POST', bmc_reset: 'POST',
  });
});

// Source: ironic-staging-drivers, doc/source/drivers/intel_nm.rst.
describe("the document's requests and answers, by curl", () => {
  test('versions, limits and statistics', async () => {
    expect(await curl('get_nm_version', 'GET')).toEqual({ status: 200, body: { firmware: '1.2', ipmi: '3.0', nm: '3.0', patch: '7' } });
    expect(await curl('get_nm_capabilities', 'GET', { domain_id: 'platform', policy_trigger: 'none', power_domain: 'primary' })).toEqual({
      status: 200,
      body: {
        domain_id: 'platform', max_correction_time: 100_000, max_limit_value: 4096, max_policies: 16, max_reporting_period: 32_768, min_correction_time: 10,
        min_limit_value: 100, min_reporting_period: 100, power_domain: 'primary',
      },
    });
    expect(await curl('get_nm_statistics', 'GET', { scope: 'global', domain_id: 'platform', parameter_name: 'power' })).toEqual({
      status: 200,
      body: {
        activation_state: true, administrative_enabled: true, average_value: 200, current_value: 202, domain_id: 'platform', maximum_value: 240,
        measurement_state: true, minimum_value: 150, operational_state: true, reporting_period: 2125, timestamp: '2016-02-03T20:13:52',
      },
    });
    for (const httpMethod of ['DELETE', 'PUT']) {
      expect(await curl('reset_nm_statistics', httpMethod, { scope: 'global', domain_id: 'platform' })).toEqual({ status: 202, body: null });
    }
  });

  test('a policy from its making to its end', async () => {
    const ten = { domain_id: 'platform', policy_id: 10 };
    const example = { ...ten, enable: true, policy_trigger: 'none', action: 'alert', power_domain: 'primary', target_limit: 200, reporting_period: 20_000 };
    expect(await curl('set_nm_policy', 'PUT', example)).toEqual({ status: 202, body: null });
    await untilPolicy('10', /^57 01 00 70 10 00 c8 00 10 27 00 00 00 00 20 4e$/);
    expect(await curl('control_nm_policy', 'PUT', { scope: 'policy', enable: false, policy_id: 10 })).toEqual({ status: 202, body: null });
    await untilPolicy('10', /^57 01 00 60 /);
    expect(await curl('get_nm_policy', 'GET', ten)).toEqual({
      status: 200,
      body: {
        action: 'alert', correction_time: 10_000, cpu_power_correction: 'auto', created_by_nm: true, domain_id: 'platform', enabled: false, global_enabled: true,
        per_domain_enabled: true, policy_trigger: 'none', power_domain: 'primary', power_policy: true, reporting_period: 20_000, storage: 'persistent',
        target_limit: 200, trigger_limit: 0,
      },
    });
    expect(await curl('remove_nm_policy', 'DELETE', ten)).toEqual({ status: 202, body: null });
    await untilPolicy('10', /rsp=0x80/);
    expect(faultOf(await curl('get_nm_policy', 'GET', ten))).toContain('there is no policy with this id');
    expect(await lastError()).toBeNull();
  });

  test('suspend periods', async () => {
    const thirteen = { domain_id: 'platform', policy_id: 13 };
    const periods = [{ start: 20, stop: 100, days: ['monday', 'tuesday'] }, { start: 30, stop: 150, days: ['friday', 'sunday'] }];
    const policy = { ...thirteen, enable: true, policy_trigger: 'none', action: 'alert', power_domain: 'primary', target_limit: 200, reporting_period: 20_000 };
    expect((await curl('set_nm_policy', 'PUT', policy)).status).toBe(202);
    await untilPolicy('13', /^57 01 00 70/);
    const told = (): Promise<CurlAnswer> => curl('get_nm_policy_suspend', 'GET', thirteen);
    const untilTold = (count: number): Promise<unknown> =>
      waitFor(`${count} periods`, async () => (((await told()).body as { readonly periods: readonly unknown[] }).periods.length === count ? count : undefined));
    expect(await curl('set_nm_policy_suspend', 'PUT', { ...thirteen, periods })).toEqual({ status: 202, body: null });
    await untilTold(2);
    expect(await told()).toEqual({ status: 200, body: { ...thirteen, periods } });
    expect(await curl('remove_nm_policy_suspend', 'DELETE', thirteen)).toEqual({ status: 202, body: null });
    await untilTold(0);
    expect(await told()).toEqual({ status: 200, body: { ...thirteen, periods: [] } });
  });
});

test('the baremetal command line calls them too', async () => {
  expect(JSON.parse((await baremetal.succeed('node', 'passthru', 'call', 'capped', 'get_nm_version', '--http-method', 'GET')).replaceAll("'", '"'))).toMatchObject({ nm: '3.0' });
  const args = {
    domain_id: 'platform', policy_id: 11, enable: true, policy_trigger: 'temperature', trigger_limit: 35, action: 'shutdown', power_domain: 'secondary',
    target_limit: 250, correction_time: 1000, reporting_period: 600, storage: 'volatile', cpu_power_correction: 'aggressive',
  };
  const words = Object.entries(args).flatMap(([name, value]) => ['--arg', `${name}=${value}`]);
  await baremetal.succeed('node', 'passthru', 'call', 'capped', 'set_nm_policy', '--http-method', 'PUT', ...words);
  await untilPolicy('11', /^57 01 00 70 d1 81 fa 00 e8 03 00 00 23 00 58 02$/);
});

test('arguments in the query are taken as well', async () => {
  const { status, json } = await conductor.api.request('GET', '/v1/nodes/capped/vendor_passthru/get_nm_capabilities?domain_id=cpu&policy_trigger=boot&power_domain=secondary');
  expect([status, json()]).toMatchObject([200, { domain_id: 'cpu', power_domain: 'secondary' }]);
});

describe('wrong values are refused at once, by the name of the field', () => {
  const policy = { domain_id: 'platform', enable: true, policy_id: 20, policy_trigger: 'none', action: 'alert', power_domain: 'primary', target_limit: 200, reporting_period: 600 };
  test.each<[string, string, JsonObject, string]>([
    ['set_nm_policy', 'PUT', { ...policy, policy_id: 256 }, 'policy_id must be a whole number from 0 to 255, got 256'],
    ['set_nm_policy', 'PUT', { ...policy, domain_id: 'protection' }, 'domain_id must be one of "platform", "cpu", "memory", "io", got "protection"'],
    ['set_nm_policy', 'PUT', { ...policy, policy_trigger: 'temperature' }, 'trigger_limit'],
    ['set_nm_policy', 'PUT', { ...policy, target_limit: { boot_mode: 'power', cores_disabled: 2 } }, 'target_limit must be a number'],
    ['set_nm_policy', 'PUT', { ...policy, policy_trigger: 'boot' }, 'target_limit must be an object'],
    ['set_nm_policy', 'PUT', { ...policy, correction_time: 4_294_967_296 }, 'correction_time must be'],
    ['set_nm_policy', 'PUT', { ...policy, colour: 'red' }, 'colour is not known'],
    ['set_nm_policy_suspend', 'PUT', { domain_id: 'platform', policy_id: 20, periods: [{ start: 1, stop: 2, days: ['someday'] }] }, 'periods.0.days.0 must be one of'],
    ['control_nm_policy', 'PUT', { scope: 'domain', enable: true }, 'domain_id'],
    ['get_nm_statistics', 'GET', { scope: 'policy', domain_id: 'cpu', policy_id: 1, parameter_name: 'airflow' }, 'parameter_name must be one of power, trigger, throttling'],
    ['reset_nm_statistics', 'DELETE', { scope: 'global', domain_id: 'cpu', parameter_name: 'power' }, 'parameter_name must be one of'],
    ['get_nm_capabilities', 'GET', { domain_id: 'platform', policy_trigger: 'none' }, 'power_domain'],
    ['remove_nm_policy', 'DELETE', { domain_id: 'platform' }, 'policy_id'],
  ])('%s by %s: %j', async (method, httpMethod, args, text) => {
    const answer = await curl(method, httpMethod, args);
    expect(answer.status).toBe(400);
    expect(faultOf(answer)).toContain(text);
  });

  test('a method by the wrong HTTP method', async () => {
    expect(await curl('get_nm_version', 'POST')).toMatchObject({ status: 400 });
    expect(await curl('set_nm_policy', 'DELETE', policy)).toMatchObject({ status: 400 });
  });

  test('nothing of it reached the machine', async () => {
    expect(await policyBytes('20')).toContain('rsp=0x80');
    expect(await lastError()).toBeNull();
  });
});

describe('machines without Node Manager say so', () => {
  test('a BMC whose records tell of none', async () => {
    await using bare = await startVirtualDevice({ nodeManager: null });
    await enrol('bare', bare.access);
    const answer = await curl('get_nm_version', 'GET', {}, 'bare');
    expect(answer.status).toBe(400);
    expect(faultOf(answer)).toContain('none of its sensor data records tells of one');
  });

  test('a BMC without any records', async () => {
    await using plain = await startPyghmiBmc();
    await enrol('plain', plain);
    const answer = await curl('get_nm_version', 'GET', {}, 'plain');
    expect(answer.status).toBe(400);
    expect(faultOf(answer)).toContain('No Intel Node Manager behind the BMC');
    // What is done in the background tells its failure in the node.
    expect((await curl('control_nm_policy', 'PUT', { scope: 'global', enable: true }, 'plain')).status).toBe(202);
    const failed = await conductor.api.waitForNode('plain', (node) => node['last_error'] !== null);
    expect(failed['last_error']).toContain('has to be enabled in the firmware');
  });

  test('a BMC that tells of one which does not answer', async () => {
    await using silent = await startIpmiSim({ nodeManager: false });
    await enrol('silent', silent);
    const answer = await curl('get_nm_version', 'GET', {}, 'silent');
    expect(answer.status).toBe(502);
    expect(faultOf(answer)).toContain('tells of an Intel Node Manager, which does not answer');
  });
});
