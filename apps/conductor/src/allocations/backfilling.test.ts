import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../test/support/sample-node.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { EMPTY_ALLOCATION } from '../resources/allocation.js';
import { checkBackfill, type BackfillWish } from './backfilling.js';

const UUID = 'd66fbd53-cbe1-4ace-935f-01f6737e0abf';
const OTHER = '29a663c4-5e75-46b8-823e-921831432c9a';
const NODE = '8935bb8e-4228-4b3f-836a-5c88decd22b0';
const deployed = (fields: Partial<StoredNode> = {}): StoredNode => sampleNode({ provisionState: 'active', resourceClass: 'large', traits: ['CUSTOM_A'], ...fields });
const wish = (fields: Partial<BackfillWish> = {}): BackfillWish => ({ ...EMPTY_ALLOCATION, uuid: UUID, resourceClass: 'large', ...fields });
const REFUSED = `Failed to process allocation ${UUID}: Cannot backfill an allocation for node ${NODE}: `;

describe('an allocation is written down for a deployed node', () => {
  test.each([
    ['without an instance', {}, {}],
    ['whose instance has its UUID', { instanceUuid: UUID }, {}],
    ['that asks for no class', {}, { resourceClass: null }],
    ['that has the traits', {}, { traits: ['CUSTOM_A'] }],
    ['that is among the candidates', {}, { candidateNodes: [OTHER, NODE] }],
  ])('%s', (_case, node, wanted) => {
    expect(() => checkBackfill(deployed(node), wish(wanted))).not.toThrow();
  });

  test.each([
    ['that is not deployed', { provisionState: 'available' }, {}, 400, `${REFUSED}Node must be in the "active" state, but the current state is "available".`],
    ['of another class', {}, { resourceClass: 'small' }, 400, `${REFUSED}Resource class large does not match the requested resource class small.`],
    ['that cannot do all', {}, { traits: ['CUSTOM_A', 'CUSTOM_B'] }, 400, `${REFUSED}List of traits ['CUSTOM_A'] does not match the requested traits ['CUSTOM_A', 'CUSTOM_B'].`],
    ['that is no candidate', {}, { candidateNodes: [OTHER] }, 400, `${REFUSED}Candidate nodes must be empty or contain the target node, but got ['${OTHER}'].`],
    [
      'for several reasons', { provisionState: 'error', resourceClass: null }, {}, 400,
      `${REFUSED}Node must be in the "active" state, but the current state is "error"; Resource class None does not match the requested resource class large.`,
    ],
    ['with another instance', { instanceUuid: OTHER }, {}, 409, `Node ${NODE} is associated with instance ${OTHER}.`],
  ] as const)('not %s', (_case, node, wanted, status, message) => {
    expect(() => checkBackfill(deployed(node as Partial<StoredNode>), wish(wanted as Partial<BackfillWish>))).toThrow(expect.objectContaining({ status, message }));
  });
});
