import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { succeed } from '../support/program.js';
import { REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';
import { MISTAKEN_CLIENT, MISTAKES, TYPED_CLIENT } from './programs/typed-client-text.js';

const TYPESCRIPT = join(REPOSITORY, 'node_modules', 'typescript-7', 'bin', 'tsc');
const COMPILER_OPTIONS = { target: 'es2024', lib: ['es2024', 'dom'], module: 'nodenext', strict: true, types: ['node'], typeRoots: [join(REPOSITORY, 'node_modules', '@types')] };

let temporary: TemporaryFolder;
let conductor: RunningConductor;
let folder: string;

/** Compiles one program of the folder; fails with what the compiler says. */
async function compile(name: string): Promise<void> {
  const configuration = join(folder, `tsconfig.${name}.json`);
  await writeFile(configuration, JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: [`${name}.ts`] }));
  await succeed(process.execPath, [TYPESCRIPT, '-p', configuration], { cwd: folder });
}

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  conductor = await startConductor({ dataDir: join(temporary.path, 'data') });
  folder = join(temporary.path, 'tool');
  await mkdir(folder);
  await symlink(join(REPOSITORY, 'e2e', 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const types = await openapiTypescript(new URL('/openapi.json', conductor.api.url));
  await writeFile(join(folder, 'ironic-api.d.ts'), astToString(types));
});

afterAll(async () => {
  await conductor[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

describe('a client whose types were generated from the description of the API', () => {
  test('compiles, and does what it says', async () => {
    await writeFile(join(folder, 'tool.ts'), TYPED_CLIENT);
    await compile('tool');
    const output = await succeed(process.execPath, [join(folder, 'tool.js'), conductor.api.url], { cwd: folder });
    expect(JSON.parse(output)).toEqual({
      created: 201, names: ['typed'], extra: { rack: 'r1' }, port: '52:54:00:00:00:01', chassis: 'rack', group: 'active-backup', refusal: true,
    });
  });

  test('is told by the compiler of each mistake', async () => {
    await writeFile(join(folder, 'mistakes.ts'), [...MISTAKEN_CLIENT, ...MISTAKES].join('\n'));
    const refusal = await compile('mistakes').then(() => '', String);
    const lines = new Set([...refusal.matchAll(/mistakes\.ts\((\d+),\d+\): error TS/g)].map(([, line]) => Number(line)));
    expect([...lines]).toEqual(MISTAKES.map((_mistake, index) => MISTAKEN_CLIENT.length + index + 1));
  });
});
