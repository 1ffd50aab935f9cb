import { join } from 'node:path';
import { startPostgresql } from '@ferric/lab';
import { expect, test } from 'vitest';
import { startConductor } from '../support/conductor.js';
import { expectConcurrentClientsInOrder, LOAD_ARGS, LOAD_SECONDS } from '../support/concurrent-proof.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

test('fifty clients of two conductors at twenty nodes lose no update and share no allocation, on PostgreSQL', { timeout: 120_000 + LOAD_SECONDS * 1000 }, async () => {
  await using temporary = await createTemporaryFolder();
  await using server = await startPostgresql();
  const databaseUrl = await server.createDatabase();
  const start = (name: string) => startConductor({ dataDir: join(temporary.path, name), args: [...LOAD_ARGS, '--database-url', databaseUrl, '--conductor-name', name] });
  await using first = await start('first');
  await using second = await start('second');
  await expectConcurrentClientsInOrder([first, second]);
  expect(await Promise.all([first.stop(), second.stop()])).toEqual([{ code: 0, signal: null }, { code: 0, signal: null }]);
});
