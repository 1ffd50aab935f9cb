import { dirname, join, matchesGlob } from 'node:path/posix';
import {
  COMPUTED_IMPORTS_ALLOWED, CORE_PART_RULES, LAYERS, MODULE_RULES, ROOM_RULES, SHARED_FILES, TEST_FILES,
} from './import-rules.ts';
import type { Import } from './read-imports.ts';

/** A file of the workspace with what it imports. */
export interface ImportingFile {
  /** Path from the repository's root. */
  readonly path: string;
  readonly imports: readonly Import[];
}

/** What the rules need to know of the workspace. */
export interface WorkspaceView {
  readonly packages: readonly { readonly name: string; readonly folder: string; readonly exports: readonly string[] }[];
  /** For each name that core exports, the file it comes from: `errors/ferric-error`. */
  readonly coreNames: ReadonlyMap<string, string>;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

interface Question {
  readonly path: string;
  readonly folder: string;
  readonly isTest: boolean;
  readonly specifier: string;
  readonly names: Import['names'];
  readonly workspace: WorkspaceView;
}

/** Each rule looks at one import and yields what is wrong with it. */
const RULES: readonly ((question: Question) => string | undefined)[] = [
  checkRelative, checkLayer, checkSubpath, checkModule, checkRoom, checkCorePart,
];

/** Everything that the file imports against the rules. */
export function findViolations(file: ImportingFile, workspace: WorkspaceView): readonly Violation[] {
  const owner = workspace.packages.find(({ folder }) => file.path.startsWith(`${folder}/`));
  if (owner === undefined) return [];
  const isTest = matchesAny(file.path, TEST_FILES);
  return file.imports.flatMap(({ specifier, names, line }) => {
    const problems =
      specifier === undefined
        ? [checkComputed(file.path, isTest)]
        : RULES.map((rule) => rule({ path: file.path, folder: owner.folder, isTest, specifier, names, workspace }));
    return problems.filter((problem) => problem !== undefined).map((problem) => ({ path: file.path, line, problem }));
  });
}

/** Packages that no row of the layers names. */
export function findUnlayered(workspace: WorkspaceView): readonly string[] {
  return workspace.packages.map(({ folder }) => folder).filter((folder) => findLayer(folder) === undefined);
}

function checkComputed(path: string, isTest: boolean): string | undefined {
  if (isTest || matchesAny(path, COMPUTED_IMPORTS_ALLOWED)) return undefined;
  return 'imports what it computes; only the composition of the conductor does';
}

function checkRelative({ path, folder, specifier }: Question): string | undefined {
  const target = resolveRelative(path, specifier);
  if (target === undefined || target.startsWith(`${folder}/`)) return undefined;
  if (SHARED_FILES.some(({ files, in: importers }) => files.includes(target) && matchesAny(path, importers))) return undefined;
  return `imports ${target} by its path; another package is imported by its name`;
}

function checkLayer({ folder, isTest, specifier, workspace }: Question): string | undefined {
  const target = findPackage(specifier);
  const layer = findLayer(folder);
  if (target === undefined || layer === undefined) return undefined;
  if (workspace.packages.some(({ name, folder: own }) => name === target && own === folder)) return undefined;
  const allowed = isTest ? [...layer.may, ...(layer.mayInTests ?? [])] : layer.may;
  if (matchesAny(target, allowed)) return undefined;
  return `${folder} must not import ${target}; it may import ${allowed.join(', ') || 'nothing of ours'}`;
}

function checkSubpath({ specifier, workspace }: Question): string | undefined {
  const target = workspace.packages.find(({ name }) => name === findPackage(specifier));
  if (target === undefined) return undefined;
  const subpath = `.${specifier.slice(target.name.length)}`;
  return target.exports.includes(subpath) ? undefined : `${specifier} is no entry of ${target.name}; it exports ${target.exports.join(', ')}`;
}

function checkModule({ path, isTest, specifier }: Question): string | undefined {
  const rule = MODULE_RULES.find(
    ({ modules, in: files, except = [] }) =>
      !isTest && matchesAny(specifier, modules) && matchesAny(path, files) && !matchesAny(path, except),
  );
  return rule === undefined ? undefined : `must not import ${specifier}: ${rule.why}`;
}

function checkRoom({ path, isTest, specifier }: Question): string | undefined {
  const target = resolveRelative(path, specifier);
  if (target === undefined || isTest) return undefined;
  const rule = ROOM_RULES.find(
    ({ in: files, except = [], mayNot, unless = [] }) =>
      matchesAny(path, files) && !matchesAny(path, except) && matchesAny(target, mayNot) && !matchesAny(target, unless),
  );
  return rule === undefined ? undefined : `must not import ${target}: ${rule.why}`;
}

function checkCorePart({ path, isTest, specifier, names, workspace }: Question): string | undefined {
  if (isTest || findPackage(specifier) !== '@ferric/core') return undefined;
  const rule = CORE_PART_RULES.find(({ in: files }) => matchesAny(path, files));
  if (rule === undefined) return undefined;
  if (specifier !== '@ferric/core') return rule.entries?.includes(specifier) === true ? undefined : `must not import ${specifier}: ${rule.why}`;
  if (names === 'all') return `must name what it takes from ${specifier}: ${rule.why}`;
  const refused = names.filter((name) => {
    const part = workspace.coreNames.get(name);
    return part !== undefined && !matchesAny(part, rule.only);
  });
  return refused.length === 0 ? undefined : `must not take ${refused.join(', ')} from core: ${rule.why}`;
}

function findLayer(folder: string): (typeof LAYERS)[number] | undefined {
  return LAYERS.find((layer) => matchesGlob(folder, layer.folder));
}

/** The package of ours that a specifier names: `@ferric/core` for `@ferric/core/zod`. */
function findPackage(specifier: string): string | undefined {
  return /^@ferric\/[^/]+/.exec(specifier)?.[0];
}

/** The source file that a relative import means. */
function resolveRelative(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return join(dirname(path), specifier).replace(/\.js$/, '.ts');
}

function matchesAny(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(text, pattern));
}
