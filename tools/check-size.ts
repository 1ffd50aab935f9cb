// Checks what each library costs its user: size of the main entry and number of runtime dependencies.
import { join, matchesGlob } from 'node:path';
import { build } from 'esbuild';
import { readEntries } from './entries.ts';
import { formatTable } from './format-table.ts';
import { ROOT, listPublicPackages, type Workspace } from './workspaces.mjs';

/** The budget of a library. */
interface Budget {
  /** Pattern of folders; the first row that matches decides. Applications have none. */
  readonly folder: string;
  /** Each entry minified, without its dependencies. */
  readonly maximumKibibytes: Readonly<Record<string, number>>;
  /** Runtime dependencies besides packages of ours. */
  readonly maximumDependencies: number;
}

const BUDGETS: readonly Budget[] = [
  { folder: 'packages/core', maximumKibibytes: { '.': 30 }, maximumDependencies: 2 },
  // Holds a whole protocol: four transports, SASL, streams, a hundred procedures. See docs/decisions/0017-libvirt-client.md.
  { folder: 'packages/driver-libvirt', maximumKibibytes: { '.': 180, './client': 130 }, maximumDependencies: 2 },
  // Forty-five classes, their logs and faults in words; WS-Management alone is a quarter. See docs/decisions/0027-amt-client.md.
  { folder: 'packages/driver-amt', maximumKibibytes: { '.': 140, './client': 115 }, maximumDependencies: 2 },
  // Three protocols behind one client. See docs/decisions/0028-ilo-operation-by-operation.md.
  { folder: 'packages/driver-ilo', maximumKibibytes: { '.': 170 }, maximumDependencies: 2 },
  // Redfish and the RIS before it. See docs/decisions/0028-ilo-operation-by-operation.md.
  { folder: 'packages/redfish', maximumKibibytes: { '.': 65 }, maximumDependencies: 2 },
  // The whole of IPMI, of which a bundler takes what is used; the tables of sensors and events alone are a quarter. See docs/decisions/0025-ipmi-in-process.md.
  { folder: 'packages/ipmi-raw-buffer', maximumKibibytes: { '.': 160 }, maximumDependencies: 2 },
  // Strategies and rules besides a whole protocol; whoever wants the protocol alone takes the client.
  { folder: 'packages/agent', maximumKibibytes: { '.': 75, './client': 40 }, maximumDependencies: 2 },
  { folder: 'packages/*', maximumKibibytes: { '.': 60 }, maximumDependencies: 2 },
];

/** Size of one entry in KiB. */
async function measure(workspace: Workspace, subpath: string): Promise<number> {
  const main = readEntries(workspace.manifest).find((entry) => entry.subpath === subpath);
  if (main === undefined) throw new Error(`${workspace.name} exports no entry "${subpath}"`);
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, workspace.folder, main.file)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  return outputFiles.reduce((sum, file) => sum + file.contents.byteLength, 0) / 1024;
}

interface Result {
  readonly row: readonly string[];
  readonly kept: boolean;
}

async function compare(workspace: Workspace, subpath: string, maximumKibibytes: number, maximumDependencies: number): Promise<Result> {
  const kibibytes = await measure(workspace, subpath);
  const dependencies = Object.keys(workspace.manifest.dependencies ?? {}).filter((name) => !name.startsWith('@ferric/')).length;
  const kept = kibibytes <= maximumKibibytes && dependencies <= maximumDependencies;
  const size = [`${kibibytes.toFixed(1)} KiB`, `${maximumKibibytes.toFixed(1)} KiB`];
  return { row: [`${workspace.name}${subpath.slice(1)}`, ...size, String(dependencies), String(maximumDependencies), kept ? 'kept' : 'EXCEEDED'], kept };
}

const results = await Promise.all(
  listPublicPackages().flatMap((workspace) => {
    const budget = BUDGETS.find(({ folder }) => matchesGlob(workspace.folder, folder));
    if (budget === undefined) return [];
    return Object.entries(budget.maximumKibibytes).map(([subpath, maximum]) => compare(workspace, subpath, maximum, budget.maximumDependencies));
  }),
);
const exceeded = results.filter(({ kept }) => !kept).length;
console.log(formatTable([['library', 'size', 'limit', 'dependencies', 'limit', ''], ...results.map(({ row }) => row)]));
console.log(`${results.length} libraries, ${exceeded} over budget`);
process.exitCode = exceeded === 0 ? 0 : 1;
