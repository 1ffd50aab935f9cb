import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startConductor } from '../support/conductor.js';
import { expectConcurrentClientsInOrder, LOAD_ARGS, LOAD_SECONDS } from '../support/concurrent-proof.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

test('fifty clients at twenty nodes lose no update and share no allocation, on SQLite', { timeout: 90_000 + LOAD_SECONDS * 1000 }, async () => {
  await using temporary = await createTemporaryFolder();
  await using conductor = await startConductor({ dataDir: join(temporary.path, 'data'), args: LOAD_ARGS });
  await expectConcurrentClientsInOrder([conductor]);
  expect(await conductor.stop()).toEqual({ code: 0, signal: null });
});
