import { expect, test } from 'vitest';
import { type ConformanceReport, formatReport } from './report.js';

const rule = { why: 'It matters.', tookMs: 5 };
const report: ConformanceReport = {
  driver: 'staging-x',
  passed: false,
  rules: [
    { ...rule, id: 'a', title: 'First rule', link: 'docs/adding-a-driver.md#a', status: 'passed' },
    { ...rule, id: 'b', title: 'Second rule', link: 'docs/adding-a-driver.md#b', status: 'not applicable', reason: 'the simulator cannot be silent' },
    { ...rule, id: 'c', title: 'Third rule', link: 'docs/adding-a-driver.md#c', status: 'failed', error: new Error('power.read hangs\nfor ever') },
  ],
};

test('the report names the failures first, each with what is wrong, why it matters and where to read on', () => {
  expect(formatReport(report)).toBe(
    [
      'staging-x: 1 passed, 1 failed, 1 not applicable',
      'FAIL c: Third rule',
      '       power.read hangs',
      '       for ever',
      '       Why: It matters.',
      '       See docs/adding-a-driver.md#c',
      'ok   a: First rule',
      '--   b: Second rule (the simulator cannot be silent)',
    ].join('\n'),
  );
});
