import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TASKS } from '../tasks.mjs';
import { ROOT, readManifest } from '../workspaces.mjs';

it('every npm script is a task, and every task a script', () => {
  // exec: npm signals the shell that it starts, which would die and leave the task behind.
  const expected = Object.keys(TASKS).map((name) => [name, `exec node tools/run.mjs ${name}`]);
  expect(readManifest(ROOT).scripts).toEqual(Object.fromEntries(expected));
});

it('every script is explained to contributors', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const explained = [...text.matchAll(/^\| `npm (?:run )?([\w:]+)` \|/gm)].map(([, name]) => name);
  expect(explained).toEqual(Object.keys(TASKS));
});

it.each([['an unknown task', ['nonsense']], ['no task', []]])('%s is answered with the list of tasks', (_what, args) => {
  const { status, stdout, stderr } = spawnSync('node', [join(ROOT, 'tools', 'run.mjs'), ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(Object.keys(TASKS).join(', '));
});
