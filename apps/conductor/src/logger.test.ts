import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('a line shows that a medium was loaded, and not from where anybody could load it', () => {
  const key = '0f'.repeat(16);
  const program = `
    const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)});
    createLogger('info', 'c').info({ image: 'http://h/ferric/v1/media/1be26c0b-03f2-4d2e-ae87-c02d7f33c123/${key}/boot.iso' }, 'Copying');
  `;
  const loader = fileURLToPath(new URL('../test/support/resolve-typescript.mjs', import.meta.url));
  const { stderr } = spawnSync(process.execPath, ['--conditions=@ferric/source', '--disable-warning=ExperimentalWarning', '--import', loader, '--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(stderr).toContain('"image":"http://h/ferric/v1/media/1be26c0b-03f2-4d2e-ae87-c02d7f33c123/******/boot.iso"');
  expect(stderr).not.toContain(key);
});
