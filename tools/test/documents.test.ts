import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, listPublicPackages } from '../workspaces.mjs';

const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', '{packages,apps}/*/*.md'], { cwd: ROOT }).toSorted();

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Headings as GitHub makes anchors of them. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

/** Links of a document to files and headings of this repository that lead nowhere. */
function deadLinks(path: string): readonly string[] {
  return [...read(path).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      return !existsSync(join(ROOT, linked)) || (anchor !== undefined && !anchors(read(linked)).includes(anchor));
    });
}

describe.each(DOCUMENTS)('%s', (path) => {
  it('links to what exists', () => {
    expect(deadLinks(path)).toEqual([]);
  });
});

it('the README names every public package', () => {
  const text = read('README.md');
  expect(listPublicPackages().filter(({ name, folder }) => !text.includes(`[\`${name}\`](${folder})`))).toEqual([]);
});

it('the index names every decision', () => {
  const numbered = readdirSync(join(ROOT, 'docs', 'decisions')).filter((file) => /^\d{4}-.*\.md$/.test(file));
  const index = read('docs/decisions/README.md');
  expect(numbered.filter((file) => !index.includes(`(${file})`))).toEqual([]);
});
