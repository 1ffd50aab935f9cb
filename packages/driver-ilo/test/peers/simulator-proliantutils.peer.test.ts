import { findFile } from '@ferric/lab';
import { beforeAll, expect, test } from 'vitest';
import type { Generation, Operation } from '../../src/simulator/index.js';
import { type CallResult, type Failure, runClient, startAt443, startImageServer, unexplained, valueOf } from './simulator-bench.js';

// The reference client drives the simulator. Which of its calls cannot succeed, and why, stands in the tables: everything else has to.

const NO_RIBCL_COMMAND: Failure = {
  calls: [
    'get_secure_boot_mode', 'set_secure_boot_mode', 'clear_secure_boot_keys', 'reset_secure_boot_keys', 'get_current_bios_settings', 'get_default_bios_settings',
    'set_bios_settings', 'get_pending_bios_settings', 'set_http_boot_url', 'get_http_boot_url', 'get_iscsi_initiator_info', 'set_iscsi_initiator_info', 'set_iscsi_info',
    'unset_iscsi_info', 'reset_bios_to_default',
  ],
  error: 'IloCommandNotSupportedError',
  says: 'not supported on current platform',
  because: 'RIBCL has no command for it',
};
const NOT_ON_ILO_4: Failure = {
  calls: ['add_tls_certificate', 'remove_tls_certificate', 'get_available_disk_types', 'do_disk_erase', 'has_disk_erase_completed', 'do_one_button_secure_erase'],
  error: 'IloCommandNotSupportedError',
  says: 'not supported on current platform',
  because: 'only iLO 5 can do it',
};
const NOT_FOR_ILO_4: Failure = {
  calls: ['delete_raid_configuration', 'create_raid_configuration', 'read_raid_configuration', 'create_csr', 'add_https_certificate'],
  error: 'IloCommandNotSupportedError',
  says: 'is not supported on ProLiant',
  because: 'the client does it for iLO 5 only',
};
const SECURITY_UPDATES = [
  'update_password_complexity', 'update_require_login_for_ilo_rbsu', 'update_require_host_authentication', 'update_minimum_password_length', 'update_ipmi_over_lan',
  'update_authentication_failure_logging', 'update_secure_boot',
];
const NOT_BEFORE_ILO_5: Failure = {
  calls: ['get_security_dashboard_values', ...SECURITY_UPDATES],
  error: 'AttributeError',
  says: "'RIBCLOperations' object has no attribute",
  because: 'the client sends every call that it does not know to RIBCL, which has no such method',
};
const WRONG_KEY = (says: string): Failure => ({ calls: ['activate_license (wrong)'], error: 'IloError', says, because: 'this is no licence key' });
const SHORT_PASSWORD = (says: string): Failure => ({ calls: ['reset_ilo_credential (short)'], error: 'IloError', says, because: 'the password is too short' });
const IN_BIOS_MODE: Failure = {
  calls: ['set_secure_boot_mode in BIOS mode'],
  error: 'IloCommandNotSupportedInBiosError',
  says: 'not in UEFI boot mode',
  because: 'secure boot belongs to UEFI',
};

const FAILURES: Readonly<Record<'gen8' | 'gen9' | 'gen10', readonly Failure[]>> = {
  gen8: [
    NO_RIBCL_COMMAND,
    NOT_ON_ILO_4,
    NOT_FOR_ILO_4,
    NOT_BEFORE_ILO_5,
    WRONG_KEY('License key error'),
    SHORT_PASSWORD('Password is too short'),
    {
      calls: ['get_host_post_state', 'inject_nmi', 'get_bios_settings_result'],
      error: 'IloCommandNotSupportedError',
      says: 'is not supported on ProLiant DL380p Gen8',
      because: 'RIBCL has no command for it',
    },
    { calls: ['update_persistent_boot(ISCSI)'], error: 'IloInvalidInputError', says: 'Valid devices: NETWORK, HDD or CDROM', because: 'RIBCL does not boot from iSCSI' },
    { calls: ['update_firmware'], error: 'AttributeError', says: "'socket' has no attribute 'sslerror'", because: 'its upload insists on TLS 1.0, and then on a name that Python 3 dropped' },
  ],
  gen9: [NOT_ON_ILO_4, NOT_FOR_ILO_4, NOT_BEFORE_ILO_5, WRONG_KEY('iLO.0.10.InvalidLicenseKey'), SHORT_PASSWORD('iLO.0.10.InvalidPasswordLength'), IN_BIOS_MODE],
  gen10: [
    WRONG_KEY('returned code 400'),
    SHORT_PASSWORD('returned code 400'),
    IN_BIOS_MODE,
    {
      calls: SECURITY_UPDATES,
      error: 'AttributeError',
      says: "'SecurityService' object has no attribute 'securityparamscollectionuri'",
      because: 'the client looks for the parameters at the service instead of at its dashboard',
    },
  ],
};

/** What must have come back, by generation; the rest of the calls only had to succeed. */
const COMMON = {
  get_host_power_status: 'OFF',
  get_essential_properties: expect.objectContaining({ properties: { memory_mb: 32_768, cpus: 32, cpu_arch: 'x86_64', local_gb: 557 } }) as unknown,
  get_supported_boot_mode: 'legacy bios and uefi',
  get_current_boot_mode: 'UEFI',
  'get_one_time_boot after': 'CDROM',
  'get_host_power_status after': 'ON',
  get_persistent_boot_device: 'HDD',
  'get_persistent_boot_device NETWORK': 'NETWORK',
  'get_persistent_boot_device CDROM': 'CDROM',
  'get_host_power_status pressed': 'OFF',
  'get_host_power_status held': 'OFF',
  'get_pending_boot_mode LEGACY': 'LEGACY',
  'get_current_boot_mode LEGACY': 'LEGACY',
  'get_pending_boot_mode UEFI': 'UEFI',
};
const REST = {
  get_host_post_state: 'PowerOff',
  'get_host_post_state after': 'FinishedPost',
  'get_one_time_boot in the end': 'Normal',
  get_secure_boot_mode: false,
  'get_secure_boot_mode after': true,
  get_pending_bios_settings: 'Disabled',
  get_bios_settings_result: 'success',
  get_http_boot_url: 'https://192.0.2.1/boot.iso',
  'get_iscsi_initiator_info after': 'iqn.2026-01.org.example:node',
};
const VALUES: Readonly<Record<'gen8' | 'gen9' | 'gen10', Readonly<Record<string, unknown>>>> = {
  gen8: {
    ...COMMON,
    get_product_name: 'ProLiant DL380p Gen8',
    'get_one_time_boot in the end': 'Normal',
    reset_server: 'Server being reset.',
    'set_host_power(OFF)': 'Host power is already OFF.',
    get_server_capabilities: expect.objectContaining({ ilo_firmware_version: '1.51 Jun 16 2014', rom_firmware_version: '11/26/2014' }) as unknown,
  },
  gen9: {
    ...COMMON,
    ...REST,
    get_product_name: 'ProLiant BL460c Gen9',
    get_server_capabilities: expect.objectContaining({
      ilo_firmware_version: 'iLO 4 v2.55', has_ssd: 'true', has_rotational: 'true', logical_raid_level_1: 'true', hardware_supports_raid: 'true', iscsi_boot: 'true',
    }) as unknown,
  },
  gen10: {
    ...COMMON,
    ...REST,
    get_product_name: 'ProLiant DL380 Gen10',
    get_server_capabilities: expect.objectContaining({
      ilo_firmware_version: 'iLO 5 v2.44', nic_capacity: '1Gb', has_ssd: 'true', logical_raid_level_1: 'true', secure_boot: 'true', overall_security_status: 'Risk',
      gpu_Matrox_count: 1,
    }) as unknown,
    get_available_disk_types: ['HDD', 'SSD'],
    'read_raid_configuration after deletion': { logical_disks: [] },
    has_disk_erase_completed: true,
    read_raid_configuration: {
      logical_disks: [expect.objectContaining({ size_gb: 100, raid_level: '1', physical_disks: ['1I:1:1', '1I:1:2'], controller: 'HPE Smart Array P408i-a SR Gen10' })],
    },
    get_security_dashboard_values: 'Risk',
  },
};

/** Changes that the machine must have been asked for, whatever else was. */
const OPERATIONS: Readonly<Record<'gen8' | 'gen9' | 'gen10', readonly Operation[]>> = {
  gen8: ['power on', 'power off', 'press power button', 'reset server', 'set boot override', 'set boot order', 'set boot mode', 'insert media', 'eject media', 'set media', 'reset ilo'],
  gen9: ['power on', 'power off', 'inject nmi', 'set boot override', 'set bios', 'set secure boot', 'set secure boot keys', 'set iscsi', 'update firmware', 'insert media', 'reset ilo'],
  gen10: ['power on', 'power off', 'inject nmi', 'set bios', 'set secure boot', 'configure raid', 'erase drives', 'erase machine', 'update firmware', 'set trusted certificates', 'reset ilo'],
};

beforeAll(() => {
  findFile('python3-proliantutils', '/usr/lib/python3/dist-packages/proliantutils/ilo/client.py');
});

test.each(['gen8', 'gen9', 'gen10'] as const satisfies readonly Generation[])('every call of the reference client at %s does what it says, or fails for a known reason', async (generation) => {
  await using images = await startImageServer();
  // Its Redfish connection cannot take a 503: it hands on an argument that it does not have.
  await using ilo = await startAt443({ generation, name: 'reference', resetDurations: { startingMs: 0 }, ...(generation === 'gen8' ? { bootModes: 'both' } : {}) });
  const newPassword = 'another-password';
  const results = await runClient<CallResult[]>(
    'simulator_proliantutils.py',
    {
      host: ilo.host, port: ilo.port, user: ilo.username, password: ilo.password, newPassword, certificate: ilo.certificate, imageUrl: `${images.url}/boot.iso`,
      firmwareUrl: `${images.url}/${generation === 'gen9' ? 'ilo4_278.bin' : 'ilo5_250.bin'}`, uploads: generation === 'gen8', longestSleep: 0.2,
    },
    110_000,
  );
  expect(results.length).toBeGreaterThan(110);
  expect(unexplained(results, FAILURES[generation])).toEqual([]);
  const values = Object.keys(VALUES[generation]).map((name) => [name, valueOf(results, name)]);
  expect(Object.fromEntries(values)).toEqual(VALUES[generation]);
  expect(Object.keys(ilo.activity.operations)).toEqual(expect.arrayContaining([...OPERATIONS[generation]]));
  // The first start was from the CD, once.
  expect(ilo.machine.boot.records[0]).toMatchObject({ source: 'cdrom', isOneTime: true, image: `${images.url}/boot.iso` });
  expect(ilo.machine.accounts.identify(ilo.username, newPassword)).toBeDefined();
});
