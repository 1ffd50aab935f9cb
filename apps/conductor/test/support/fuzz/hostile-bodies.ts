import { array, constantFrom, dictionary, integer, oneof, record, tuple, uniqueArray, type Arbitrary, type WeightedArbitrary } from 'fast-check';
import type { AnyEndpoint } from '../../../src/api/http/endpoint.js';
import { hostileText, hostileValue, rawBody } from './hostile-values.js';

/** What the requests are made of: records that are there, and names that mean something. */
export interface Surroundings {
  /** Identifiers of records by the part of the path before them: `nodes`, `ports`. */
  readonly records: ReadonlyMap<string, readonly string[]>;
  /** Records that may be deleted, in the same form. */
  readonly expendable: ReadonlyMap<string, readonly string[]>;
  /** What a creation needs, by the path of the list without its root: `/nodes`. */
  readonly required: ReadonlyMap<string, () => Readonly<Record<string, unknown>>>;
  /** Names of the fields of every resource. */
  readonly fieldNames: readonly string[];
}

/** One choice among others, taken as often as its weight says. */
export const often = <T>(weight: number, arbitrary: Arbitrary<T>): WeightedArbitrary<T> => ({ weight, arbitrary });

const TARGETS = [
  'power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting', 'manage', 'provide', 'active', 'deleted', 'rebuild', 'clean', 'inspect', 'abort', 'adopt', 'rescue', 'unrescue',
] as const;

/** Values that mean something to the member of that name. */
const MEANT: Readonly<Record<string, readonly unknown[]>> = {
  target: TARGETS,
  boot_device: ['pxe', 'disk'],
  callback_url: ['https://192.0.2.10:9999', 'http://192.0.2.10:9999'],
  driver: ['fake-hardware'],
  addresses: ['52:54:00:aa:00:02', '52:54:00:aa:00:02,52:54:00:aa:00:09'],
  limit: [1, 2, 1000],
  sort_dir: ['asc', 'desc'],
  traits: [['CUSTOM_A'], []],
  id: ['vif-1'],
  clean_steps: [[{ interface: 'vendor', step: 'log_passthrough' }], [{ interface: 'deploy', step: 'x', args: { a: 1 } }]],
  events: [
    [{ event: 'network.bind_port', port_id: '00000000-0000-4000-8000-000000000001', mac_address: '52:54:00:aa:00:01', status: 'ACTIVE' }],
    [{ event: 'network.delete_port' }],
  ],
};

type Schema = Readonly<Record<string, unknown>>;

/** Values of each type of JSON Schema. */
const OF_TYPE: Readonly<Record<string, Arbitrary<unknown>>> = {
  boolean: constantFrom<unknown>(true, false, 'yes', 'off'),
  integer: integer({ min: -1, max: 100 }),
  object: dictionary(oneof(constantFrom('a', 'password', 'capabilities', 'links'), hostileText), hostileValue, { maxKeys: 3 }),
  array: array(hostileValue, { maxLength: 3 }),
};

/** A value near to what a schema wants, or far from it. */
export function valueOf(schema: Schema, { records }: Surroundings, name = ''): Arbitrary<unknown> {
  const meant = MEANT[name];
  if (meant !== undefined) return oneof(often(4, constantFrom(...meant)), often(1, hostileValue));
  const choices = (schema['enum'] ?? []) as readonly unknown[];
  const types = [schema['type']].flat().map(String);
  const texts = ['a', 'fake', 'fake-hardware', '52:54:00:aa:00:01', ...TARGETS, ...[...records.values()].flat()];
  const fitting = [
    ...(choices.length > 0 ? [constantFrom(...choices)] : []),
    ...(types.includes('string') ? [constantFrom<unknown>(...texts)] : []),
    ...types.flatMap((type) => OF_TYPE[type] ?? []),
  ];
  return oneof(...fitting, hostileValue);
}

const operationName = oneof(often(8, constantFrom('add', 'replace', 'remove')), often(1, constantFrom('move', 'copy', 'test')), often(1, hostileText));

/** Patches: of documents as they are, of any field, and of nothing that is one. */
function patchOf(surroundings: Surroundings): Arbitrary<unknown> {
  const step = oneof(constantFrom('a', 'list', '0', '-', '1', 'push', 'length', '__proto__', 'constructor', 'a~1b', 'password'), hostileText);
  const fieldPath = tuple(constantFrom(...surroundings.fieldNames), array(step, { maxLength: 2 })).map(([root, rest]) => `/${[root, ...rest].join('/')}`);
  const value = valueOf({ type: ['string', 'boolean', 'object', 'array', 'integer'] }, surroundings);
  const operation = record({ op: operationName, path: oneof(often(8, fieldPath), often(1, hostileText)), value }, { requiredKeys: ['op', 'path'] });

  const key = oneof(constantFrom('a', 'list', 'password', 'constructor', 'toString', '0'), integer().map(String));
  const documentPath = tuple(constantFrom('extra', 'extra', 'properties', 'driver_info', 'instance_info'), key).map(([root, name]) => `/${root}/${name}`);
  const fitting = record({ op: constantFrom('add', 'replace', 'add', 'remove'), path: documentPath, value: hostileValue });

  const malformed = record({ op: hostileValue, path: hostileValue, value: hostileValue, from: hostileValue, extra: hostileValue }, { requiredKeys: [] });
  return oneof(
    often(4, array(fitting, { maxLength: 2 })),
    often(8, array(operation, { maxLength: 2 })),
    often(1, array(malformed, { maxLength: 2 })),
    often(1, hostileValue),
  );
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Objects with the members that the endpoint knows: some right, some wrong, some of no one. */
function documentOf({ body, method, path }: AnyEndpoint, surroundings: Surroundings): Arbitrary<unknown> {
  const { properties = {}, required = [] } = (body?.schema ?? {}) as ObjectSchema;
  const members = Object.entries(properties).map(([name, member]) => [name, valueOf(member, surroundings, name)] as const);
  const needed = members.filter(([name]) => required.includes(name));
  const member = constantFrom(...(members.length > 0 ? members : [['bar', hostileValue] as const]));
  const few = uniqueArray(member, { maxLength: 2, selector: ([name]) => name }).chain((some) => record(Object.fromEntries([...needed, ...some])));
  const all = record(Object.fromEntries(members), { requiredKeys: needed.map(([name]) => name) });
  const wild = dictionary(oneof(constantFrom(...members.map(([name]) => name), ...surroundings.fieldNames), hostileText), hostileValue, { maxKeys: 4 });
  const whole = method === 'POST' ? surroundings.required.get(path) : undefined;
  const sound = whole === undefined ? few : member.chain(([name, value]) => record({ [name]: value }, { requiredKeys: [] })).map((more) => ({ ...whole(), ...more }));
  return oneof(often(5, sound), often(3, few), often(2, all), often(2, wild), often(1, hostileValue));
}

/** Bodies for an endpoint that takes one: mostly JSON, sometimes nothing of the kind, seldom without end. */
export function bodyOf(endpoint: AnyEndpoint, surroundings: Surroundings): Arbitrary<string | Uint8Array> {
  const json = (endpoint.method === 'PATCH' ? patchOf(surroundings) : documentOf(endpoint, surroundings)).map((value) => JSON.stringify(value) ?? '');
  const huge = constantFrom(`{"a":"${'x'.repeat(300_000)}"}`, `["${'y'.repeat(1_100_000)}"]`, `[${'{},'.repeat(50_000)}{}]`);
  return oneof(often(200, json), often(20, rawBody), often(1, huge));
}
