import type { SuiteModule } from './modules.ts';

const OUTCOMES = ['passed', 'failed', 'error', 'skipped'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** What became of one test. */
export interface TestOutcome {
  readonly id: string;
  readonly outcome: Outcome;
  /** Why, when it did not pass. */
  readonly text: string;
}

/** What became of one module. */
export interface ModuleResult {
  readonly module: SuiteModule;
  readonly tests: readonly TestOutcome[];
  readonly seconds: number;
  /** Why the module broke as a whole. */
  readonly broken?: string;
}

/** The documents among the lines that the runner printed; the suite prints lines of its own between them. */
export function readOutcomes(lines: readonly string[]): readonly TestOutcome[] {
  return lines.flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const document = JSON.parse(line) as TestOutcome;
    return OUTCOMES.includes(document.outcome) ? [document] : [];
  });
}

/** What kept a module from passing, one entry each. A skipped test counts, and so does one that never ran. */
export function problemsOf({ module, tests, broken }: ModuleResult): readonly TestOutcome[] {
  const missing = module.tests - tests.length;
  return [
    ...tests.filter(({ outcome }) => outcome !== 'passed'),
    ...(broken === undefined ? [] : [{ id: module.name, outcome: 'error', text: broken } as const]),
    ...(missing === 0 ? [] : [{ id: module.name, outcome: 'error', text: `${tests.length} tests ran; the module has ${module.tests}` } as const]),
  ];
}

/** Rows of the table at the end, with its head and its sum. */
export function tableRows(results: readonly ModuleResult[]): readonly (readonly string[])[] {
  const count = (tests: readonly TestOutcome[]): readonly string[] => OUTCOMES.map((outcome) => String(tests.filter((test) => test.outcome === outcome).length));
  const all = results.flatMap(({ tests }) => tests);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    ['module', ...OUTCOMES, 'time'],
    ...results.map((result) => [result.module.name, ...count(result.tests), `${result.seconds.toFixed(1)} s`]),
    ['all', ...count(all), `${seconds.toFixed(1)} s`],
  ];
}

/** The report that CI counts, in the form of vitest's JSON reporter: one test each, and one for each module that broke. */
export function suiteReport(results: readonly ModuleResult[]): object {
  const testResults = results.map((result) => {
    const problems = problemsOf(result);
    const passed = result.tests.filter(({ outcome }) => outcome === 'passed');
    return {
      name: result.module.name,
      status: problems.length === 0 ? 'passed' : 'failed',
      assertionResults: [
        ...passed.map(({ id }) => ({ fullName: id, status: 'passed' })),
        ...problems.map(({ id, outcome }) => ({ fullName: id, status: outcome === 'skipped' ? 'skipped' : 'failed' })),
      ],
    };
  });
  return { success: testResults.every(({ status }) => status === 'passed'), testResults };
}
