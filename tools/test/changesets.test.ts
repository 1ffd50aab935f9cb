import { describe, expect, it } from 'vitest';
import { findChangesetProblems, findReleaseProblem, parseChangeset, type Changeset, type ReleaseState } from '../changesets/changeset-rules.ts';

const released: ReleaseState = { name: '@ferric/core', version: '1.2.0', inChangelog: true, changedSinceRelease: [] };
const pending: Changeset = { file: 'a.md', bumps: { '@ferric/core': 'minor' }, summary: 'Reads faster.' };

describe('a changeset', () => {
  it('is read', () => {
    const text = `---\n'@ferric/core': minor\n"@ferric/driver-wol": patch\n---\n\nReads faster.\n`;
    expect(parseChangeset('a.md', text)).toEqual({
      file: 'a.md',
      bumps: { '@ferric/core': 'minor', '@ferric/driver-wol': 'patch' },
      summary: 'Reads faster.',
    });
  });

  it('without bumps says that nothing is released', () => {
    expect(findChangesetProblems(parseChangeset('a.md', '---\n---\n'), [])).toEqual([]);
  });

  it.each([
    ['no head', 'Reads faster.'],
    ['no bump', '---\n@ferric/core\n---\nReads faster.'],
  ])('with %s is refused', (_what, text) => {
    expect(() => parseChangeset('a.md', text)).toThrow('a.md');
  });

  it.each([
    ['an unknown package', { ...pending, bumps: { '@ferric/cor': 'minor' } }, 'no public package'],
    ['an unknown bump', { ...pending, bumps: { '@ferric/core': 'small' } }, '"small"'],
    ['no sentence', { ...pending, summary: '' }, 'tells the user nothing'],
  ])('with %s is a problem', (_what, changeset, problem) => {
    expect(findChangesetProblems(changeset, ['@ferric/core'])).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a public package', () => {
  it.each([
    ['was never released', { ...released, version: '0.0.0' }, 'never released'],
    ['changed since its release', { ...released, changedSinceRelease: ['packages/core/src/x.ts'] }, 'packages/core/src/x.ts'],
    ['has a version that nobody released', { ...released, inChangelog: false, changedSinceRelease: undefined }, 'neither tagged'],
  ])('that %s needs a changeset', (_what, state, problem) => {
    expect(findReleaseProblem(state, [])).toContain(problem);
    expect(findReleaseProblem(state, [pending])).toBeUndefined();
  });

  it.each([
    ['did not change since its release', released],
    ['is about to be tagged', { ...released, changedSinceRelease: undefined }],
  ])('that %s needs none', (_what, state) => {
    expect(findReleaseProblem(state, [])).toBeUndefined();
  });
});
