import { expect, test } from 'vitest';
import { networkData } from './network-data.js';

const check = (value: unknown) => networkData.check('network_data', value as never, { subject: 'patch', operation: 'patch', version: 82 });

test.each([{}, { links: [], networks: [] }, { links: [{ id: 'l' }], networks: [{ id: 'n' }], services: [{ type: 'dns' }] }])('accepts %j', (value) => {
  expect(check(value)).toEqual(value);
});

test.each([
  ['x', "Schema error for patch: 'x' is not of type 'object', 'null'"],
  [{ links: [] }, "Invalid network_data: 'networks' is a required property"],
  [{ links: [], networks: [], x: [] }, "Invalid network_data: Additional properties are not allowed ('x' was unexpected)"],
  [{ links: {}, networks: [] }, "Invalid network_data: {...} is not of type 'array'"],
  [{ links: [5], networks: [] }, "Invalid network_data: 5 is not of type 'object'"],
])('refuses %j', (value, message) => {
  expect(() => check(value)).toThrow(expect.objectContaining({ status: 400, message }));
});
