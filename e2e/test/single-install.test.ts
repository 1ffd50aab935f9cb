import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findNodes, type NodeRuntime } from '../support/other-node.js';
import { createNpmProject, measureInstallation, packPackages, readManifest } from '../support/packages.js';
import { succeed } from '../support/program.js';
import { REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const TYPESCRIPT = join(REPOSITORY, 'node_modules', 'typescript-7', 'bin', 'tsc');
/** The promise of every driver: core, and at most two packages of others. */
const MOST_FOREIGN_PACKAGES = 2;
const programs = fileURLToPath(new URL('programs', import.meta.url));

/** The two ways in which projects of 2026 resolve modules; what is installed is checked as well (no skipLibCheck). */
const COMPILERS = {
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;

const shared = {
  target: 'es2024', lib: ['es2024', 'esnext.disposable'], strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true,
  rootDir: 'src', types: ['node'], typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
};

/** Every entry of the package by require(). */
const COMMONJS_TOOL = `
const { FerricError } = require('@ferric/core');
const { wake } = require('@ferric/driver-wol');
const { encodeMagicPacket } = require('@ferric/driver-wol/client');
const { plugin } = require('@ferric/driver-wol/plugin');
const { startVirtualDevice } = require('@ferric/driver-wol/simulator');

(async () => {
  const machine = await startVirtualDevice();
  await wake(machine.ports[0].address, { host: machine.host, ports: machine.port });
  await machine.settled();
  const error = await wake('not a MAC address').catch((reason) => reason);
  await machine[Symbol.asyncDispose]();
  console.log(JSON.stringify({ power: machine.state.power, sameError: FerricError.is(error), contract: plugin.contract, client: typeof encodeMagicPacket }));
})();
`;

let temporary: TemporaryFolder;
let folder: string;
let nodes: readonly NodeRuntime[];

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  folder = join(temporary.path, 'tool');
  await mkdir(join(folder, 'src'), { recursive: true });
  const packed = await packPackages(['packages/core', 'packages/driver-wol'], temporary.path);
  const project = await createNpmProject(folder);
  await project.install(...packed.map(({ tarball }) => tarball));
  await copyFile(join(programs, 'wake-tool.ts'), join(folder, 'src', 'wake-tool.ts'));
  await writeFile(join(folder, 'wake-tool.cjs'), COMMONJS_TOOL);
  const { engines } = await readManifest(join(REPOSITORY, 'packages', 'driver-wol'));
  nodes = await findNodes(engines?.node?.replace('>=', '') ?? '');
});

afterAll(() => temporary[Symbol.asyncDispose]());

describe('one driver, installed by npm into somebody else\'s project', () => {
  test('brings few packages and nothing native', async () => {
    const { packages, bytes, files } = await measureInstallation(folder);
    console.log(`node_modules: ${packages.length} packages, ${(bytes / 1024 / 1024).toFixed(1)} MiB (${packages.join(', ')})`);
    const dependencies = await Promise.all(['core', 'driver-wol'].map(async (each) => (await readManifest(join(REPOSITORY, 'packages', each))).dependencies ?? {}));
    const named = dependencies.flatMap((each) => Object.keys(each)).filter((name) => !name.startsWith('@ferric/'));
    expect(packages).toEqual(['@ferric/core', '@ferric/driver-wol', ...named].toSorted());
    expect(named.length).toBeLessThanOrEqual(MOST_FOREIGN_PACKAGES);
    expect(files.filter((file) => /\.(node|gyp|wasm)$/.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith('@ferric/') && /\.test(-d)?\.ts$/.test(file))).toEqual([]);
  });

  test.each(Object.entries(COMPILERS))('is typed and wakes a machine: TypeScript with %s', async (name, options) => {
    const configuration = `tsconfig.${name}.json`;
    const compilerOptions = { ...shared, ...options, outDir: `out-${name}` };
    await writeFile(join(folder, configuration), JSON.stringify({ compilerOptions, include: ['src'] }));
    await succeed(process.execPath, [TYPESCRIPT, '-p', configuration], { cwd: folder });

    for (const node of nodes) {
      const output = await succeed(node.path, [join(`out-${name}`, 'wake-tool.js')], { cwd: folder });
      expect(JSON.parse(output)).toEqual({
        node: node.version,
        byFunction: { bytes: [106, 106, 106, 106], power: 'power on' },
        byDriver: { status: 'sent', source: 'assumed', power: 'power on' },
        mistake: { code: 'INVALID_OPTIONS', retryable: false },
      });
    }
    expect(nodes.map(({ version }) => version)).toContain(process.versions.node);
  });

  test('a mistake in the options is found by the compiler', async () => {
    await mkdir(join(folder, 'wrong'), { recursive: true });
    await writeFile(join(folder, 'wrong', 'wrong.ts'), "import { wake } from '@ferric/driver-wol';\nawait wake('52:54:00:cf:2d:31', { prots: 9 });\n");
    const compilerOptions = { ...shared, module: 'nodenext', rootDir: 'wrong', noEmit: true };
    await writeFile(join(folder, 'tsconfig.wrong.json'), JSON.stringify({ compilerOptions, include: ['wrong'] }));
    await expect(succeed(process.execPath, [TYPESCRIPT, '-p', 'tsconfig.wrong.json'], { cwd: folder })).rejects.toThrow("'prots' does not exist in type 'WakeOptions'");
  });

  test('works from CommonJS', async () => {
    for (const node of nodes) {
      const output = await succeed(node.path, ['wake-tool.cjs'], { cwd: folder });
      expect(JSON.parse(output)).toEqual({ power: 'power on', sameError: true, contract: 1, client: 'function' });
    }
  });
});
