import { describe, expect, test } from 'vitest';
import { SUITE_MODULES } from '../ironicclient/modules.ts';
import { type ModuleResult, problemsOf, readOutcomes, suiteReport, tableRows } from '../ironicclient/results.ts';
import { formatTable } from '../support/format-table.js';

const module = { name: 'test_one', tests: 2 };
const passed = { id: 'one.A.test_a', outcome: 'passed', text: '' } as const;
const result = (changes: Partial<ModuleResult>): ModuleResult => ({ module, tests: [passed, { ...passed, id: 'one.A.test_b' }], seconds: 1.25, ...changes });

describe('what the suite of the client is held to', () => {
  test('all of its 108 tests', () => {
    expect(SUITE_MODULES.reduce((sum, { tests }) => sum + tests, 0)).toBe(108);
    expect(new Set(SUITE_MODULES.map(({ name }) => name)).size).toBe(14);
  });

  test('reads outcomes between lines of the suite itself', () => {
    const lines = ['WARNING: x', JSON.stringify(passed), '{"id": "x", "outcome": "else"}', ''];
    expect(readOutcomes(lines)).toEqual([passed]);
  });

  test('nothing is wrong when every test passed', () => {
    expect(problemsOf(result({}))).toEqual([]);
    expect(suiteReport([result({})])).toMatchObject({ success: true, testResults: [{ name: 'test_one', status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'passed' }] }] });
  });

  test.each([
    ['a failure', { tests: [passed, { id: 'one.A.test_b', outcome: 'failed', text: 'why' }] }, ['one.A.test_b failed']],
    ['a skipped test', { tests: [passed, { id: 'one.A.test_b', outcome: 'skipped', text: 'no config' }] }, ['one.A.test_b skipped']],
    ['a test that did not run', { tests: [passed] }, ['test_one error']],
    ['a module that broke', { tests: [], broken: 'Python ended with 1' }, ['test_one error', 'test_one error']],
  ] as const)('%s is told and fails the run', (_what, changes, problems) => {
    const broken = result(changes);
    expect(problemsOf(broken).map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(problems);
    expect(suiteReport([broken])).toMatchObject({ success: false, testResults: [{ status: 'failed' }] });
  });

  test('the table counts each outcome', () => {
    const failed = { id: 'x', outcome: 'failed', text: '' } as const;
    expect(formatTable(tableRows([result({ tests: [passed, failed] })])).split('\n')).toEqual([
      'module    passed  failed  error  skipped   time', 'test_one       1       1      0        0  1.3 s', 'all            1       1      0        0  1.3 s',
    ]);
  });
});
