import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatWithOptions } from 'node:util';
import { expect, test, vi } from 'vitest';
import { CONFIG_NAMES, configSchema, optionName } from '../src/config.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the first example runs and prints what it says', async () => {
  const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'ferric-readme-'));
  const file = fileURLToPath(new URL(`readme-block-${randomUUID()}.ts`, import.meta.url));
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: readonly unknown[]) => void printed.push(formatWithOptions({ colors: false }, ...values)));
  // The one change: the folder, so that nothing is left in the package.
  await writeFile(file, code.replace('./machine-room-data', folder));
  try {
    await import(/* @vite-ignore */ file);
    await vi.waitFor(() => expect(printed).toHaveLength(1));
  } finally {
    vi.restoreAllMocks();
    await rm(file);
    await rm(folder, { recursive: true, force: true });
  }
  expect(printed).toEqual([/console\.log\(.*\); \/\/ (.*)$/m.exec(code)?.[1]]);
});

test('the table names every option with its default', () => {
  const rows = readme.split('\n');
  for (const name of CONFIG_NAMES) {
    const row = rows.find((line) => line.startsWith(`| \`--${optionName(name)}\` |`));
    expect([name, row]).toEqual([name, expect.any(String)]);
    const preset = configSchema.shape[name].safeParse(undefined);
    const machineOwn = name === 'dataDir' || name === 'conductorName';
    if (preset.success && preset.data !== undefined && preset.data !== '' && !machineOwn) expect(row).toContain(`\`${String(preset.data)}\``);
  }
});
