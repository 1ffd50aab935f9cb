import { describe, expect, it } from 'vitest';
import { countTask } from '../count-results.mjs';

const passing = { success: true, testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ fullName: 'a works', status: 'passed' }] }] };
const reports = [{ file: '@ferric+core.1.json', report: passing }];

function withTest(status: string): Parameters<typeof countTask>[0] {
  const report = { success: false, testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ fullName: 'a works', status }] }] };
  return { task: 'test', exitCode: 1, reports: [{ file: '@ferric+core.1.json', report }] };
}

describe('the count', () => {
  it('adds up tests of all reports', () => {
    expect(countTask({ task: 'test', exitCode: 0, reports: [...reports, ...reports] })).toEqual({ passed: 2, tests: 2, failures: [] });
  });

  it('takes checks for one each, and not for tests', () => {
    const report = { checks: [{ name: 'lint', passed: true }, { name: 'size', passed: false }] };
    expect(countTask({ task: 'check', exitCode: 1, reports: [{ file: 'checks.json', report }] })).toEqual({
      passed: 1,
      tests: 0,
      failures: ['failed: check size'],
    });
  });

  it('takes a failed test for one failure', () => {
    expect(countTask(withTest('failed'))).toEqual({ passed: 0, tests: 1, failures: ['failed: a works'] });
  });

  it('tells in one line what a test failed with, without the stack', () => {
    const failureMessages = ['AssertionError: expected 1 to be 2\n- 2\n+ 1\n    at file.test.ts:3:1\n    at other.ts:1:1'];
    const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ fullName: 'a works', status: 'failed', failureMessages }] }];
    const { failures } = countTask({ task: 'test', exitCode: 1, reports: [{ file: '@ferric+core.1.json', report: { success: false, testResults } }] });
    expect(failures).toEqual(['failed: a works (AssertionError: expected 1 to be 2 - 2 + 1)']);
  });

  it('takes a skipped test for a failure although the run succeeds', () => {
    expect(countTask({ ...withTest('skipped'), exitCode: 0 }).failures).toContain('skipped: a works');
  });

  it.each([
    ['a file that could not be loaded', [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }], 'failed: a.test.ts'],
    ['an error outside of any test', passing.testResults, 'failed: x.json, outside of any test'],
  ])('takes %s for a failure', (_what, testResults, failure) => {
    const report = { success: false, testResults };
    expect(countTask({ task: 'test', exitCode: 1, reports: [{ file: 'x.json', report }] }).failures).toEqual([failure]);
  });

  it('takes a task that failed without a failed test for a failure', () => {
    expect(countTask({ task: 'test:peers', exitCode: 3, reports })).toEqual({
      passed: 1,
      tests: 1,
      failures: ['failed: npm run test:peers ended with 3'],
    });
  });

  it.each([0, 1])('misses the report of a package when the task ends with %i', (exitCode) => {
    const { failures } = countTask({ task: 'test', exitCode, reports, expected: ['@ferric/core', '@ferric/core-two'] });
    expect(failures).toEqual([expect.stringContaining('@ferric/core-two')]);
  });

  it('misses nothing of a task that broke before any test', () => {
    const { failures } = countTask({ task: 'test', exitCode: 1, reports: [], expected: ['@ferric/core'] });
    expect(failures).toEqual(['failed: npm run test ended with 1']);
  });
});
