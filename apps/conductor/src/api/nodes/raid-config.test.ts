import type { JsonObject } from '@ferric/core';
import { expect, test } from 'vitest';
import { checkRaidConfig } from './raid-config.js';

test.each([
  {},
  { logical_disks: [] },
  { logical_disks: [{ size_gb: 100, raid_level: '1', is_root_volume: true }] },
  { logical_disks: [{ size_gb: 'MAX', raid_level: '5+0', disk_type: 'ssd', interface_type: 'sas', number_of_physical_disks: 4, controller: 'c', physical_disks: ['1'], volume_name: 'v', share_physical_disks: false }] },
])('accepts %j', (config) => {
  expect(() => checkRaidConfig(config as JsonObject)).not.toThrow();
});

test.each([
  [{ logical_disks: [{ size_gb: 100, raid_level: 'zz' }] }, "RAID config validation error: 'zz' is not one of ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0']"],
  [{ logical_disks: [{ raid_level: '1' }] }, "RAID config validation error: 'size_gb' is a required property"],
  [{ logical_disks: [{ size_gb: 0, raid_level: '1' }] }, 'RAID config validation error: 0 is not valid under any of the given schemas'],
  [{ logical_disks: [{ size_gb: 1, raid_level: '1', volume_name: 5 }] }, "RAID config validation error: 5 is not of type 'string'"],
  [{ logical_disks: [{ size_gb: 1, raid_level: '1', toString: 5 }] }, "RAID config validation error: Additional properties are not allowed ('toString' was unexpected)"],
  [{ logical_disks: [5] }, "RAID config validation error: 5 is not of type 'object'"],
  [{ logical_disks: {} }, "RAID config validation error: {...} is not of type 'array'"],
  [{ disks: [] }, "RAID config validation error: Additional properties are not allowed ('disks' was unexpected)"],
  [{ logical_disks: [1, 2].map(() => ({ size_gb: 1, raid_level: '0', is_root_volume: true })) }, 'Raid config cannot have more than one root volume. Multiple root volumes were specified'],
])('refuses %j', (config, message) => {
  expect(() => checkRaidConfig(config as JsonObject)).toThrow(expect.objectContaining({ status: 400, message }));
});
