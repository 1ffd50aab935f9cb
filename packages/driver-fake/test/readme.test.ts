import { readFile } from 'node:fs/promises';
import { describeProperties, FERRIC_ERROR_CODES } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { codeBlocks, runBlock } from '../../../readme.shared.js';
import { FAKE_ACTIONS, fakeDriverInfo } from '../src/index.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  test('starts with a program that runs unchanged and prints what it says', async () => {
    const [program = ''] = codeBlocks(readme);
    const promised = /It prints (.*)\./.exec(readme)?.[1] ?? '';
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(10);
    const printed = await runBlock(program, import.meta.dirname);
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
