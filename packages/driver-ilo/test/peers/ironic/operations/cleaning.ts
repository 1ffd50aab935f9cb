import { createHash } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fields, IronicFault } from '../ironic-api.js';
import { type NodeUnderTest, power, provision } from '../node-under-test.js';
import { bootOnce, type Operations } from './operation.js';

const NEW_PASSWORD = 'another-password';

/** A manual clean of one step, on the machine's deploy ramdisk. After a failure the node is manageable again. */
export async function clean(node: NodeUnderTest, step: string, args: Fields = {}, area = 'management'): Promise<Fields> {
  try {
    return await provision(node, 'clean', { clean_steps: [{ interface: area, step, args }] });
  } catch (error) {
    await recover(node);
    throw error;
  }
}

/** The same for a step that Ironic may skip. Yields `skipped`, or what `look` sees. @param command the client's name for the step */
async function cleanOrSkip(node: NodeUnderTest, step: string, look: () => unknown, args: Fields = {}, command = step): Promise<unknown> {
  await clean(node, step, args);
  const complaints = await node.ironic.complaints();
  return complaints.some((line) => line.includes(`'${command}' step is not supported on node ${node.uuid}. Skipping`)) ? 'skipped' : look();
}

async function recover({ ironic: { api }, uuid }: NodeUnderTest): Promise<void> {
  const { provision_state: state, maintenance } = await api.node(uuid);
  if (maintenance === true) await api.ask('DELETE', `/v1/nodes/${uuid}/maintenance`);
  if (state !== 'clean failed') return;
  await api.ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
  await api.settled(uuid, ['manageable']);
}

/** Publishes something that is taken for firmware, and yields what the step wants to know of it. */
async function publishFirmware({ generation, ironic }: NodeUnderTest): Promise<Fields> {
  const name = generation === 'gen10' ? 'ilo5_250.bin' : 'ilo4_278.bin';
  const content = 'firmware '.repeat(1000);
  await writeFile(join(ironic.published, name), content);
  return { url: `${ironic.imagesUrl}/${name}`, checksum: createHash('md5').update(content).digest('hex'), component: 'ilo' };
}

/** What the iLO itself can do. */
export const MANAGEMENT_STEPS: Operations = {
  'clean: reset_bios_to_default': (node) => {
    const { bios } = node.ilo.machine;
    bios.note('ProcVirtualization', 'Disabled');
    return cleanOrSkip(node, 'reset_bios_to_default', () => bios.pending['ProcVirtualization']);
  },
  'clean: clear_secure_boot_keys': async (node) => {
    const cleared = await cleanOrSkip(node, 'clear_secure_boot_keys', () => 'cleared');
    await bootOnce(node);
    return [cleared, node.ilo.machine.secureBoot?.keys];
  },
  'clean: reset_secure_boot_keys_to_default': async (node) => {
    const reset = await cleanOrSkip(node, 'reset_secure_boot_keys_to_default', () => 'reset', {}, 'reset_secure_boot_keys');
    await bootOnce(node);
    return [reset, node.ilo.machine.secureBoot?.keys];
  },
  'clean: activate_license with a wrong key': async (node) => {
    await clean(node, 'activate_license', { ilo_license_key: 'no-key' });
  },
  'clean: activate_license': async (node) => {
    const { licence } = node.ilo.machine;
    const before = licence.installedAt;
    await clean(node, 'activate_license', { ilo_license_key: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' });
    return licence.installedAt > before;
  },
  'clean: security_parameters_update': (node) =>
    clean(node, 'security_parameters_update', { security_parameters: [{ param: 'password_complexity', enable: true }] }),
  'clean: update_minimum_password_length': (node) => clean(node, 'update_minimum_password_length', { password_length: '10' }),
  'clean: update_auth_failure_logging_threshold': (node) => clean(node, 'update_auth_failure_logging_threshold', { logging_threshold: '1' }),
  'clean: create_csr': (node) => {
    const request = { City: 'Bengaluru', CommonName: 'ilo.example.org', Country: 'IN', OrgName: 'Example', State: 'KA' };
    return cleanOrSkip(node, 'create_csr', () => node.ilo.activity.operations['configure ilo'], { csr_params: request });
  },
  'clean: add_https_certificate': async (node) => {
    const { ilo_verify_ca: authority } = node.node['driver_info'] as { readonly ilo_verify_ca: string };
    const file = `${authority}.new`;
    await copyFile(authority, file);
    return cleanOrSkip(node, 'add_https_certificate', () => node.ilo.activity.operations['configure ilo'], { cert_file: file });
  },
  'clean: reset_ilo_credential without a password': async (node) => {
    await clean(node, 'reset_ilo_credential');
    return node.ilo.activity.operations['change password'];
  },
  'clean: reset_ilo_credential with one that is too short': async (node) => {
    const { api } = node.ironic;
    await api.patch(node.uuid, { '/driver_info/ilo_change_password': 'short' });
    try {
      await clean(node, 'reset_ilo_credential');
    } finally {
      const { ilo_change_password: left } = (await api.node(node.uuid))['driver_info'] as Fields;
      if (left !== undefined) await api.patch(node.uuid, { '/driver_info/ilo_change_password': undefined });
    }
  },
  'clean: update_firmware': async (node) => {
    await clean(node, 'update_firmware', { firmware_update_mode: 'ilo', firmware_images: [await publishFirmware(node)] });
    return node.ilo.activity.operations['update firmware'];
  },
  'clean: clear_ca_certificates': async (node) => {
    const { trustedCertificates } = node.ilo.machine;
    trustedCertificates.add([node.ilo.certificate]);
    trustedCertificates.apply();
    await clean(node, 'clear_ca_certificates', { certificate_files: [] });
    return trustedCertificates.trusted.length;
  },
};

/** What the firmware and the RAID controller of the machine take up when it starts anew. */
export const SETTINGS_STEPS: Operations = {
  'clean: apply_configuration': async (node) => {
    await clean(node, 'apply_configuration', { settings: [{ name: 'ProcVirtualization', value: 'Disabled' }] }, 'bios');
    return node.ilo.machine.bios.current['ProcVirtualization'];
  },
  'clean: factory_reset': async (node) => {
    await clean(node, 'factory_reset', {}, 'bios');
    return node.ilo.machine.bios.current['ProcVirtualization'];
  },
  'clean: delete_configuration': async (node) => {
    const { raid_config: told } = await clean(node, 'delete_configuration', {}, 'raid');
    return [told, node.ilo.machine.storage.logicalDrives.length];
  },
  'clean: erase_devices': async (node) => {
    await clean(node, 'erase_devices');
    return node.ilo.machine.storage.drives.map(({ erase }) => erase);
  },
  'clean: create_configuration': async (node) => {
    const { ironic: { api }, uuid, ilo } = node;
    await api.ask('PUT', `/v1/nodes/${uuid}/states/raid`, { logical_disks: [{ size_gb: 100, raid_level: '1', is_root_volume: true }] });
    const { raid_config: told } = await clean(node, 'create_configuration', {}, 'raid');
    const [disk] = (told as { readonly logical_disks: readonly Fields[] }).logical_disks;
    const own = ilo.machine.storage.logicalDrives.map(({ level, capacityMib, drives }) => [capacityMib / 1024, level, drives]);
    return { told: [disk?.['size_gb'], disk?.['raid_level'], disk?.['physical_disks']], own };
  },
};

/** What a node that is given back goes through by itself. */
export const AUTOMATED_CLEANING: Operations = {
  'automated cleaning': async (node) => {
    const { ironic: { api }, uuid, ilo, ramdisk } = node;
    await power(node, 'power off');
    ramdisk.takeAgents();
    await api.patch(uuid, { '/driver_info/ilo_change_password': NEW_PASSWORD });
    const before = ilo.activity.latestOperations.length;
    const cleaned = await provision(node, 'provide');
    const operations = ilo.activity.latestOperations.slice(before);
    const steps = ramdisk.takeAgents().flatMap((agent) => agent.steps);
    const { ilo_change_password: left } = cleaned['driver_info'] as Fields;
    const isChanged = ilo.machine.accounts.identify(ilo.username, NEW_PASSWORD) !== undefined;
    return { state: cleaned['provision_state'], isChanged, left, operations, steps };
  },
};

/** The machine erases itself, which takes hours. Ironic sets the node to maintenance, where it stays. */
export const ERASURE: Operations = {
  'clean: one_button_secure_erase': async (node) => {
    const { ironic: { api }, uuid, ilo } = node;
    await provision(node, 'manage');
    await api.ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'clean', clean_steps: [{ interface: 'management', step: 'one_button_secure_erase' }] });
    const cleaned = await api.settled(uuid, ['clean failed', 'manageable'], ({ maintenance }) => maintenance === true);
    if (cleaned['provision_state'] !== 'clean wait') {
      await recover(node);
      throw new IronicFault(String(cleaned['last_error']));
    }
    const { storage, licence } = ilo.machine;
    const { 'erase machine': erasures, 'reset server': resets } = ilo.activity.operations;
    return [cleaned['maintenance'], erasures, resets, storage.logicalDrives.length, licence.kind];
  },
};
