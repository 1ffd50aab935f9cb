import { expect, test } from 'vitest';
import { createMachineApi } from '../support/machine-api.js';

// Recorded exchange 143.
test('shards are listed by size, with the nodes that have none', async () => {
  await using api = await createMachineApi();
  expect((await api.request('GET', '/v1/shards', { version: '1.82' })).text).toBe('{"shards":[]}');
  for (const [index, shard] of ['b', null, 'b', 'a', 'b', null, 'c'].entries()) await api.addMachine({ shard }, `52:54:00:00:00:0${index}`);
  expect((await api.request('GET', '/v1/shards', { version: '1.82' })).text).toBe(
    '{"shards":[{"name":"b","count":3},{"name":"None","count":2},{"name":"a","count":1},{"name":"c","count":1}]}',
  );
  expect((await api.request('GET', '/v1/shards', { version: '1.81' })).status).toBe(404);
  expect((await api.request('GET', '/v1/shards/b', { version: '1.82' })).status).toBe(404);
});
