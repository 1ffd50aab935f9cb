// Runs the functional tests of Debian's python3-ironicclient, as they are, against the built conductor. Two modules at a time,
// each with a conductor of its own, so that no list shows what another module made. `-- node_basic port_basic` runs some.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from '../support/format-table.ts';
import { SUITE_MODULES, type SuiteModule } from './modules.ts';
import { type ModuleResult, problemsOf, suiteReport, tableRows } from './results.ts';
import { runModule } from './run-module.ts';

const LANES = 2;
/** Longest time for the whole run. Milliseconds. */
const RUN_LIMIT_MS = 20 * 60_000;
/** Longest time for one module. Milliseconds. */
const MODULE_LIMIT_MS = 10 * 60_000;

async function runAll(modules: readonly SuiteModule[]): Promise<readonly ModuleResult[]> {
  const endsAt = Date.now() + RUN_LIMIT_MS;
  const waiting = [...modules];
  const results: ModuleResult[] = [];
  const lane = async (): Promise<void> => {
    for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) {
      const result = await runModule(module, Math.max(1, Math.min(MODULE_LIMIT_MS, endsAt - Date.now())));
      results.push(result);
      tell(result, `${results.length} of ${modules.length}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return modules.flatMap((module) => results.filter((result) => result.module === module));
}

function tell(result: ModuleResult, place: string): void {
  const problems = problemsOf(result);
  for (const { id, outcome, text } of problems) console.log(`${outcome.toUpperCase()}: ${id}\n${text}\n`);
  console.log(`${problems.length === 0 ? 'passed' : 'FAILED'}  ${result.module.name}  ${result.seconds.toFixed(1)} s  (${place})`);
}

/** Leaves the results where CI counts them. */
function report(results: readonly ModuleResult[]): void {
  const folder = process.env['FERRIC_REPORT_DIR'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '@ferric+e2e.ironicclient.json'), JSON.stringify(suiteReport(results)));
}

const wanted = process.argv.slice(2).filter((argument) => argument !== '--');
const unknown = wanted.filter((word) => !SUITE_MODULES.some(({ name }) => name.includes(word)));
if (unknown.length > 0) {
  console.error(`There is no module ${unknown.join(', ')}; there are ${SUITE_MODULES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const startedAt = performance.now();
const results = await runAll(SUITE_MODULES.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word))));
report(results);
const failures = results.reduce((sum, result) => sum + problemsOf(result).length, 0);
const passed = results.reduce((sum, { tests }) => sum + tests.filter(({ outcome }) => outcome === 'passed').length, 0);
console.log(`\n${formatTable(tableRows(results))}\n\n${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
