import { describe, expect, test } from 'vitest';
import { logicalDisks, narrowRaidTarget, raidFound } from './raid-configuration.js';

const nodeUuid = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const root = { raid_level: '1', size_gb: 100, is_root_volume: true };
const data = { raid_level: '5', size_gb: 'MAX', is_root_volume: false };
const all = { logical_disks: [root, data] };

test.each([[{}], [{ logical_disks: null }], [{ logical_disks: ['x', null, []] }]])('%o has no disks', (configuration) => {
  expect(logicalDisks(configuration)).toEqual([]);
});

// Source: Ironic, ironic/common/raid.py (filter_target_raid_config).
describe('narrowRaidTarget', () => {
  test.each([
    [true, true, [root, data]],
    [true, false, [root]],
    [false, true, [data]],
  ])('root %s, others %s', (wantsRoot, nonRoot, disks) => {
    expect(narrowRaidTarget(all, { root: wantsRoot, nonRoot }, nodeUuid)).toEqual({ logical_disks: disks });
  });

  test.each([
    [{}, true, true, `Node ${nodeUuid} has no target RAID configuration.`],
    [{ logical_disks: [root] }, false, true, `Node ${nodeUuid} has empty target RAID configuration after skipping root volume.`],
    [{ logical_disks: [data] }, true, false, `Node ${nodeUuid} has empty target RAID configuration after skipping non-root volumes.`],
    [all, false, false, `Node ${nodeUuid} has empty target RAID configuration after skipping root volume and skipping non-root volumes.`],
  ])('%o with root %s and others %s leaves nothing to create', (target, wantsRoot, nonRoot, message) => {
    expect(() => narrowRaidTarget(target, { root: wantsRoot, nonRoot }, nodeUuid)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message }) as Error);
  });
});

// Source: Ironic, ironic/common/raid.py (update_raid_info).
describe('raidFound', () => {
  const at = new Date('2026-11-21T08:00:00Z');
  const found = (disks: readonly object[], properties = {}): unknown => raidFound({ properties }, { logical_disks: disks as never }, at);

  test('tells the arrays and the facts of the root volume', () => {
    const hinted = { ...root, root_device_hint: { wwn: '0x1' } };
    expect(found([hinted, data], { capabilities: 'boot_mode:uefi' })).toEqual({
      raidConfig: { logical_disks: [hinted, data], last_updated: '2026-11-21T08:00:00.000Z' },
      properties: { local_gb: 100, root_device: { wwn: '0x1' }, capabilities: 'boot_mode:uefi,raid_level:1' },
    });
  });

  test.each([[[data]], [[root, root]]])('tells no facts of a root volume when it is not clear which one it is: %o', (disks) => {
    expect(found(disks)).toEqual({ raidConfig: { logical_disks: disks, last_updated: '2026-11-21T08:00:00.000Z' } });
  });

  test('tells no size that is not known, and that there is nothing', () => {
    expect(found([{ ...root, size_gb: 'MAX' }])).toMatchObject({ properties: { capabilities: 'raid_level:1' } });
    expect(found([{ ...root, size_gb: 'MAX' }])).not.toHaveProperty('properties.local_gb');
    expect(found([])).toEqual({ raidConfig: {} });
  });
});
