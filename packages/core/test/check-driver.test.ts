import { FerricError } from '@ferric/core';
import { checkDriver, CONFORMANCE_RULES, type ConformanceSubject } from '@ferric/core/conformance/check';
import { describe, expect, test } from 'vitest';
import { startLineDevice } from './reference-driver/line-simulator.js';
import { withPool } from './reference-driver/pool.js';
import { lineSubject } from './reference-driver/subject.js';

const statuses = (report: Awaited<ReturnType<typeof checkDriver>>): Record<string, string> => Object.fromEntries(report.rules.map(({ id, status }) => [id, status]));

describe('checkDriver', () => {
  test('checks the rules it is asked for, in the order of the rules', async () => {
    const report = await checkDriver(lineSubject(), { only: ['power-reading', 'contract-number'] });
    expect(report).toMatchObject({ driver: 'reference-line', passed: true });
    expect(report.rules.map(({ id, status }) => [id, status])).toEqual([
      ['contract-number', 'passed'],
      ['power-reading', 'passed'],
    ]);
  });

  test('tells why a rule does not apply', async () => {
    const subject: ConformanceSubject = {
      ...lineSubject(),
      async startVirtualDevice(options) {
        const device = await startLineDevice(options);
        const { wrongDriverInfo: _left, ...rest } = Object.defineProperties({}, Object.getOwnPropertyDescriptors(device)) as typeof device;
        return { ...rest, activity: device.activity, faults: { ...device.faults, supported: new Set() }, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]() };
      },
      plugin: undefined as never,
    };
    const report = await checkDriver(subject, { only: ['plugin-facts', 'wrong-credentials', 'deadline', 'fault-garbage', 'lost-answer', 'wrong-state'] });
    expect(Object.fromEntries(report.rules.map(({ id, reason }) => [id, reason]))).toEqual({
      'plugin-facts': 'the subject names no plugin',
      'wrong-credentials': 'the simulator has no credentials',
      deadline: 'the simulator cannot be silent',
      'fault-garbage': 'the simulator cannot show it',
      'lost-answer': 'no answer of the simulator can be lost',
      'wrong-state': 'the simulator cannot show it',
    });
    expect(report.passed).toBe(true);
  });

  test('a driver that cannot even be made fails every rule with its error', async () => {
    const broken = new FerricError('INTERNAL', 'no driver today');
    const report = await checkDriver({
      ...lineSubject(),
      createDriver() {
        throw broken;
      },
    });
    expect(report).toMatchObject({ driver: 'unknown', passed: false });
    expect(report.rules).toHaveLength(CONFORMANCE_RULES.length);
    expect(report.rules.filter((rule) => rule.status !== 'failed' || rule.error !== broken)).toEqual([]);
  });

  test('an empty driver gets a list of what is missing', async () => {
    const report = await checkDriver(
      {
        capabilities: [],
        startVirtualDevice: startLineDevice,
        createDriver: () => ({
          contract: 1,
          name: 'empty',
          driverInfo: { parse: () => ({}), jsonSchema: { type: 'object', properties: {} }, secretFields: [] },
          open: () => ({
            power: {
              targets: new Set(['power on'] as const),
              read: () => Promise.reject(new Error('not written yet')),
              set: () => Promise.reject(new Error('not written yet')),
            },
            [Symbol.asyncDispose]: async () => undefined,
          }),
          [Symbol.asyncDispose]: async () => undefined,
        }),
      },
      { only: ['contract-number', 'power-reading', 'set-then-read', 'unsupported-target'] },
    );
    expect(statuses(report)).toEqual({ 'contract-number': 'passed', 'power-reading': 'failed', 'set-then-read': 'failed', 'unsupported-target': 'failed' });
    expect(report.rules[1]?.error?.message).toBe('power.read failed although nothing is wrong: Error "not written yet"');
  });

  test('a pool within its number passes every rule that looks at connections, and fails where none is promised', async () => {
    const only = ['nothing-left-open', 'driver-closes-devices', 'dispose-ends-calls', 'abort-leaves-nothing'];
    const promised = await checkDriver(lineSubject({ ...withPool(), subject: { pooledConnections: 1 } }), { only });
    expect(promised.rules.map(({ status, error }) => [status, error?.message])).toEqual(only.map(() => ['passed', undefined]));
    const unsaid = await checkDriver(lineSubject(withPool()), { only: ['nothing-left-open', 'abort-leaves-nothing'] });
    expect(statuses(unsaid)).toEqual({ 'nothing-left-open': 'failed', 'abort-leaves-nothing': 'failed' });
  });

  test('refuses a rule that does not exist', async () => {
    await expect(checkDriver(lineSubject(), { only: ['no-such-rule'] })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
