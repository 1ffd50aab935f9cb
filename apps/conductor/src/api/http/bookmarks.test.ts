import { expect, test } from 'vitest';
import { bookmarkReader } from './bookmarks.js';

const read = bookmarkReader(['/nodes', '/nodes/:node/states', '/volume/targets']);

test.each([
  ['/nodes', '/v1/nodes'],
  ['/nodes/', '/v1/nodes/'],
  ['/nodes?limit=1', '/v1/nodes?limit=1'],
  ['/nodes/a/states', '/v1/nodes/a/states'],
  ['/volume', '/v1/volume'],
])('%s is read as %s', (url, path) => {
  expect(read(url)).toBe(path);
});

test.each(['/', '', '/v1', '/v1/nodes', '/healthz', '/nodesx', '//nodes', '/%6eodes', '/?nodes', '/targets', '*', 'http://host/nodes'])('%s is left as it is', (url) => {
  expect(read(url)).toBe(url);
});
