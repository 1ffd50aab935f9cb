import { expect, test } from 'vitest';
import { maskMediaKeys, mediumPath } from './media-address.js';

const place = { nodeUuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', key: '0f'.repeat(16), name: 'boot.iso' } as const;

test('a text with addresses shows where they lead and opens nothing', () => {
  const path = mediumPath(place);
  expect(maskMediaKeys(`GET http://h:1${path}?x and ${path.toUpperCase().replace('/FERRIC/V1/MEDIA', '/ferric/v1/media')}`)).not.toMatch(/0f0f/i);
  expect(maskMediaKeys(path)).toBe(`/ferric/v1/media/${place.nodeUuid}/******/boot.iso`);
});

test.each(['', '/ferric/v1/media/x/y', `key ${place.key}`])('leaves %j as it is', (text) => {
  expect(maskMediaKeys(text)).toBe(text);
});
