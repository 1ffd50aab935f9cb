import { expect, it } from 'vitest';
import { findMissing, parsePackageList } from '../debian-packages.mjs';

it('reads a list without its comments', () => {
  expect(parsePackageList('# peers\npostgresql\n\n python3 # for ironicclient\n')).toEqual(['postgresql', 'python3']);
});

it('finds packages that are unknown, removed or half configured', () => {
  const statuses = 'tcpdump installed\nwakeonlan config-files\netherwake half-configured\n';
  expect(findMissing(['tcpdump', 'wakeonlan', 'etherwake', 'postgresql'], statuses)).toEqual(['wakeonlan', 'etherwake', 'postgresql']);
});
