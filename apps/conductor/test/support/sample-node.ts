import { INTERFACES, type NodeInterfaces } from '@ferric/core';
import { EMPTY_NODE } from '../../src/nodes/node-creation.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';

/** A node as it is right after enrolment, with the given fields changed. */
export function sampleNode(fields: Partial<StoredNode> = {}): StoredNode {
  return {
    ...EMPTY_NODE,
    id: 1,
    uuid: '8935bb8e-4228-4b3f-836a-5c88decd22b0',
    name: 'sample',
    driver: 'fake-hardware',
    interfaces: Object.fromEntries(INTERFACES.map((name) => [name, 'fake'])) as NodeInterfaces,
    provisionState: 'enroll',
    createdAt: new Date('2026-11-21T00:00:00Z'),
    updatedAt: null,
    ...fields,
  };
}
