import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../workspaces.mjs';

/** Faults that the lint configuration must find: the rule, where the fault is planted, and the fault. */
const PLANTED: readonly [rule: string, path: string, text: string][] = [
  ['typescript(no-floating-promises)', 'packages/x/src/floating.ts', `export function go(work: Promise<void>): void {\n  work;\n}\n`],
  ['typescript(no-misused-promises)', 'packages/x/src/misused.ts', `export function go(list: string[]): void {\n  list.forEach(async () => Promise.resolve());\n}\n`],
  ['typescript(await-thenable)', 'packages/x/src/thenable.ts', `export async function go(one: number): Promise<number> {\n  return await one;\n}\n`],
  ['typescript(no-explicit-any)', 'packages/x/src/any.ts', `export const go = (one: any): unknown => one;\n`],
  ['typescript(no-unsafe-member-access)', 'packages/x/src/unsafe.ts', `export const name: unknown = JSON.parse('{}').name;\n`],
  ['typescript(switch-exhaustiveness-check)', 'packages/x/src/switch.ts', `export function go(one: 'a' | 'b'): void {\n  switch (one) {\n    case 'a':\n      return;\n  }\n}\n`],
  ['typescript(only-throw-error)', 'packages/x/src/throw.ts', `export function go(): never {\n  throw 'text';\n}\n`],
  ['eslint(no-console)', 'packages/x/src/print.ts', `console.log('x');\nexport {};\n`],
  ['node(no-process-env)', 'packages/x/src/environment.ts', `export const home = process.env['HOME'];\n`],
  ['node(no-top-level-await)', 'packages/x/src/top.ts', `export const one = await Promise.resolve(1);\n`],
  ['import(no-default-export)', 'apps/x/src/default.ts', `export default 1;\nconsole.log(process.env['HOME']);\n`],
  ['import(no-cycle)', 'packages/x/src/cycle-a.ts', `import { b } from './cycle-b.js';\nexport const a = (): number => b();\n`],
  ['import(no-cycle)', 'packages/x/src/cycle-b.ts', `import { a } from './cycle-a.js';\nexport const b = (): number => a();\n`],
  ['eslint(max-lines)', 'packages/x/src/long.ts', `export const a = 1;\n${'export {};\n'.repeat(400)}`],
  ['eslint(no-warning-comments)', 'packages/x/src/later.ts', `// TODO: write it\nexport const a = 1;\n`],
  ['vitest(no-focused-tests)', 'packages/x/src/focused.test.ts', `import { expect, it } from 'vitest';\nit.only('a', () => expect(1).toBe(1));\n`],
  ['vitest(no-disabled-tests)', 'packages/x/src/skipped.test.ts', `import { expect, it } from 'vitest';\nit.skip('a', () => expect(1).toBe(1));\n`],
  ['vitest(expect-expect)', 'packages/x/src/empty.test.ts', `import { it } from 'vitest';\nit('a', () => undefined);\n`],
];

interface Diagnostics {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

describe('the lint configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ferric-lint-'));
  let found: readonly string[] = [];

  beforeAll(() => {
    cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    const compilerOptions = { strict: true, target: 'ES2024', module: 'NodeNext', noEmit: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['packages', 'apps'] }));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    for (const [, path, text] of PLANTED) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { stdout } = spawnSync(join(ROOT, 'node_modules', '.bin', 'oxlint'), ['--type-aware', '--format', 'json'], { cwd: folder, encoding: 'utf8' });
    found = (JSON.parse(stdout) as Diagnostics).diagnostics.map(({ code, filename }) => `${code} ${filename}`);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(PLANTED)('finds %s in %s', (rule, path) => {
    expect(found).toContain(`${rule} ${path}`);
  });

  it('allows an application to print and to read its environment', () => {
    expect(found.filter((line) => line.includes('apps/x'))).toEqual(['import(no-default-export) apps/x/src/default.ts']);
  });
});
