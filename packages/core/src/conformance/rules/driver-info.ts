import assert from 'node:assert/strict';
import { optionIssues } from '../../errors/invalid-options.js';
import { FerricError } from '../../errors/ferric-error.js';
import { Secret } from '../../secrets/secret.js';
import type { DriverInfoSchema } from '../../schema/object-schema.js';
import { describe, pause } from '../outcome.js';
import type { Rule } from '../rule.js';
import { checkDescriptions, propertiesOf, requiredOf, wrongValues } from '../schema-facts.js';
import { watchNetwork } from '../watch.js';

type DriverInfo = Readonly<Record<string, unknown>>;

export const DRIVER_INFO_RULES: readonly Rule[] = [
  {
    id: 'driver-info-described',
    title: 'Every field of driver_info has a description, and secret ones are marked',
    why: 'Forms and `driver properties` are made of it, and a field that is not marked as secret is shown in clear.',
    async check(context) {
      const { driver } = await context.bench();
      checkDescriptions('A field of driver_info', driver.driverInfo);
      const marked = Object.entries(propertiesOf(driver.driverInfo)).flatMap(([name, property]) => (property['secret'] === true ? [name] : []));
      const listed = [...driver.driverInfo.secretFields].toSorted();
      assert.deepEqual(marked.toSorted(), listed, 'secretFields differ from the fields that the JSON Schema marks as secret');
    },
  },
  {
    id: 'driver-info-parsed',
    title: 'Good driver_info is taken, with fields of others left out and secrets wrapped at once',
    why: "A node's driver_info also holds fields of other interfaces, and a secret that travels as text gets printed.",
    async check(context) {
      const { driver, virtualDevice } = await context.bench();
      const schema = driver.driverInfo;
      const parsed = schema.parse({ ...virtualDevice.driverInfo, deploy_kernel: 'http://192.0.2.1/kernel' }) as Record<string, unknown>;
      assert.ok(!('deploy_kernel' in parsed), 'A field that the driver does not know came through');
      for (const name of schema.secretFields.filter((field) => virtualDevice.driverInfo[field] !== undefined)) {
        assert.ok(Secret.is(parsed[name]), `${name} is secret, but came out as ${typeof parsed[name]}`);
      }
      const again = schema.parse({ ...virtualDevice.driverInfo, ...secretsOf(schema, parsed) }) as Record<string, unknown>;
      for (const name of schema.secretFields) assert.equal(Secret.is(again[name]), Secret.is(parsed[name]), `${name} is not taken when it comes as a Secret`);
    },
  },
  {
    id: 'driver-info-text',
    title: 'Numbers and truth values may come as text',
    why: "Ironic's command line sends every value as text: port 623 arrives as \"623\".",
    async check(context) {
      const { driver, virtualDevice } = await context.bench();
      const schema = driver.driverInfo;
      for (const [name, property] of Object.entries(propertiesOf(schema))) {
        const value = virtualDevice.driverInfo[name] ?? property['default'];
        if (typeof value !== 'number' && typeof value !== 'boolean') continue;
        const parse = (given: unknown): unknown => (schema.parse({ ...virtualDevice.driverInfo, [name]: given }) as Record<string, unknown>)[name];
        try {
          assert.deepEqual(parse(String(value)), parse(value), `${name} = ${JSON.stringify(String(value))} is not the same as ${value}`);
        } catch (error) {
          assert.fail(`${name} = ${JSON.stringify(String(value))} is refused: ${describe(error)}`);
        }
      }
    },
  },
  {
    id: 'driver-info-missing',
    title: 'Every missing field is named at once, before anything is sent',
    why: 'A user who is told one field a time has to try as often as there are fields.',
    async check(context) {
      const { driver, virtualDevice } = await context.bench();
      const schema = driver.driverInfo;
      for (const name of requiredOf(schema)) {
        checkRefused(schema, without(virtualDevice.driverInfo, [name]), [name], `driver_info without ${name}`);
      }
      checkRefused(schema, without(virtualDevice.driverInfo, requiredOf(schema)), requiredOf(schema), 'driver_info without any required field');
    },
  },
  {
    id: 'driver-info-wrong',
    title: 'A value of the wrong type is refused naming the field, what came and what is accepted, but never a secret',
    why: 'What is not refused here fails later at the machine, where nobody sees why.',
    async check(context) {
      const { driver, virtualDevice } = await context.bench();
      const schema = driver.driverInfo;
      const wrong = Object.entries(propertiesOf(schema)).flatMap(([name, property]) => wrongValues(property).slice(0, 1).map((value) => [name, value] as const));
      for (const [name, value] of wrong) {
        checkRefused(schema, { ...virtualDevice.driverInfo, [name]: value }, [name], `${name} = ${JSON.stringify(value)}`);
      }
      const fields = wrong.map(([name]) => name);
      checkRefused(schema, { ...virtualDevice.driverInfo, ...Object.fromEntries(wrong) }, fields, 'driver_info with everything wrong');
    },
  },
  {
    id: 'driver-validate',
    title: 'validate() takes what the machine needs, reaches nothing, and refuses only with INVALID_OPTIONS',
    why: 'It runs whenever somebody looks at a node, also for a thousand nodes whose controllers are away.',
    exempt: (facts) => (facts.validates ? undefined : 'the driver has nothing to validate'),
    async check(context) {
      const { driver, virtualDevice, context: deviceContext } = await context.bench();
      const info = driver.driverInfo.parse(virtualDevice.driverInfo);
      using watch = watchNetwork();
      try {
        driver.validate?.(info, deviceContext);
      } catch (error) {
        assert.fail(`validate() refused what the simulator says is needed: ${describe(error)}`);
      }
      try {
        driver.validate?.(info);
      } catch (error) {
        // A machine without ports may well lack something.
        const fits = FerricError.is(error) && error.code === 'INVALID_OPTIONS';
        assert.ok(fits, `validate() without a context failed with ${describe(error)} instead of INVALID_OPTIONS`);
      }
      await pause(10);
      assert.deepEqual(watch.seen, [], 'validate() reached out of the process');
    },
  },
];

/** Parsing must throw INVALID_OPTIONS that names each of these fields properly. */
function checkRefused(schema: DriverInfoSchema<unknown>, driverInfo: DriverInfo, fields: readonly string[], what: string): void {
  if (fields.length === 0) return;
  let thrown: unknown;
  try {
    schema.parse(driverInfo);
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown !== undefined, `${what} was accepted`);
  assert.ok(FerricError.is(thrown) && thrown.code === 'INVALID_OPTIONS', `${what} failed with ${describe(thrown)} instead of INVALID_OPTIONS`);
  const issues = optionIssues(thrown);
  for (const field of fields) {
    const issue = issues.find((each) => each.field === field || each.field.startsWith(`${field}.`));
    assert.ok(issue !== undefined, `${what}: the error does not name ${field}, it says ${describe(thrown)}`);
    assert.ok(issue.expected.trim() !== '', `${what}: the error does not say what ${field} accepts`);
    if (issue.problem !== 'invalid') continue;
    const secret = schema.secretFields.includes(field);
    assert.ok(secret === (issue.received === undefined), `${what}: the error ${secret ? 'shows' : 'does not show'} what came for ${field}`);
  }
}

function without(driverInfo: DriverInfo, names: readonly string[]): DriverInfo {
  return Object.fromEntries(Object.entries(driverInfo).filter(([name]) => !names.includes(name)));
}

function secretsOf(schema: DriverInfoSchema<unknown>, parsed: Readonly<Record<string, unknown>>): DriverInfo {
  return Object.fromEntries(schema.secretFields.filter((name) => parsed[name] !== undefined).map((name) => [name, parsed[name]]));
}
