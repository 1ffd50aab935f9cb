import { describe, expect, test } from 'vitest';
import { nodeIdentifier, nodeName } from './node-names.js';

const check = (name: unknown, operation: 'create' | 'patch' = 'create', version = 82) => nodeName.check('name', name as string, { subject: 'node', operation, version });

describe('names of nodes', () => {
  test.each(['n', 'rack1~node-7.example_com', 'x'.repeat(255)])('%s is one', (name) => {
    expect(check(name)).toBe(name);
  });

  test.each(['', 'bad name!', 'x'.repeat(256), 'a/b', 'ü', '8935bb8e-4228-4b3f-836a-5c88decd22b0'])('%j is none', (name) => {
    expect(() => check(name)).toThrow(expect.objectContaining({ status: 400, message: `Cannot create node with invalid name '${name}'` }));
    expect(() => check(name, 'patch')).toThrow(expect.objectContaining({ status: 400, message: `Cannot change name to invalid name '${name}'` }));
  });

  test('words of paths are reserved', () => {
    expect(() => check('maintenance')).toThrow(/^The word "maintenance" is reserved and can not be used as a node name\. Reserved words are: .*\bdetail\b/);
  });

  test('are host names before 1.10', () => {
    expect(check('host-1.example', 'create', 9)).toBe('host-1.example');
    expect(() => check('rack1~node', 'create', 9)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('nodeIdentifier', () => {
  test('takes UUIDs in any case, and names from 1.5 on', () => {
    expect(nodeIdentifier('8935BB8E-4228-4B3F-836A-5C88DECD22B0', 1)).toBe('8935bb8e-4228-4b3f-836a-5c88decd22b0');
    expect(nodeIdentifier('fix-1', 5)).toBe('fix-1');
    expect(() => nodeIdentifier('fix-1', 4)).toThrow(expect.objectContaining({ status: 404, message: 'Node fix-1 could not be found.' }));
    expect(() => nodeIdentifier('no name!', 82)).toThrow(expect.objectContaining({ status: 404, message: 'Node no name! could not be found.' }));
  });
});
