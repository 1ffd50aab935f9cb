import { randomUUID } from 'node:crypto';
import { FAULTS, INTERFACES, type JsonObject, type NodeInterfaces, PROVISION_STATES, type SealedObject, Secret, type Sealed } from '@ferric/core';
import * as fc from 'fast-check';
import { EMPTY_PORT } from '../../src/resources/port-service.js';
import { type StoredNode, WORK_KINDS } from '../../src/nodes/stored-node.js';
import type { NewNode, NewPort } from '../../src/store/store.js';
import { sampleNode } from '../support/sample-node.js';

/** A node as a caller would create it. */
export function newNode(fields: Partial<NewNode> = {}): NewNode {
  const { id: _id, updatedAt: _updatedAt, ...node } = sampleNode({ uuid: randomUUID(), name: null });
  return { ...node, ...fields };
}

export function newPort(nodeUuid: string, fields: Partial<NewPort> = {}): NewPort {
  const digits = randomUUID().replaceAll('-', '').slice(0, 10);
  return {
    ...EMPTY_PORT,
    uuid: randomUUID(),
    nodeUuid,
    address: `52:${digits.match(/../g)?.join(':')}`,
    createdAt: new Date('2026-11-21T00:00:00Z'),
    ...fields,
  };
}

/** Text that a column can hold: any code points but U+0000. */
export const storableText: fc.Arbitrary<string> = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', ''));
const anyDate = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const awkwardKey = fc.constantFrom('__proto__', 'a/b', 'a~b', '~1', '', '0', 'constructor', '[secret]');
const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), awkwardKey);

// Through JSON once, for which 0 and -0 are the same.
const anyJson = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Sealed);
export const anyJsonObject: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(key, anyJson), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as JsonObject);

/** A document with secrets anywhere in it, and with texts that look like the place of one. */
export const sealedObject: fc.Arbitrary<SealedObject> = fc.letrec<{ object: SealedObject; value: Sealed }>((tie) => ({
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('[secret]', '', 'plain', 7, true, null),
    anyJson.map((value) => new Secret(value as never) as Sealed),
    fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Sealed>,
    tie('object') as fc.Arbitrary<Sealed>,
  ),
})).object;

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const few = (...values: string[]): fc.Arbitrary<string | null> => fc.constantFrom(null, ...values);

/** Nodes whose every field varies; names and instances are unique. */
export const anyNewNode: fc.Arbitrary<NewNode> = fc.record({
  uuid: fc.uuid(),
  name: orNull(fc.uuid().map((text) => `node-${text}`)),
  driver: fc.constantFrom('fake-hardware', 'ipmi', 'staging-amt'),
  driverInfo: sealedObject,
  driverInternalInfo: sealedObject,
  instanceInfo: sealedObject,
  instanceUuid: orNull(fc.uuid()),
  chassisUuid: few('11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'),
  properties: anyJsonObject,
  extra: anyJsonObject,
  networkData: anyJsonObject,
  interfaces: fc.array(storableText, { minLength: INTERFACES.length, maxLength: INTERFACES.length })
    .map((values) => Object.fromEntries(INTERFACES.map((name, index) => [name, values[index]])) as NodeInterfaces),
  resourceClass: few('gold', 'Gold', 'silver'),
  conductorGroup: fc.constantFrom('', 'rack1', 'rack2'),
  owner: few('alice', 'bob'),
  lessee: few('alice', 'carol'),
  description: orNull(fc.oneof(fc.constantFrom('100% Größe', 'under_score', 'back\\slash', 'GRÖSSE'), storableText)),
  shard: few('one', 'two', 'Three', 'Zürich', 'ähnlich'),
  allocationUuid: orNull(fc.uuid()),
  traits: fc.array(storableText, { maxLength: 3 }),
  powerState: fc.constantFrom(null, 'power on', 'power off', 'error'),
  targetPowerState: fc.constantFrom(null, 'power on', 'power off'),
  provisionState: fc.constantFrom(...PROVISION_STATES),
  targetProvisionState: fc.constantFrom(null, ...PROVISION_STATES),
  provisionUpdatedAt: orNull(anyDate),
  lastError: orNull(storableText),
  fault: fc.constantFrom(null, ...FAULTS),
  maintenance: fc.boolean(),
  maintenanceReason: orNull(storableText),
  reservation: few('host-a', 'host-b'),
  automatedClean: orNull(fc.boolean()),
  protected: fc.boolean(),
  protectedReason: orNull(storableText),
  retired: fc.boolean(),
  retiredReason: orNull(storableText),
  consoleEnabled: fc.boolean(),
  bootMode: fc.constantFrom(null, 'bios', 'uefi'),
  secureBoot: orNull(fc.boolean()),
  cleanStep: anyJsonObject,
  deployStep: anyJsonObject,
  raidConfig: anyJsonObject,
  targetRaidConfig: anyJsonObject,
  inspectionStartedAt: orNull(anyDate),
  inspectionFinishedAt: orNull(anyDate),
  createdAt: anyDate,
  work: orNull(
    fc.record({ kind: fc.constantFrom(...WORK_KINDS), key: fc.uuid(), input: anyJsonObject, requestedAt: anyDate, requestedBy: storableText }),
  ),
  powerKnowledge: orNull(
    fc.record({ source: fc.constantFrom('device', 'assumed'), detail: orNull(storableText), at: anyDate, failures: fc.nat() }),
  ),
} satisfies { [Field in keyof NewNode]: fc.Arbitrary<NewNode[Field]> });

/** The same nodes at every run, none with the identity of another. */
export function randomNodes(count: number, seed: number): NewNode[] {
  const nodes = fc.sample(anyNewNode, { numRuns: count, seed });
  const random = new Set<string>();
  const fresh = (text: string | null, index: number): string | null => {
    if (text === null || !random.has(text)) return text === null ? null : (random.add(text), text);
    return text.slice(0, -6) + String(index).padStart(6, '0');
  };
  return nodes.map((node, index) => ({
    ...node,
    uuid: fresh(node.uuid, index) ?? node.uuid,
    name: fresh(node.name, index),
    instanceUuid: fresh(node.instanceUuid, index),
  }));
}

/** The stored form of nodes that were created in this order in an empty store. */
export function storedNodes(nodes: readonly NewNode[]): StoredNode[] {
  return nodes.map((node, index) => ({ ...node, id: index + 1, updatedAt: null }));
}
