import { assert, array, constantFrom, integer, property, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../test/support/sample-node.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { EMPTY_ALLOCATION, type Allocation } from '../resources/allocation.js';
import { isSuitable, orderOfTrial, UNFULFILLED } from './picking.js';

const wish = (fields: Partial<Allocation> = {}): Allocation => ({
  ...EMPTY_ALLOCATION, uuid: 'd66fbd53-cbe1-4ace-935f-01f6737e0abf', resourceClass: 'large', createdAt: new Date(0), updatedAt: null, ...fields,
});
const free = (fields: Partial<StoredNode> = {}): StoredNode =>
  sampleNode({ provisionState: 'available', powerState: 'power off', resourceClass: 'large', traits: ['CUSTOM_A', 'CUSTOM_B'], ...fields });

describe('a node is suitable', () => {
  test.each([
    ['that has everything', {}, {}, true],
    ['that can do more than is asked', {}, { traits: ['CUSTOM_B'] }, true],
    ['that cannot do all', {}, { traits: ['CUSTOM_A', 'CUSTOM_C'] }, false],
    ['that is not available', { provisionState: 'manageable' }, {}, false],
    ['in maintenance', { maintenance: true }, {}, false],
    ['with an instance', { instanceUuid: 'd66fbd53-cbe1-4ace-935f-01f6737e0abf' }, {}, false],
    ['of another allocation', { allocationUuid: 'd66fbd53-cbe1-4ace-935f-01f6737e0abf' }, {}, false],
    ['whose power is not known', { powerState: null }, {}, false],
    ['of another class', { resourceClass: 'small' }, {}, false],
    ['without a class', { resourceClass: null }, {}, false],
    ['that is among the candidates', {}, { candidateNodes: ['x', '8935bb8e-4228-4b3f-836a-5c88decd22b0'] }, true],
    ['that is not', {}, { candidateNodes: ['x'] }, false],
    ['of anybody when nobody says whose', { owner: 'a' }, {}, true],
    ['of the owner', { owner: 'a' }, { owner: 'a' }, true],
    ['lent to the owner', { owner: 'b', lessee: 'a' }, { owner: 'a' }, true],
    ['of somebody else', { owner: 'b' }, { owner: 'a' }, false],
    ['of nobody when it must be somebody\'s', {}, { owner: 'a' }, false],
  ] as const)('%s', (_case, node, wanted, suitable) => {
    expect(isSuitable(free(node as Partial<StoredNode>), wish(wanted as Partial<Allocation>))).toBe(suitable);
  });
});

describe('the order in which candidates are tried', () => {
  const candidates = uniqueArray(integer({ min: 0, max: 40 }), { maxLength: 20 }).map((numbers) =>
    numbers.map((number) => ({ uuid: `uuid-${number}`, name: `node-${number}`, traits: [] })),
  );
  /** Draws as a test wants them, brought below the limit. */
  const drawing = (draws: readonly number[]): ((limit: number) => number) => {
    let drawn = 0;
    return (limit) => (draws[drawn++ % draws.length] ?? 0) % limit;
  };
  const draws = array(integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });

  test('has each once, and the namesake first', () => {
    assert(
      property(candidates, draws, constantFrom(null, 'node-3', 'node-7'), (given, numbers, name) => {
        const order = orderOfTrial(given, name, drawing(numbers));
        expect(order.map(({ uuid }) => uuid).toSorted()).toEqual(given.map(({ uuid }) => uuid).toSorted());
        if (given.some((candidate) => candidate.name === name)) expect(order[0]?.name).toBe(name);
      }),
    );
  });

  test('is any order: every candidate can be first', () => {
    const three = ['a', 'b', 'c'].map((uuid) => ({ uuid, name: null, traits: [] }));
    const orders = [0, 1, 2].flatMap((first) => [0, 1].map((second) => orderOfTrial(three, null, drawing([first, second, 0])).map(({ uuid }) => uuid).join('')));
    expect(orders.toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});

test('the reason tells whether candidates were named', () => {
  expect(UNFULFILLED.noNode(wish())).toBe('no available nodes match the resource class large');
  expect(UNFULFILLED.noNode(wish({ candidateNodes: ['x'] }))).toBe('none of the requested nodes are available and match the resource class large');
});
