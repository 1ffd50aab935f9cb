// Runs every check to its end, whether or not one fails, and prints a table. `npm run check -- imports size` runs some.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from './format-table.ts';
import { ROOT } from './workspaces.mjs';

/** One check: a command that exits with 0 when all is well and says the sum in its last line. */
interface Check {
  readonly name: string;
  readonly what: string;
  readonly command: readonly [file: string, ...args: string[]];
}

const CHECKS: readonly Check[] = [
  { name: 'lint', what: 'oxlint with types, no warning', command: ['node', 'tools/run.mjs', 'lint'] },
  { name: 'typecheck', what: 'tsc in every package', command: ['node', 'tools/run.mjs', 'typecheck'] },
  { name: 'imports', what: 'who may import whom', command: ['node', 'tools/imports/check-imports.ts'] },
  { name: 'unused', what: 'knip: files, exports, dependencies', command: ['knip', '--no-progress'] },
  { name: 'packages', what: 'what is published, entry by entry', command: ['node', 'tools/check-packages.ts'] },
  { name: 'size', what: 'budget of each library', command: ['node', 'tools/check-size.ts'] },
  { name: 'changesets', what: 'every package can be released', command: ['node', 'tools/changesets/check-changesets.ts'] },
];

interface Result {
  readonly name: string;
  readonly what: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** No check of a healthy tree comes near this. */
const TIMEOUT_MS = 300_000;

async function runCheck({ name, what, command: [file, ...args] }: Check): Promise<Result> {
  const start = performance.now();
  const chunks: Buffer[] = [];
  const passed = await new Promise<boolean>((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
  return { name, what, passed, seconds: (performance.now() - start) / 1000, output: Buffer.concat(chunks).toString().trim() };
}

function printResult({ name, passed, seconds, output }: Result): void {
  if (!passed) console.log(`${output}\n`);
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name}  ${seconds.toFixed(1)} s${passed ? lastLine(output) : ''}`);
}

function lastLine(output: string): string {
  const line = output.split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `  ${line}`;
}

/** Leaves the results where CI counts them. */
function report(results: readonly Result[]): void {
  const folder = process.env['FERRIC_REPORT_DIR'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'checks.json'), JSON.stringify({ checks: results.map(({ name, passed }) => ({ name, passed })) }));
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}; there are ${CHECKS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const results: Result[] = [];
for (const check of CHECKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const result = await runCheck(check);
  printResult(result);
  results.push(result);
}
report(results);
const rows = results.map(({ name, what, passed, seconds }) => [name, what, passed ? 'passed' : 'FAILED', `${seconds.toFixed(1)} s`]);
console.log(`\n${formatTable([['check', 'what', 'result', 'time'], ...rows])}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
