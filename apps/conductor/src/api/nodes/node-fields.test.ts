import { INTERFACES, Secret, sealSecrets, type SealedObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { sampleNode } from '../../../test/support/sample-node.js';
import { MAXIMUM_VERSION } from '../http/versions.js';
import { presentersOf } from '../table/presenter.js';
import { NODE_TABLE } from './node-fields.js';

const presenters = presentersOf(NODE_TABLE, ['uuid']);
const view = { base: 'http://host', hostname: 'me', isSecretKey: () => (key: string) => key === 'pin' || /password/.test(key) };
const show = (node: Parameters<typeof sampleNode>[0], version = MAXIMUM_VERSION) => presenters(version, 'whole record').present(sampleNode(node), view);

/** First versions as the protocol notes list them (node JSON at 1.115, those up to 1.82). */
const SINCE: Readonly<Record<string, number>> = {
  name: 5, driver_internal_info: 3, fault: 42, inspection_started_at: 6, inspection_finished_at: 6, clean_step: 7, deploy_step: 44,
  raid_config: 12, target_raid_config: 12, resource_class: 21, traits: 37, conductor_group: 46, automated_clean: 47, protected: 48,
  protected_reason: 48, conductor: 49, owner: 50, description: 51, allocation_uuid: 52, retired: 61, retired_reason: 61, lessee: 65,
  network_data: 66, boot_mode: 75, secure_boot: 75, shard: 82, states: 14, network_interface: 20, storage_interface: 33, rescue_interface: 38,
  portgroups: 24, volume: 32, bios_interface: 40, boot_interface: 31, console_interface: 31, deploy_interface: 31, inspect_interface: 31, management_interface: 31,
  power_interface: 31, raid_interface: 31, vendor_interface: 31,
};

describe('the table of node fields', () => {
  test('names each field once', () => {
    const names = NODE_TABLE.fields.map((field) => field.name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('admits each field from its version on', () => {
    for (const { name, since } of NODE_TABLE.fields) expect([name, since]).toEqual([name, SINCE[name] ?? 1]);
  });

  test('has an interface field for each interface but those of later versions', () => {
    const names = NODE_TABLE.fields.map((field) => field.name);
    expect(INTERFACES.filter((name) => !names.includes(`${name}_interface`))).toEqual(['firmware']);
  });

  test('reads only members that a node has', () => {
    const node = sampleNode();
    for (const field of NODE_TABLE.fields) expect(field.columns.filter((column) => !(column in node))).toEqual([]);
  });

  test('gives back the empty values it declares', () => {
    for (const { name, input } of NODE_TABLE.fields) {
      if (input === undefined || input.empty === null) continue;
      expect([name, input.kind.check(name, input.empty, { subject: 'node', operation: 'create', version: 82 })]).toEqual([name, input.empty]);
    }
  });
});

describe('a node as clients see it', () => {
  test('has its states under the names of older versions', () => {
    expect([1, 2].map((version) => show({ provisionState: 'available' }, version)['provision_state'])).toEqual([null, 'available']);
    expect([38, 39].map((version) => show({ provisionState: 'inspect wait' }, version)['provision_state'])).toEqual(['inspecting', 'inspect wait']);
  });

  test('shows no secret: not by common names, not by those of its driver, not in lists, not in texts', () => {
    const driverInfo = sealSecrets({ ipmi_password: 'p1', pin: 'p2', list: [{ token: 'p3' }], url: 'http://u:p4@h/' }, (key) => key === 'pin' || /password|token/.test(key));
    const node = show({
      driverInfo: driverInfo as SealedObject,
      driverInternalInfo: { agent_secret_token: new Secret('p5') },
      instanceInfo: { configdrive: { user_data: 'p6' }, image_url: 'http://temporary/p7', image_source: 'http://plain' },
    });
    expect(JSON.stringify(node)).not.toMatch(/p[1-7]/);
    expect(node['driver_info']).toEqual({ ipmi_password: '******', pin: '******', list: [{ token: '******' }], url: 'http://u:******@h/' });
    expect(node['instance_info']).toEqual({ configdrive: '******', image_url: '******', image_source: 'http://plain' });
  });

  test('shows extra and properties as they are', () => {
    expect(show({ extra: { password: 'shown' }, properties: { token: 'shown' } })).toMatchObject({ extra: { password: 'shown' }, properties: { token: 'shown' } });
  });
});
