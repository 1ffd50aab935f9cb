// Adds up what the tasks of a CI run reported and prints the sum as the last line: `N passed, N failed`.
// Usage: count-results.mjs <folder> <task>=<exit code>...; reports of a task are in <folder>/<task with : as ->.
// Free of dependencies and fit for Node 20: it tells the truth even when nothing could be installed.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listWorkspaces } from './workspaces.mjs';

/** @typedef {{ fullName: string, status: string, failureMessages?: readonly string[] | null }} TestResult */

/**
 * The parts of a report that are counted: what vitest's JSON reporter writes, or the list that check.ts leaves.
 * @typedef {object} Report
 * @property {boolean} [success]
 * @property {{ name: string, status: string, assertionResults: TestResult[] }[]} [testResults]
 * @property {{ name: string, passed: boolean }[]} [checks]
 */

/**
 * @typedef {object} TaskResult
 * @property {string} task
 * @property {number} exitCode
 * @property {{ file: string, report: Report }[]} reports
 * @property {readonly string[]} [expected] names of the packages that must have reported
 */

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} tests how many of the passed and failed are tests, not checks
 * @property {readonly string[]} failures one line each
 */

/** A report's file starts with the name of its package; the slash of a scope is a plus. @param {string} name */
function filePrefix(name) {
  return `${name.replace('/', '+')}.`;
}

/** Longest part of a failure's reason that is told. Characters. */
const LONGEST_REASON = 300;

/** What a test failed with, in one line: who reads the end of a run should not have to search for it. @param {TestResult} result */
function describeFailure({ fullName, status, failureMessages }) {
  const reason = (failureMessages?.[0] ?? '').split(/\n\s+at /)[0]?.replace(/\s+/g, ' ').trim() ?? '';
  return `${status}: ${fullName}${reason === '' ? '' : ` (${reason.slice(0, LONGEST_REASON)})`}`;
}

/** @param {Report} report @param {string} file @returns {Count} */
function countReport({ success, testResults = [], checks = [] }, file) {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passedTests = tests.filter(({ status }) => status === 'passed').length;
  // A skipped test fails: nothing may be skipped.
  const failedTests = tests.filter(({ status }) => status !== 'passed').map(describeFailure);
  const brokenFiles = testResults
    .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
    .map(({ name }) => `failed: ${name}`);
  const failedChecks = checks.filter(({ passed }) => !passed).map(({ name }) => `failed: check ${name}`);
  const failures = [...failedTests, ...brokenFiles, ...failedChecks];
  return {
    passed: passedTests + checks.length - failedChecks.length,
    tests: tests.length,
    failures: success === false && failures.length === 0 ? [`failed: ${file}, outside of any test`] : failures,
  };
}

/** @param {TaskResult} result @returns {Count} */
export function countTask({ task, exitCode, reports, expected = [] }) {
  const counts = reports.map(({ file, report }) => countReport(report, file));
  const failures = counts.flatMap((count) => count.failures);
  const silent = expected.filter((name) => !reports.some(({ file }) => file.startsWith(filePrefix(name))));
  // A task that broke before any test has nothing to say of single packages.
  if (exitCode === 0 || reports.length > 0) {
    failures.push(...silent.map((name) => `no report: ${name} broke, or runs without the shared test configuration`));
  }
  if (exitCode !== 0 && failures.length === 0) failures.push(`failed: npm run ${task} ended with ${exitCode}`);
  return { passed: sum(counts.map(({ passed }) => passed)), tests: sum(counts.map(({ tests }) => tests)), failures };
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {string} folder */
function readReports(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => {
    const report = /** @type {Report} */ (JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return { file, report };
  });
}

/** @param {string} folder @param {string} argument `task=exit code` @returns {TaskResult} */
function readTask(folder, argument) {
  const [task = '', exitCode] = argument.split('=');
  const expected = task.startsWith('test') ? listWorkspaces().filter(({ manifest }) => manifest.scripts?.[task] !== undefined) : [];
  return { task, exitCode: Number(exitCode), reports: readReports(join(folder, task.replace(':', '-'))), expected: expected.map(({ name }) => name) };
}

/** @param {readonly string[]} args @returns {number} exit code */
function main([folder = '', ...tasks]) {
  const counts = tasks.map((argument) => countTask(readTask(folder, argument)));
  const failures = counts.flatMap((count) => count.failures);
  const noTests = sum(counts.map(({ tests }) => tests)) === 0;
  if (noTests) failures.push('no test ran');
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  process.stdout.write(`${sum(counts.map(({ passed }) => passed))} passed, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2));
