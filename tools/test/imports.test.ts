import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findUnlayered, findViolations, type WorkspaceView } from '../imports/find-violations.ts';
import { readImports, readReexports } from '../imports/read-imports.ts';
import { ROOT } from '../workspaces.mjs';

const coreIndex = readFileSync(join(ROOT, 'packages/core/src/index.ts'), 'utf8');

const view: WorkspaceView = {
  packages: [
    { name: '@ferric/core', folder: 'packages/core', exports: ['.', './zod', './testing', './conformance', './package.json'] },
    { name: '@ferric/driver-wol', folder: 'packages/driver-wol', exports: ['.', './plugin', './client', './simulator'] },
    { name: '@ferric/driver-ipmi', folder: 'packages/driver-ipmi', exports: ['.', './client'] },
    { name: '@ferric/driver-nm', folder: 'packages/driver-nm', exports: ['.'] },
    { name: '@ferric/ipmi-raw-buffer', folder: 'packages/ipmi-raw-buffer', exports: ['.'] },
    { name: '@ferric/agent', folder: 'packages/agent', exports: ['.'] },
    { name: '@ferric/conductor', folder: 'apps/conductor', exports: ['.'] },
    { name: '@ferric/e2e', folder: 'e2e', exports: [] },
  ],
  coreNames: readReexports('index.ts', coreIndex),
};

function problems(path: string, text: string): readonly string[] {
  return findViolations({ path, imports: readImports(path, text) }, view).map(({ problem }) => problem);
}

describe('a planted violation is found', () => {
  const wol = 'packages/driver-wol/src/wol-driver.ts';
  const client = 'packages/driver-wol/src/client/wake.ts';
  const planted: readonly [what: string, path: string, text: string, problem: string][] = [
    ['core imports a driver', 'packages/core/src/x.ts', `import { x } from '@ferric/driver-wol';`, 'must not import @ferric/driver-wol'],
    ['a driver imports the conductor', wol, `import { x } from '@ferric/conductor';`, 'must not import @ferric/conductor'],
    ['a driver imports only a type of the conductor', wol, `import type { X } from '@ferric/conductor';`, 'must not import @ferric/conductor'],
    ['a type is imported in place', wol, `let x: import('@ferric/conductor').X;`, 'must not import @ferric/conductor'],
    ['a driver passes another driver on', wol, `export * from '@ferric/driver-ipmi';`, 'must not import @ferric/driver-ipmi'],
    ['a driver loads another one late', wol, `const load = () => import('@ferric/driver-ipmi');`, 'must not import @ferric/driver-ipmi'],
    ['a test of a driver imports another one', 'packages/driver-wol/test/x.test.ts', `import '@ferric/driver-ipmi';`, 'must not import @ferric/driver-ipmi'],
    ['a driver speaks a protocol of another', wol, `import { x } from '@ferric/ipmi-raw-buffer';`, 'must not import @ferric/ipmi-raw-buffer'],
    ['the conductor imports a driver', 'apps/conductor/src/main.ts', `import { x } from '@ferric/driver-wol/plugin';`, 'must not import @ferric/driver-wol'],
    ['the conductor loads a driver it knows by name', 'apps/conductor/src/compose/load.ts', `await import('@ferric/driver-wol/plugin');`, 'must not import'],
    ['the conductor computes an import elsewhere', 'apps/conductor/src/api/nodes.ts', `await import(name);`, 'imports what it computes'],
    ['a driver computes an import', wol, 'const load = (name: string) => import(`./${name}.js`);', 'imports what it computes'],
    ['another package is imported by path', wol, `import { x } from '../../core/src/index.js';`, 'imports packages/core/src/index.ts by its path'],
    ['a helper of tests is shipped', wol, `import { runBlock } from '../../../readme.shared.js';`, 'imports readme.shared.ts by its path'],
    ['configuration is shipped', wol, `import { defineTests } from '../../../vitest.shared.js';`, 'imports vitest.shared.ts by its path'],
    ['a file that is no entry is imported', wol, `import { x } from '@ferric/core/src/index.js';`, 'is no entry of @ferric/core'],
    ['a driver forks', wol, `import { spawn } from 'node:child_process';`, 'never by a forked tool'],
    ['a simulator forks', 'packages/driver-wol/src/simulator/x.ts', `import { spawn } from 'child_process';`, 'never by a forked tool'],
    ['a driver forks by way of process', wol, `process.getBuiltinModule('child_process').fork('x');`, 'never by a forked tool'],
    ['a driver requires a forker the old way', wol, `import fork = require('node:child_process');`, 'never by a forked tool'],
    ['a driver requires a forker', wol, `const { fork } = require('node:child_process');`, 'never by a forked tool'],
    ['the conductor forks', 'apps/conductor/src/main.ts', `import { spawn } from 'node:child_process';`, 'never by a forked tool'],
    ['a driver serves HTTP', wol, `import { createServer } from 'node:http';`, 'serve HTTP'],
    ['a driver serves HTTP by a framework', wol, `import { fastify } from 'fastify';`, 'serve HTTP'],
    ['a driver has a store', wol, `import { DatabaseSync } from 'node:sqlite';`, 'has a store'],
    ['a driver has durable work', wol, `import { x } from 'openworkflow/sqlite';`, 'has a store'],
    ['a driver ships its test tool', wol, `import { expect } from 'vitest';`, 'not shipped'],
    ['a driver ships core test helpers', wol, `import { x } from '@ferric/core/testing';`, 'for tests'],
    ['core ships its suite', 'packages/core/src/index.ts', `export { x } from './conformance/index.js';`, 'for tests'],
    ['a client imports the adapter', client, `import { x } from '../wol-driver.js';`, 'works alone'],
    ['a client imports the plugin', client, `import { x } from '../plugin.js';`, 'works alone'],
    ['a client imports the options', client, `import type { X } from '../wol-options.js';`, 'works alone'],
    ['a client imports the simulator', client, `import { x } from '../simulator/index.js';`, 'works alone'],
    ['a simulator shares the codec of the client', 'packages/driver-wol/src/simulator/x.ts', `import { x } from '../client/magic-packet.js';`, 'repeats its mistakes'],
    ['the simulated BMC shares the packets of the client', 'packages/ipmi-raw-buffer/src/simulator/wire/x.ts', `import { x } from '../../lan/packet.js';`, 'repeats its mistakes'],
    ['a client knows nodes', client, `import type { Node } from '@ferric/core';`, 'must not take Node from core'],
    ['a client knows drivers', client, `import { type Driver as X, Secret } from '@ferric/core';`, 'must not take Driver from core'],
    ['a client hides what it takes', client, `import * as core from '@ferric/core';`, 'must name what it takes'],
    ['a protocol package knows devices', 'packages/ipmi-raw-buffer/src/x.ts', `import type { Device } from '@ferric/core';`, 'must not take Device from core'],
    ['a protocol package knows schemas', 'packages/ipmi-raw-buffer/src/x.ts', `import { z } from '@ferric/core/zod';`, 'must not import @ferric/core/zod'],
  ];

  it.each(planted)('%s', (_what, path, text, problem) => {
    expect(problems(path, text)).toEqual([expect.stringContaining(problem)]);
  });

  it('names the line', () => {
    const imports = readImports('x.ts', `\n// import 'fastify';\nimport 'fastify';`);
    expect(imports).toEqual([{ specifier: 'fastify', names: [], line: 3 }]);
  });

  it('refuses a package that no row names', () => {
    const stray = { name: '@ferric/stray', folder: 'packages/stray', exports: ['.'] };
    expect(findUnlayered({ ...view, packages: [...view.packages, stray] })).toEqual(['packages/stray']);
  });
});

describe('good code passes', () => {
  const good: readonly [what: string, path: string, text: string][] = [
    ['a driver uses core', 'packages/driver-wol/src/wol-driver.ts', `import { Secret, type Driver } from '@ferric/core';\nimport { z } from '@ferric/core/zod';`],
    ['nm extends ipmi', 'packages/driver-nm/src/nm-driver.ts', `import { x } from '@ferric/driver-ipmi';\nimport { y } from '@ferric/ipmi-raw-buffer';`],
    ['a simulator serves HTTP', 'packages/driver-wol/src/simulator/x.ts', `import { createServer } from 'node:http';`],
    ['a simulator shares the socket of the client', 'packages/driver-wol/src/simulator/x.ts', `import { x } from '../client/udp.js';`],
    ['a client uses its own files and core', 'packages/driver-wol/src/client/wake.ts', `import { Secret, macAddressBytes } from '@ferric/core';\nimport { z } from '@ferric/core/zod';\nimport { x } from './codec.js';\nimport { y } from '../wol-errors.js';`],
    ['a protocol package uses errors and secrets', 'packages/ipmi-raw-buffer/src/x.ts', `import { FerricError, Secret, type CallOptions } from '@ferric/core';`],
    ['a test forks a peer', 'packages/driver-wol/test/x.peer.test.ts', `import { spawn } from 'node:child_process';`],
    ['a test of core names core', 'packages/core/test/x.test.ts', `import { Secret } from '@ferric/core';\nimport { x } from '@ferric/core/testing';`],
    ['the conductor loads what is configured', 'apps/conductor/src/compose/load.ts', `await import(name);`],
    ['a test of the conductor uses a driver', 'apps/conductor/test/x.test.ts', `import { x } from '@ferric/driver-wol/simulator';`],
    ['e2e uses everything', 'e2e/test/x.test.ts', `import { x } from '@ferric/driver-wol';\nimport { y } from '@ferric/conductor';`],
    ['tests share the helper for READMEs', 'packages/core/test/readme.test.ts', `import { runBlock } from '../../../readme.shared.js';`],
    ['configuration is shared', 'packages/core/vitest.config.ts', `import { defineTests } from '../../vitest.shared.js';`],
  ];

  it.each(good)('%s', (_what, path, text) => {
    expect(problems(path, text)).toEqual([]);
  });
});
