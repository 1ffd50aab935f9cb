import { randomInt, randomUUID } from 'node:crypto';
import type { Field } from '../../../src/api/table/field.js';

/** Other records that a value may have to name. */
export interface Neighbours {
  readonly node: string;
  /** A conductor without the resource has no such record. */
  readonly chassis?: string | undefined;
  readonly portgroup?: string | undefined;
}

/** A text that no other record has. */
export function uniqueName(): string {
  return `sample-${randomUUID()}`;
}

function randomMac(): string {
  return `52:54:00:${Array.from({ length: 3 }, () => randomInt(256).toString(16).padStart(2, '0')).join(':')}`;
}

/** Fields that not every value of their type fits. */
const BY_NAME: Readonly<Record<string, (neighbours: Neighbours) => unknown>> = {
  address: randomMac,
  boot_index: () => randomInt(1_000_000),
  candidate_nodes: ({ node }) => [node],
  chassis_uuid: ({ chassis }) => chassis ?? randomUUID(),
  conductor_group: () => 'sample',
  connector_id: () => `iqn.2017-07.org.example:${randomUUID()}`,
  driver: () => 'fake-hardware',
  // A smart NIC needs a link that says where it is.
  is_smartnic: () => false,
  mode: () => 'active-backup',
  name: uniqueName,
  node_uuid: ({ node }) => node,
  portgroup_uuid: ({ portgroup }) => portgroup ?? randomUUID(),
  resource_class: () => 'sample',
  steps: () => [{ interface: 'deploy', step: 'sample', args: {}, priority: 10 }],
  traits: () => ['CUSTOM_SAMPLE'],
  type: () => 'iqn',
  volume_id: () => randomUUID(),
  volume_type: () => 'iscsi',
};

const BY_TYPE: Readonly<Record<string, () => unknown>> = {
  boolean: () => true,
  object: () => ({}),
  array: () => [],
  integer: () => 1,
  number: () => 1,
  string: uniqueName,
};

/**
 * A value that the field accepts in a request. `shown` is a record as it is now: an interface keeps the implementation it has.
 * @throws Error for a field whose schema names no known type.
 */
export function sampleValue(table: string, field: Field<never>, neighbours: Neighbours, shown: Readonly<Record<string, unknown>>): unknown {
  if (field.name.endsWith('_interface')) return shown[field.name];
  if (table === 'deploy_templates' && field.name === 'name') return `CUSTOM_${randomUUID().replaceAll('-', '_').toUpperCase()}`;
  const named = BY_NAME[field.name];
  if (named !== undefined) return named(neighbours);
  const schema = field.input?.kind.schema ?? {};
  if (schema['format'] === 'uuid') return randomUUID();
  const types = [schema['type']].flat();
  const known = Object.entries(BY_TYPE).find(([type]) => types.includes(type));
  if (known === undefined) throw new Error(`Write a sample of ${table}.${field.name}: its schema is ${JSON.stringify(schema)}`);
  return known[1]();
}
