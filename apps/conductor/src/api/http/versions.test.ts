import { describe, expect, test } from 'vitest';
import { MAXIMUM_VERSION, negotiateVersion, RANGE_HEADERS } from './versions.js';

describe('negotiateVersion', () => {
  test.each([
    ['nothing', undefined, 1],
    ['the minimum', '1.1', 1],
    ['a version in between', '1.46', 46],
    ['the maximum', '1.82', 82],
    ['latest', 'latest', MAXIMUM_VERSION],
    ['latest in capitals, with blanks', ' LATEST ', MAXIMUM_VERSION],
  ])('%s', (_case, header, minor) => {
    expect(negotiateVersion(header)).toBe(minor);
  });

  test.each([
    ['too new', '1.83', 'Version 1.83 was requested but the minor version is not supported by this service. The supported version range is: [1.1, 1.82].'],
    ['too old', '1.0', 'Version 1.0 was requested but the minor version is not supported by this service. The supported version range is: [1.1, 1.82].'],
    ['another major version', '2.1', 'Mutually exclusive versions requested. Version 2.1 requested but not supported by this service. The supported version range is: [1.1, 1.82].'],
  ])('refuses what is %s and tells the range', (_case, header, message) => {
    expect(() => negotiateVersion(header)).toThrow(expect.objectContaining({ status: 406, message, headers: RANGE_HEADERS }));
  });

  test.each(['abc', '', '1', '1.', '.1', '1.1.1', '1.1, 1.2', '-1.1', '1.1e3', '１.1', `1.${'9'.repeat(400)}`])('refuses %j without telling the range', (header) => {
    expect(() => negotiateVersion(header)).toThrow(
      expect.objectContaining({ status: 406, message: 'Invalid value for X-OpenStack-Ironic-API-Version header', headers: {} }),
    );
  });
});
