import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CONFORMANCE_RULES } from '@ferric/core/conformance/check';
import { expect, test } from 'vitest';

interface JsonResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

interface JsonReport {
  readonly testResults: readonly { readonly assertionResults: readonly JsonResult[] }[];
}

/** Runs vitest on the suite of a wrong driver, only the rules whose names match. */
async function runSuite(pattern: string): Promise<JsonReport> {
  const vitest = fileURLToPath(new URL('./vitest.mjs', import.meta.resolve('vitest/package.json')));
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'ferric-suite-'));
  try {
    const outputFile = join(folder, 'report.json');
    const options = ['--config', 'test/fixtures/failing-suite/vitest.config.ts', '--reporter=json', `--outputFile=${outputFile}`, '-t', pattern];
    // It ends with an error, for a test fails; what counts is the report.
    await promisify(execFile)(process.execPath, [vitest, 'run', ...options], { cwd: root, env: { ...process.env, FERRIC_REPORT_DIR: '' } }).catch(() => undefined);
    return JSON.parse(await readFile(outputFile, 'utf8')) as JsonReport;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('testDriver registers a test for each rule that applies, and a failure tells rule, reason and link', { timeout: 30_000 }, async () => {
  const report = await runSuite('contract-number|driver-info-described');
  const results = report.testResults.flatMap((file) => file.assertionResults);
  const names = results.map(({ title }) => title.split(':')[0]);
  expect(names).toEqual(CONFORMANCE_RULES.map((rule) => rule.id).filter((id) => id !== 'plugin-facts'));
  expect(new Set(results.map(({ ancestorTitles }) => ancestorTitles.join(' ')))).toEqual(new Set(['wrong-driver conforms']));
  const ran = results.filter(({ status }) => status === 'passed' || status === 'failed').map(({ title, status }) => [title.split(':')[0], status]);
  expect(ran).toEqual([
    ['contract-number', 'failed'],
    ['driver-info-described', 'passed'],
  ]);
  const message = results.find(({ status }) => status === 'failed')?.failureMessages.join('\n') ?? '';
  expect(message).toContain('driver.contract is 2, this suite checks contract 1');
  expect(message).toContain('Rule: The driver names its contract and itself');
  expect(message).toContain('Why: A conductor refuses a driver of another contract by this number');
  expect(message).toContain('See docs/adding-a-driver.md#contract-number');
});
