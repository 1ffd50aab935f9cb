import { createDeviceMemory, FerricError, optionIssues, type JsonValue, type VendorMethod } from '@ferric/core';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import type { VirtualController } from '@ferric/ipmi-raw-buffer/simulator';
import { beforeEach, describe, expect, test } from 'vitest';
import { bytesOf, notPassedOn } from '../test/scripted-bmc.js';
import { scriptedMachine, type ScriptedMachine } from '../test/scripted-machine.js';
import { createNmVendorMethods } from './nm-vendor-methods.js';
import { createVirtualNodeManager, discoveryRecord, type VirtualNodeManager } from './simulator/virtual-node-manager.js';

const NOW = new Date('2016-02-03T20:13:52Z');
const VERSION = { firmware: '1.2', ipmi: '3.0', nm: '3.0', patch: '7' };

let nodeManager: VirtualNodeManager;
let machine: ScriptedMachine;
let methods: Readonly<Record<string, VendorMethod>>;

beforeEach(() => {
  nodeManager = createVirtualNodeManager({ clock: createFakeClock(NOW) });
  machine = scriptedMachine({ controllers: { [nodeManager.slaveAddress]: nodeManager }, records: [discoveryRecord(nodeManager)] });
  methods = createNmVendorMethods(machine);
});

function methodOf(name: string): VendorMethod {
  return methods[name] ?? expect.fail(`there is no ${name}`);
}

/** Puts another controller in place of the Node Manager, which answers all but Get Version with these bytes. */
function answerAlways(text: string): void {
  const handle: VirtualController['handle'] = ({ command }) => ({ completionCode: 0, data: bytesOf(command === 0xca ? '570100 0503070102' : text) });
  machine.controllers = { 0x2c: { channel: 0, handle } };
}

/** As a conductor calls a method: its arguments are checked first. */
async function call(name: string, args: unknown = {}): Promise<JsonValue> {
  const method = methodOf(name);
  return (await method.call(method.arguments.parse(args), {})) as JsonValue;
}

const fields = async (name: string, args: unknown): Promise<readonly string[]> =>
  call(name, args).then(
    () => expect.fail('it was accepted'),
    (error: unknown) => optionIssues(error).map((issue) => issue.field),
  );

const PLATFORM_11 = { domain_id: 'platform', policy_id: 11 };
const SET_EXAMPLE = {
  domain_id: 'platform', enable: true, policy_id: 10, policy_trigger: 'none', action: 'alert', power_domain: 'primary', target_limit: 200, reporting_period: 20_000,
};

describe('what clients see', () => {
  test('eleven methods with their HTTP methods; what reads answers at once and beside other work', () => {
    const facts = Object.entries(methods).map(([name, { httpMethods, async, requireExclusiveLock, attach }]) => [name, httpMethods.join(), async, requireExclusiveLock, attach]);
    expect(facts).toEqual([
      ['get_nm_version', 'GET', false, false, false],
      ['get_nm_capabilities', 'GET', false, false, false],
      ['control_nm_policy', 'PUT', true, true, false],
      ['set_nm_policy', 'PUT', true, true, false],
      ['get_nm_policy', 'GET', false, false, false],
      ['remove_nm_policy', 'DELETE', true, true, false],
      ['set_nm_policy_suspend', 'PUT', true, true, false],
      ['get_nm_policy_suspend', 'GET', false, false, false],
      ['remove_nm_policy_suspend', 'DELETE', true, true, false],
      ['get_nm_statistics', 'GET', false, false, false],
      ['reset_nm_statistics', 'DELETE,PUT', true, true, false],
    ]);
  });

  test('the schemas are closed, name fields as in JSON, and tell defaults', () => {
    const schema = methodOf('set_nm_policy').arguments.jsonSchema as Record<string, Record<string, Record<string, unknown>>>;
    expect(schema['additionalProperties']).toBe(false);
    expect(Object.keys(schema['properties'] ?? {})).toEqual([
      'domain_id', 'policy_id', 'enable', 'policy_trigger', 'action', 'power_domain', 'target_limit', 'correction_time', 'trigger_limit', 'reporting_period',
      'cpu_power_correction', 'storage',
    ]);
    expect(schema['properties']?.['correction_time']).toMatchObject({ type: 'integer', minimum: 0, maximum: 4_294_967_295, default: 10_000 });
    expect(schema['properties']?.['domain_id']).toMatchObject({ enum: ['platform', 'cpu', 'memory', 'io'] });
    expect(schema['properties']?.['target_limit']).toMatchObject({
      anyOf: [
        { type: 'integer', minimum: 0, maximum: 65_535 },
        { type: 'object', required: ['boot_mode', 'cores_disabled'], additionalProperties: false },
      ],
    });
    expect(schema['required']).toEqual(['domain_id', 'policy_id', 'enable', 'policy_trigger', 'action', 'power_domain', 'target_limit', 'reporting_period']);
  });
});

describe("the document's examples", () => {
  test('get_nm_version', async () => {
    expect(await call('get_nm_version')).toEqual(VERSION);
  });

  test('get_nm_capabilities', async () => {
    expect(await call('get_nm_capabilities', { domain_id: 'platform', policy_trigger: 'none', power_domain: 'primary' })).toEqual({
      domain_id: 'platform', max_correction_time: 100_000, max_limit_value: 4096, max_policies: 16, max_reporting_period: 32_768, min_correction_time: 10,
      min_limit_value: 100, min_reporting_period: 100, power_domain: 'primary',
    });
  });

  test('control_nm_policy, which names no domain', async () => {
    await call('set_nm_policy', SET_EXAMPLE);
    expect(await call('control_nm_policy', { scope: 'policy', enable: false, policy_id: 10 })).toBeNull();
    expect(nodeManager.policies).toMatchObject([{ domain: 0, id: 10, enabled: false }]);
  });

  test('set_nm_policy, which names no correction time', async () => {
    expect(await call('set_nm_policy', SET_EXAMPLE)).toBeNull();
    expect(await call('get_nm_policy', { domain_id: 'platform', policy_id: 10 })).toMatchObject({ target_limit: 200, reporting_period: 20_000, correction_time: 10_000 });
  });

  test('get_nm_policy', async () => {
    await call('set_nm_policy', { ...SET_EXAMPLE, ...PLATFORM_11, target_limit: 250, correction_time: 10_000 });
    expect(await call('get_nm_policy', PLATFORM_11)).toEqual({
      action: 'alert', correction_time: 10_000, cpu_power_correction: 'auto', created_by_nm: true, domain_id: 'platform', enabled: true, global_enabled: true,
      per_domain_enabled: true, policy_trigger: 'none', power_domain: 'primary', power_policy: true, reporting_period: 20_000, storage: 'persistent',
      target_limit: 250, trigger_limit: 0,
    });
  });

  test('remove_nm_policy', async () => {
    await call('set_nm_policy', { ...SET_EXAMPLE, ...PLATFORM_11 });
    expect(await call('remove_nm_policy', PLATFORM_11)).toBeNull();
    await expect(call('get_nm_policy', PLATFORM_11)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(call('remove_nm_policy', PLATFORM_11)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('suspend periods: set, get and remove', async () => {
    const policy = { domain_id: 'platform', policy_id: 13 };
    await call('set_nm_policy', { ...SET_EXAMPLE, ...policy });
    const periods = [{ start: 20, stop: 100, days: ['monday', 'tuesday'] }, { start: 30, stop: 150, days: ['friday', 'sunday'] }];
    expect(await call('set_nm_policy_suspend', { ...policy, periods })).toBeNull();
    expect(await call('get_nm_policy_suspend', policy)).toEqual({ ...policy, periods });
    expect(await call('set_nm_policy_suspend', { ...policy, periods: [{ start: 10, stop: 60, days: ['monday', 'tuesday'] }] })).toBeNull();
    expect(await call('get_nm_policy_suspend', policy)).toEqual({ ...policy, periods: [{ start: 10, stop: 60, days: ['monday', 'tuesday'] }] });
    expect(await call('remove_nm_policy_suspend', policy)).toBeNull();
    expect(await call('get_nm_policy_suspend', policy)).toEqual({ ...policy, periods: [] });
  });

  test('get_nm_statistics', async () => {
    await call('set_nm_policy', SET_EXAMPLE);
    expect(await call('get_nm_statistics', { scope: 'global', domain_id: 'platform', parameter_name: 'power' })).toEqual({
      activation_state: true, administrative_enabled: true, average_value: 200, current_value: 202, domain_id: 'platform', maximum_value: 240,
      measurement_state: true, minimum_value: 150, operational_state: true, reporting_period: 2125, timestamp: '2016-02-03T20:13:52',
    });
  });

  test('reset_nm_statistics', async () => {
    expect(await call('reset_nm_statistics', { scope: 'global', domain_id: 'platform' })).toBeNull();
    expect(await call('get_nm_statistics', { scope: 'global', domain_id: 'platform', parameter_name: 'power' })).toMatchObject({
      current_value: 202, minimum_value: 202, maximum_value: 202, average_value: 202, reporting_period: 0,
    });
    expect(await call('get_nm_statistics', { scope: 'global', domain_id: 'cpu', parameter_name: 'power' })).toMatchObject({ minimum_value: 150, reporting_period: 2125 });
  });

  test('a policy of a real Node Manager with the flag and the limit that the document shows', async () => {
    answerAlways('570100 70 00 00 fa00 10270000 2c01 204e');
    expect(await call('get_nm_policy', PLATFORM_11)).toEqual({
      action: 'alert', correction_time: 10_000, cpu_power_correction: 'auto', created_by_nm: true, domain_id: 'platform', enabled: true, global_enabled: true,
      per_domain_enabled: true, policy_trigger: 'none', power_domain: 'primary', power_policy: false, reporting_period: 20_000, storage: 'persistent',
      target_limit: 250, trigger_limit: 300,
    });
  });
});

describe('what ironic-staging-drivers got wrong', () => {
  const policy = { ...SET_EXAMPLE, correction_time: 1000 };

  test('1: a disabled policy keeps its domain', async () => {
    await call('set_nm_policy', { ...policy, domain_id: 'memory', enable: false });
    expect(nodeManager.policies).toMatchObject([{ domain: 2, id: 10, enabled: false }]);
  });

  test.each(['temperature', 'power', 'reset'])('2: trigger %s without its limit is refused at once', async (policy_trigger) => {
    expect(await fields('set_nm_policy', { ...policy, policy_trigger })).toEqual(['trigger_limit']);
  });

  test('3: boot limits belong to boot policies', async () => {
    expect(await fields('set_nm_policy', { ...policy, target_limit: { boot_mode: 'power', cores_disabled: 2 } })).toEqual(['target_limit']);
    await call('set_nm_policy', { ...policy, policy_trigger: 'boot', target_limit: { boot_mode: 'power', cores_disabled: 2 } });
    expect(await call('get_nm_policy', { domain_id: 'platform', policy_id: 10 })).toMatchObject({ target_limit: { boot_mode: 'power', cores_disabled: 2 }, correction_time: 0 });
  });

  test('4: a parameter that does not fit is told by its name', async () => {
    const error = await call('get_nm_statistics', { scope: 'policy', ...PLATFORM_11, parameter_name: 'airflow' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: 'Arguments of get_nm_statistics: parameter_name must be one of power, trigger, throttling with the scope "policy", got "airflow"',
    });
  });

  test('5: a correction time above 32 bits is refused', async () => {
    expect(await fields('set_nm_policy', { ...policy, correction_time: 4_294_967_296 })).toEqual(['correction_time']);
  });

  test('6: the record is parsed, not searched for as text', async () => {
    machine.records = [bytesOf('0100 51 C0 0C 57 01 00 05 70 10 00 D0 12 C0 01 81'), bytesOf('0300 51 12 10 20 00 00 00 00 00 00 00 00 00 c5 57 01 00 0d 01')];
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(machine.seen).toEqual(['records']);
  });

  test('7: suspend periods are told with the policy they belong to', async () => {
    await call('set_nm_policy', policy);
    expect(await call('get_nm_policy_suspend', { domain_id: 'platform', policy_id: 10 })).toEqual({ domain_id: 'platform', policy_id: 10, periods: [] });
  });

  test('8: a machine without Node Manager is asked again the next time', async () => {
    const records = machine.records;
    machine.records = [];
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('enabled in the firmware') as unknown });
    machine.records = records;
    expect(await call('get_nm_version')).toEqual(VERSION);
  });

  test('9: what the device is given is not written to', async () => {
    const memory = createDeviceMemory();
    methods = createNmVendorMethods(scriptedMachine({ controllers: machine.controllers, records: machine.records, memory, bridge: Object.freeze([]) }));
    await call('get_nm_version');
    expect(memory.get('node_manager')).toEqual({ bmc: '192.0.2.10:623', slave_address: 0x2c, channel: 0, lun: 0 });
  });

  test('10: a short answer is PROTOCOL_FAULT', async () => {
    answerAlways('570100 02 14');
    await expect(call('get_nm_policy_suspend', PLATFORM_11)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: '192.0.2.10:623' } });
  });
});

describe('arguments as clients send them', () => {
  test('numbers and truth values may be text', async () => {
    await call('set_nm_policy', { ...SET_EXAMPLE, policy_id: '10', target_limit: '200', enable: 'true', reporting_period: '20000' });
    expect(await call('get_nm_policy', { domain_id: 'platform', policy_id: '10' })).toMatchObject({ target_limit: 200, enabled: true });
  });

  test.each<[string, unknown, readonly string[]]>([
    ['get_nm_policy', {}, ['domain_id', 'policy_id']],
    ['get_nm_policy', { ...PLATFORM_11, policyId: 3 }, ['policyId']],
    ['get_nm_policy', { domain_id: 'protection', policy_id: 3 }, ['domain_id']],
    ['get_nm_version', { verbose: true }, ['verbose']],
    ['get_nm_capabilities', { domain_id: 'platform' }, ['policy_trigger', 'power_domain']],
    ['control_nm_policy', { scope: 'domain', enable: true }, ['domain_id']],
    ['control_nm_policy', { scope: 'policy', enable: true }, ['policy_id']],
    ['control_nm_policy', { scope: 'all' }, ['scope', 'enable']],
    ['set_nm_policy', { ...SET_EXAMPLE, policy_trigger: 'boot' }, ['target_limit']],
    ['set_nm_policy', { ...SET_EXAMPLE, target_limit: { boot_mode: 'fast', cores_disabled: 1 } }, ['target_limit.boot_mode']],
    ['set_nm_policy', { ...SET_EXAMPLE, target_limit: { boot_mode: 'power' } }, ['target_limit.cores_disabled']],
    ['set_nm_policy', { ...SET_EXAMPLE, target_limit: 12.5 }, ['target_limit']],
    ['set_nm_policy', { ...SET_EXAMPLE, target_limit: [] }, ['target_limit']],
    ['set_nm_policy', { ...SET_EXAMPLE, target_limit: null }, ['target_limit']],
    ['set_nm_policy_suspend', { ...PLATFORM_11, periods: [{ start: 1, stop: 2, days: ['someday'] }] }, ['periods.0.days.0']],
    ['reset_nm_statistics', { scope: 'global', domain_id: 'platform', parameter_name: 'power' }, ['parameter_name']],
  ])('%s refuses %j', async (name, args, expected) => {
    expect(await fields(name, args)).toEqual(expected);
    expect(machine.seen).toEqual([]);
  });

  test('the refusal says what is accepted and what came', () => {
    expect(() => methodOf('set_nm_policy').arguments.parse({ ...SET_EXAMPLE, policy_id: 300, action: 'explode' })).toThrow(
      'Arguments of set_nm_policy: policy_id must be a whole number from 0 to 255, got 300; action must be one of "alert", "shutdown", got "explode"',
    );
  });
});

describe('where the Node Manager is', () => {
  test('is looked for once, and kept', async () => {
    await call('get_nm_version');
    await call('get_nm_version');
    const version = '0:2c 2eca570100';
    expect(machine.seen).toEqual(['records', version, version, version]);
  });

  test('is remembered by the memory of the machine', async () => {
    await call('get_nm_version');
    const later = scriptedMachine({ controllers: machine.controllers, records: [], memory: machine.memory });
    methods = createNmVendorMethods(later);
    expect(await call('get_nm_version')).toEqual(VERSION);
    expect(later.seen).toEqual(['0:2c 2eca570100']);
  });

  test.each<[string, JsonValue]>([
    ['of another BMC', { bmc: '192.0.2.99:623', slave_address: 0x88, channel: 0, lun: 0 }],
    ['that is no location', { bmc: '192.0.2.10:623', slave_address: '0x2c', channel: 0, lun: 0 }],
    ['of another form', 'false'],
  ])('a memory %s is not believed', async (_name, kept) => {
    machine.memory.set('node_manager', kept);
    expect(await call('get_nm_version')).toEqual(VERSION);
    expect(machine.seen[0]).toBe('records');
  });

  test.each([['is elsewhere now', true], ['answers as something else', false]])('is looked for again when it %s, and the request is sent there', async (_name, gone) => {
    await call('set_nm_policy', SET_EXAMPLE);
    const moved = createVirtualNodeManager({ slaveAddress: 0x88, channel: 6 });
    const other = { channel: 0, handle: () => ({ completionCode: 0xc1, data: new Uint8Array(0) }) };
    machine.controllers = gone ? { 0x88: moved } : { 0x2c: other, 0x88: moved };
    machine.records = [discoveryRecord(moved)];
    await call('set_nm_policy', SET_EXAMPLE);
    expect(moved.policies).toMatchObject([{ id: 10 }]);
    expect(machine.memory.get('node_manager')).toMatchObject({ slave_address: 0x88, channel: 6 });
  });

  test('is looked for again when somebody else says yes in its place; a reading is sent there, a change is not, for it may have been carried out', async () => {
    const moved = createVirtualNodeManager({ slaveAddress: 0x88, channel: 6 });
    const foreign = { channel: 0, handle: () => ({ completionCode: 0, data: bytesOf('430100') }) };
    await call('get_nm_version');
    machine.controllers = { 0x2c: foreign, 0x88: moved };
    machine.records = [discoveryRecord(moved)];
    await expect(call('set_nm_policy', SET_EXAMPLE)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(machine.memory.get('node_manager')).toBeUndefined();
    expect(moved.policies).toEqual([]);
    machine.memory.set('node_manager', { bmc: machine.address, slave_address: 0x2c, channel: 0, lun: 0 });
    expect(await call('get_nm_version')).toMatchObject({ nm: '3.0' });
    expect(machine.memory.get('node_manager')).toMatchObject({ slave_address: 0x88, channel: 6 });
  });

  test('an answer of Node Manager that makes no sense says nothing against its place', async () => {
    await call('get_nm_version');
    answerAlways('570100 00');
    await expect(call('get_nm_policy', PLATFORM_11)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(machine.memory.get('node_manager')).toMatchObject({ slave_address: 0x2c });
  });

  test('a machine whose Node Manager went away says so', async () => {
    await call('get_nm_version');
    machine.controllers = {};
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('does not answer') as unknown });
    machine.records = [];
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(machine.memory.get('node_manager')).toBeUndefined();
  });

  test('is looked for the next time when no answer came; the request is not repeated, for it may have been carried out', async () => {
    await call('get_nm_version');
    machine.failure = new FerricError('TIMEOUT', 'no answer');
    await expect(call('set_nm_policy', SET_EXAMPLE)).rejects.toMatchObject({ code: 'TIMEOUT' });
    machine.failure = notPassedOn(0xc3);
    await call('get_nm_version').catch(() => undefined);
    expect(machine.seen.filter((each) => each.startsWith('0:2c 2ec1'))).toHaveLength(1);
    await call('get_nm_version');
    expect(machine.seen.filter((each) => each === 'records')).toHaveLength(3);
  });

  test('a refusal of the Node Manager itself says nothing against its place', async () => {
    await call('get_nm_version');
    await expect(call('get_nm_policy', PLATFORM_11)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    machine.failure = new FerricError('UNREACHABLE', 'the BMC is away');
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await call('get_nm_version');
    expect(machine.seen.filter((each) => each === 'records')).toHaveLength(1);
  });

  test('two controllers in between are one too many', async () => {
    const far = scriptedMachine({ bridge: [{ channel: 0, address: 0x82 }, { channel: 7, address: 0x72 }] });
    methods = createNmVendorMethods(far);
    await expect(call('get_nm_version')).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('ipmi_bridging') as unknown });
    expect(far.seen).toEqual([]);
  });
});

test('a clock that was never set is told as 1970, and the log says so', async () => {
  const logger = createRecordingLogger();
  const unset = createVirtualNodeManager({ clockIsSet: false });
  methods = createNmVendorMethods(scriptedMachine({ controllers: { 0x2c: unset }, records: [discoveryRecord(unset)], logger }));
  expect(await call('get_nm_statistics', { scope: 'global', domain_id: 'platform', parameter_name: 'power' })).toMatchObject({ timestamp: '1970-01-01T00:00:00' });
  expect(logger.lines.filter((line) => line.level === 'warn')).toMatchObject([{ fields: { address: '192.0.2.10:623' } }]);
});
