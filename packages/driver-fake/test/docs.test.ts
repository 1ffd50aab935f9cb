import { readFile } from 'node:fs/promises';
import { CONFORMANCE_RULES } from '@ferric/core/conformance/check';
import { describe, expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const guide = await readFile(new URL('docs/adding-a-driver.md', root), 'utf8');

/** The code blocks that name the file they are taken from: "```ts packages/...". */
const snippets = [...guide.matchAll(/^```\w+ (packages\/\S+)\n(.*?)^```/gms)].map(([, path = '', code = '']) => ({ path, code }));

describe('docs/adding-a-driver.md', () => {
  test('has a snippet of every room', () => {
    const files = new Set(snippets.map(({ path }) => path.replace('packages/driver-fake/', '')));
    expect([...files]).toEqual(
      expect.arrayContaining([
        'package.json', 'src/fake-options.ts', 'src/client/fake-messages.ts', 'src/client/fake-client.ts', 'src/simulator/virtual-device.ts',
        'src/fake-driver.ts', 'src/plugin.ts', 'test/conformance.test.ts',
      ]),
    );
  });

  test('explains every conformance rule, under its id, in the order of the suite', () => {
    const [, chapter = ''] = guide.split('## The conformance rules');
    const sections = [...chapter.matchAll(/^#### (\S+)\n\n(\S.{20,})$/gm)].map(([, id]) => id);
    expect(sections).toEqual(CONFORMANCE_RULES.map((rule) => rule.id));
  });

  test('has no link to a section that does not exist', () => {
    const prose = guide.replace(/^```.*?^```/gms, '');
    const anchors = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
    const links = [...prose.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(7);
    expect(anchors).toEqual(expect.arrayContaining(links));
    expect(new Set(anchors).size).toBe(anchors.length);
  });

  test.each(snippets)('shows $path as it is', async ({ path, code }) => {
    const source = await readFile(new URL(path, root), 'utf8');
    let position = 0;
    // A line "// ..." stands for code that was left out.
    for (const part of code.split(/^ *\/\/ \.\.\.\n/m)) {
      expect(part).toMatch(/\S/);
      const found = source.indexOf(part, position);
      expect(found, `not found in ${path}:\n${part}`).toBeGreaterThanOrEqual(0);
      position = found + part.length;
    }
  });
});
