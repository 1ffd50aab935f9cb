/** A pending changeset: one file of .changeset. */
export interface Changeset {
  readonly file: string;
  /** Size of the release by package name. */
  readonly bumps: Readonly<Record<string, string>>;
  /** What the user reads in the changelog. */
  readonly summary: string;
}

/** What is known of a public package and its releases. */
export interface ReleaseState {
  readonly name: string;
  readonly version: string;
  /** Whether the changelog has a section for this version. */
  readonly inChangelog: boolean;
  /** Shipped files that changed since the tag of this version; undefined when there is no such tag. */
  readonly changedSinceRelease: readonly string[] | undefined;
}

const BUMPS: ReadonlySet<string> = new Set(['major', 'minor', 'patch']);
const UNRELEASED = '0.0.0';

/** @throws Error when the text does not have the form of a changeset. */
export function parseChangeset(file: string, text: string): Changeset {
  const [, head, summary] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(text) ?? [];
  if (head === undefined || summary === undefined) throw new Error(`${file} has no head between two lines of ---`);
  const bumps = head
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, bump] = /^["']?([^"':]+)["']?:\s*["']?(\w+)["']?\s*$/.exec(line) ?? [];
      if (name === undefined || bump === undefined) throw new Error(`${file} has a line that names no package and bump: ${line}`);
      return [name, bump] as const;
    });
  return { file, bumps: Object.fromEntries(bumps), summary: summary.trim() };
}

/** What is wrong with a changeset itself. */
export function findChangesetProblems({ file, bumps, summary }: Changeset, publicPackages: readonly string[]): readonly string[] {
  const named = Object.entries(bumps).flatMap(([name, bump]) => [
    ...(publicPackages.includes(name) ? [] : [`${file} names ${name}, which is no public package`]),
    ...(BUMPS.has(bump) ? [] : [`${file} asks for "${bump}" of ${name}; it may be ${[...BUMPS].join(', ')}`]),
  ]);
  return summary === '' && named.length + Object.keys(bumps).length > 0 ? [...named, `${file} tells the user nothing`] : named;
}

/** Why this package cannot be released as it stands; undefined when a changeset or its last release covers it. */
export function findReleaseProblem(state: ReleaseState, changesets: readonly Changeset[]): string | undefined {
  if (changesets.some(({ bumps }) => bumps[state.name] !== undefined)) return undefined;
  if (state.version === UNRELEASED) return `${state.name} was never released and has no changeset`;
  if (state.changedSinceRelease === undefined) {
    return state.inChangelog ? undefined : `${state.name} ${state.version} is neither tagged nor in its changelog`;
  }
  const [first] = state.changedSinceRelease;
  return first === undefined ? undefined : `${state.name} changed since ${state.version} without a changeset: ${first}`;
}
