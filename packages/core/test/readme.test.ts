import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { FERRIC_ERROR_CODES, FerricError, type FerricErrorCode } from '../src/index.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the first example runs unchanged and prints what it says', async () => {
  const [code = ''] = codeBlocks(readme);
  const promised = promisedOutput(code);
  expect(promised).toHaveLength(4);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});

test('the table names every error code and whether a retry may help', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \|/gm)].map(([, code, retryable]) => [code, retryable === 'yes']);
  const codes = Object.keys(FERRIC_ERROR_CODES) as FerricErrorCode[];
  expect(rows).toEqual(codes.map((code) => [code, new FerricError(code, 'x').retryable]));
});
