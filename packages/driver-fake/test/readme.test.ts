import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeProperties, FERRIC_ERROR_CODES } from '@ferric/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FAKE_ACTIONS, fakeDriverInfo } from '../src/index.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

afterEach(() => vi.restoreAllMocks());

/** Runs a program as a user would: from a file inside the package, importing the package by its name. */
async function run(program: string): Promise<readonly string[]> {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words: readonly unknown[]) => void printed.push(words.map(String).join(' ')));
  const folder = await mkdtemp(join(import.meta.dirname, 'readme-'));
  try {
    const file = join(folder, 'program.ts');
    await writeFile(file, program);
    await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
  return printed;
}

describe('the README', () => {
  test('starts with a program that runs unchanged and prints what it says', async () => {
    const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const promised = /It prints (.*)\./.exec(readme)?.[1] ?? '';
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(10);
    const printed = await run(program);
    expect(printed.map((line) => `\`${line}\``).join(' and ')).toBe(promised);
  });

  test('describes every field, every action and no others', () => {
    const described = [...readme.matchAll(/^\| `(fake_\w+)` \|/gm)].map((match) => match[1]);
    expect(described).toEqual(Object.keys(describeProperties(fakeDriverInfo)));
    const actions = /`action`: what fails\.(.*?)\n- /s.exec(readme)?.[1] ?? '';
    expect([...actions.matchAll(/`([^`]+)`/g)].map((match) => match[1])).toEqual(FAKE_ACTIONS);
  });

  test('names only error codes that exist', () => {
    const named = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => String(match[1]));
    expect(named.length).toBeGreaterThan(5);
    expect(Object.keys(FERRIC_ERROR_CODES)).toEqual(expect.arrayContaining(named));
  });
});
