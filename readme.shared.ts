// No tsconfig.json stands beside this file, so that its editors and linters know Node only by this.
/// <reference types="node" />
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatWithOptions } from 'node:util';

/** The TypeScript blocks of a page, as its readers copy them. */
export function codeBlocks(page: string): readonly string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
}

/** What a block says it prints: the comments behind its `console.log`. */
export function promisedOutput(code: string): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment = '']) => comment);
}

/**
 * Runs a block as a module of its own, which imports packages by their names; yields what it printed with `console.log`.
 * @param folder a folder of the package, so that its dependencies are found: `import.meta.dirname` of the test
 */
export async function runBlock(code: string, folder: string): Promise<readonly string[]> {
  const file = join(folder, `readme-block-${randomUUID()}.ts`);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: readonly unknown[]): void => void printed.push(formatWithOptions({ colors: false }, ...values));
  try {
    await writeFile(file, code);
    await import(/* @vite-ignore */ file);
  } finally {
    console.log = log;
    await rm(file, { force: true });
  }
  return printed;
}
