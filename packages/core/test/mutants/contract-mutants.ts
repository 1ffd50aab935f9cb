import { type DriverInfoSchema, FerricError, type FerricPlugin, type JsonObject, type ObjectSchema, type PowerTarget, type Secret } from '@ferric/core';
import { linePlugin } from '../reference-driver/line-driver.js';
import { type Mutant, withDevice, withDriver, withPower } from './mutant.js';

type Schema = DriverInfoSchema<unknown>;

/** Changes the JSON Schema of one property of driver_info. */
const withProperty = (name: string, change: (property: JsonObject) => JsonObject): Mutant['mutation'] =>
  withSchema((schema) => {
    const properties = schema.jsonSchema['properties'] as Record<string, JsonObject>;
    return { jsonSchema: { ...schema.jsonSchema, properties: { ...properties, [name]: change(properties[name] ?? {}) } } };
  });

const withSchema = (change: (schema: Schema) => Partial<Schema>): Mutant['mutation'] =>
  withDriver((driver) => ({ driverInfo: { ...driver.driverInfo, ...change(driver.driverInfo) } }));

const withPlugin = (plugin: FerricPlugin): Mutant['mutation'] => ({ subject: { plugin } });

const wrongFirst = (schema: ObjectSchema<unknown>, input: unknown): unknown => {
  const required = (schema.jsonSchema['required'] ?? []) as string[];
  const missing = required.filter((name) => !Object.hasOwn(input as object, name));
  const [first = ''] = missing;
  const rest = { line_address: '127.0.0.1', line_password: 'x', ...(input as object), [first]: undefined };
  return schema.parse(missing.length > 1 ? rest : input);
};

export const CONTRACT_MUTANTS: readonly Mutant[] = [
  {
    name: 'has the wrong contract number', rule: 'contract-number', says: /driver\.contract is 2/,
    mutation: withDriver(() => ({ contract: 2 as 1 })),
  },
  { name: 'has a name that is none', rule: 'contract-number', says: /Line Driver/, mutation: withDriver(() => ({ name: 'Line Driver' })) },
  {
    name: 'is not in its own plugin', rule: 'plugin-facts', says: /brings no driver, but not reference-line/,
    mutation: withPlugin({ ...linePlugin, create: (host) => ({ ...linePlugin.create(host), drivers: [] }) }),
  },
  {
    name: 'is for a hardware type that its plugin does not bring', rule: 'plugin-facts', says: /The simulator is a reference-line, which/,
    mutation: withPlugin({ ...linePlugin, create: (host) => ({ ...linePlugin.create(host), hardwareTypes: [] }) }),
  },
  {
    name: 'connects in open()', rule: 'open-without-io', says: /open\(\) reached out of the process/,
    mutation: {
      device(device) {
        device.power.read().catch(() => undefined);
        return device;
      },
    },
  },
  {
    name: 'asks the machine for what it can do', rule: 'facts-without-io', says: /reached out of the process/,
    mutation: withPower((power) => ({
      get targets() {
        power.read().catch(() => undefined);
        return power.targets;
      },
    })),
  },
  {
    name: 'has a target that nobody knows', rule: 'facts-without-io', says: /power\.targets holds names that the contract does not know/,
    mutation: withPower((power) => ({ targets: new Set([...power.targets, 'hibernate' as PowerTarget]) })),
  },
  {
    name: 'throws "not implemented" from a capability that must be absent', rule: 'capabilities',
    says: /has these capabilities, but they are not promised[^]*sensors/,
    mutation: withDevice(() => ({ sensors: { read: () => Promise.reject(new Error('not implemented')) } })),
  },
  {
    name: 'claims a capability that it lacks', rule: 'capabilities', says: /not promised[^]*secureBoot/,
    mutation: withDevice(() => ({ secureBoot: { read: async () => false, set: async () => undefined } })),
  },
  {
    name: 'lacks a capability that is promised', rule: 'capabilities', says: /promised, but the device does not have them[^]*bootDevice/,
    mutation: { device: ({ bootDevice: _left, ...device }) => device },
  },
  {
    name: 'has a vendor method without a description', rule: 'vendor-methods', says: /read_power of the device has no description/,
    mutation: withDevice((device) => {
      const methods = Object.entries(device.vendor?.methods ?? {}).map(([name, method]) => [name, { ...method, description: '' }] as const);
      return { vendor: { methods: Object.fromEntries(methods) } };
    }),
  },
  {
    name: 'has the same step twice', rule: 'steps', says: /boot_from_disk is there twice/,
    mutation: withDevice((device) => ({ steps: [...(device.steps ?? []), ...(device.steps ?? [])] })),
  },
  {
    name: 'has a step of negative priority', rule: 'steps', says: /has the priority -1/,
    mutation: withDevice((device) => ({ steps: (device.steps ?? []).map((step) => ({ ...step, priority: -1 })) })),
  },
  {
    name: 'leaves a field of driver_info undescribed', rule: 'driver-info-described', says: /has no description[^]*line_port/,
    mutation: withProperty('line_port', ({ description: _left, ...property }) => property),
  },
  {
    name: 'does not mark its password as secret', rule: 'driver-info-described', says: /secretFields differ/,
    mutation: withProperty('line_password', ({ secret: _left, ...property }) => property),
  },
  {
    name: 'hands its password on as text', rule: 'driver-info-parsed', says: /line_password is secret, but came out as string/,
    mutation: withSchema((schema) => ({
      parse(input) {
        const info = schema.parse(input) as Record<string, unknown>;
        return { ...info, line_password: (info['line_password'] as Secret).reveal() };
      },
    })),
  },
  {
    name: 'keeps fields that belong to others', rule: 'driver-info-parsed', says: /A field that the driver does not know came through/,
    mutation: withSchema((schema) => ({ parse: (input) => ({ ...(input as object), ...(schema.parse(input) as object) }) })),
  },
  {
    name: 'takes no number that comes as text', rule: 'driver-info-text', says: /line_port = "\d+" is refused/,
    mutation: withSchema((schema) => ({
      parse(input) {
        const given = input as Record<string, unknown>;
        return schema.parse(typeof given['line_port'] === 'string' ? { ...given, line_port: 'x' } : given);
      },
    })),
  },
  {
    name: 'tells one missing field a time', rule: 'driver-info-missing', says: /without any required field: the error does not name/,
    mutation: withSchema((schema) => ({ parse: (input) => wrongFirst(schema, input) })),
  },
  {
    name: 'accepts driver_info without a password', rule: 'driver-info-missing', says: /driver_info without line_password was accepted/,
    mutation: withSchema((schema) => ({ parse: (input) => schema.parse({ line_password: 'a default password', ...(input as object) }) })),
  },
  {
    name: 'throws any error at bad driver_info', rule: 'driver-info-wrong', says: /failed with TypeError .* instead of INVALID_OPTIONS/,
    mutation: withSchema((schema) => ({
      parse(input) {
        try {
          return schema.parse(input);
        } catch {
          throw new TypeError('bad driver_info');
        }
      },
    })),
  },
  {
    name: 'refuses what its own simulator needs', rule: 'driver-validate', says: /refused what the simulator says is needed: INVALID_OPTIONS/,
    mutation: withDriver(() => ({
      validate() {
        throw new FerricError('INVALID_OPTIONS', 'no');
      },
    })),
  },
  {
    name: 'asks the machine whether its driver_info is right', rule: 'driver-validate', says: /validate\(\) reached out of the process/,
    mutation: withDriver((driver) => ({ validate: (info, context) => void driver.open(info, context).power.read().catch(() => undefined) })),
  },
  {
    name: 'breaks when it is asked about a node without ports', rule: 'driver-validate', says: /failed with TypeError .* instead of INVALID_OPTIONS/,
    mutation: withDriver(() => ({ validate: (_info, context) => void (context as { ports: unknown[] }).ports.length })),
  },
  {
    name: 'accepts an address of any type', rule: 'driver-info-wrong', says: /line_address = .* was accepted/,
    mutation: withSchema((schema) => ({
      parse(input) {
        const given = input as Record<string, unknown>;
        return schema.parse({ ...given, line_address: String(given['line_address']) });
      },
    })),
  },
];

