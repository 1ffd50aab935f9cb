import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { CONFIG_NAMES, configSchema, optionName } from '../src/config.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the first example runs and prints what it says', async () => {
  const [code = ''] = codeBlocks(readme);
  const promised = promisedOutput(code);
  expect(promised).toHaveLength(1);
  const folder = await mkdtemp(join(tmpdir(), 'ferric-readme-'));
  try {
    // The one change: the folder, so that nothing is left in the package.
    expect(await runBlock(code.replace('./machine-room-data', folder), import.meta.dirname)).toEqual(promised);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the table names every option with its default', () => {
  const rows = readme.split('\n');
  for (const name of CONFIG_NAMES) {
    const row = rows.find((line) => line.startsWith(`| \`--${optionName(name)}\` |`));
    expect([name, row]).toEqual([name, expect.any(String)]);
    const preset = configSchema.shape[name].safeParse(undefined);
    const machineOwn = name === 'dataDir' || name === 'conductorName';
    if (preset.success && preset.data !== undefined && String(preset.data) !== '' && !machineOwn) expect(row).toContain(`\`${String(preset.data)}\``);
  }
});
