import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { converse, OPERATIONS, type Result } from './ironic/conversation.js';
import { startIronic } from './ironic/ironic-server.js';
import type { PeerGeneration } from './ironic/node-under-test.js';

// OpenStack Ironic 21.4 of Debian 12 with its own types `ilo` and `ilo5` drives the simulator. What each operation comes to, and which cannot
// succeed and why, stands in the table. Nothing here is about the conductor of this project.

/** An operation that cannot succeed. */
class Cannot {
  readonly says: string;
  readonly because: string;

  /** @param says a part of what Ironic says */
  constructor(says: string, because: string) {
    this.says = says;
    this.because = because;
  }
}
const cannot = (says: string, because: string): Cannot => new Cannot(says, because);

const same = (value: unknown): Row => ({ gen8: value, gen9: value, gen10: value });
type Row = Readonly<Record<PeerGeneration, unknown>>;

const NO_SUCH_CALL = 'the client has no such call for RIBCL, and sends every call that it does not know there';
const FOUND_BY_NO_ONE = 'the client looks for the parameters at the security service instead of at its dashboard';
const NO_STEP = (what: string): Cannot => cannot('node does not support this clean step', `only the type ilo5 ${what}`);
const NO_POST_STATE = 'without a state of the self test Ironic waits for a state of power that is called like the order';
const RESULT_AMONG_SETTINGS = cannot("type 'dict' is not supported", 'the client takes the result of the last change, an object, for a setting, and no database takes it');
const NO_SETTINGS = cannot('The specified operation is not supported on current platform', 'RIBCL has no settings of the BIOS');
const PROPERTIES = { memory_mb: 49_152, cpus: 24, cpu_arch: 'x86_64', local_gb: 1116 };
const ON_AND_OFF = ['manageable', 'power off', 'Off'];
const ports = (generation: string): readonly string[] => ['01', '02', '03'].map((last) => `52:54:00:${generation}:73:${last}`);
/** What the deploy ramdisk looks for by its label. */
const FLOPPY = {
  sizeBytes: 102_400,
  label: 'ir-vfd-dev',
  fileSystem: 'FAT12',
  parameters: {
    'ipa-api-url': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
    'ipa-agent-token': expect.stringMatching(/^[\w-]{32,}$/) as unknown,
    boot_method: 'vmedia',
  },
};
const BY_MEDIA = { state: ['manageable', 'power off'], booted: ['cdrom', true, true, true], floppy: FLOPPY, left: [undefined, undefined] };
const INSERT_REST = ['insert media', 'insert media', 'set boot override'];
const INSERT_RIBCL = ['insert media', 'set media', 'insert media', 'set media', 'set boot override'];
const EJECT = ['eject media', 'eject media'];
const AUTOMATED = { state: 'available', isChanged: true, left: undefined, steps: ['erase_devices'] };

const TABLE: Readonly<Record<string, Row>> = {
  // Enrolment.
  enrol: {
    gen8: ['enroll', null, 'ilo-virtual-media', 'ilo', 'no-raid', 0],
    gen9: ['enroll', null, 'ilo-virtual-media', 'ilo', 'no-raid', 0],
    gen10: ['enroll', null, 'ilo-virtual-media', 'ilo5', 'ilo5', 0],
  },
  // Boot and deploy are not valid without an image for an instance.
  validate: {
    gen8: ['bios', 'inspect', 'management', 'network', 'power', 'storage'],
    gen9: ['bios', 'inspect', 'management', 'network', 'power', 'storage'],
    gen10: ['bios', 'inspect', 'management', 'network', 'power', 'raid', 'storage'],
  },
  'manage with a wrong password': {
    gen8: cannot('/redfish/v1/ not found', 'the client takes every refusal of RIBCL for its absence and turns to Redfish'),
    gen9: cannot('NoValidSession', 'the password is wrong'),
    gen10: cannot('NoValidSession', 'the password is wrong'),
  },
  'manage with an authority that did not sign': same(cannot('certificate verify failed: self-signed certificate', 'the certificate is not signed by any of these')),
  manage: { gen8: ['manageable', 'power off', 'bios', false], gen9: ['manageable', 'power off', 'uefi', false], gen10: ['manageable', 'power off', 'uefi', false] },
  // Nothing that is told otherwise than it is; where there are none, reading them failed: NO_SETTINGS and RESULT_AMONG_SETTINGS.
  'list BIOS settings': { gen8: 'none', gen9: 'none', gen10: [] },

  // Power: what Ironic says, and the machine's own state.
  'power on': same(['power on', 'On']),
  'inject NMI': { gen8: cannot('`inject_nmi` is not supported on ProLiant DL380p Gen8', 'RIBCL has no command for it'), gen9: 1, gen10: 1 },
  reboot: same(['power on', 'On']),
  'soft power off': { gen8: cannot('Failed to set node power state to soft power off', NO_POST_STATE), gen9: ['power off', 'Off'], gen10: ['power off', 'Off'] },
  'reboot what is off': same(['power on', 'On']),
  'soft reboot': { gen8: cannot('Failed to set node power state to soft rebooting', NO_POST_STATE), gen9: ['power on', 'On'], gen10: ['power on', 'On'] },
  'power off': same(['power off', 'Off']),
  'power off what is off': same(['power off', 'Off']),

  // Boot device: what Ironic reads back, what the machine booted, what Ironic reads then.
  'supported boot devices': same(['pxe', 'disk', 'cdrom', 'iscsiboot']),
  'get boot device': { gen8: ['cdrom', true], gen9: ['disk', true], gen10: ['disk', true] },
  'boot from the network once': {
    gen8: { before: ['pxe', false], booted: 'pxe', after: ['cdrom', true] },
    gen9: { before: ['pxe', false], booted: 'pxe', after: ['disk', true] },
    gen10: { before: ['pxe', false], booted: 'pxe', after: ['disk', true] },
  },
  'boot from the network always': same({ before: ['pxe', true], booted: 'pxe', after: ['pxe', true] }),
  // An override of REST stands in place of another one, the order of RIBCL behind it.
  'boot from the disk once': {
    gen8: { before: ['disk', false], booted: 'disk', after: ['pxe', true] },
    gen9: { before: ['disk', false], booted: 'disk', after: ['disk', true] },
    gen10: { before: ['disk', false], booted: 'disk', after: ['disk', true] },
  },
  'boot from the disk always': same({ before: ['disk', true], booted: 'disk', after: ['disk', true] }),
  'boot from a device that it does not know': same(cannot('Invalid boot device bios specified', 'Ironic knows no such device')),
  'boot from iSCSI': {
    gen8: cannot('Valid devices: NETWORK, HDD or CDROM', 'RIBCL does not boot from iSCSI'),
    gen9: cannot('No UEFI iSCSI bootable device found', 'no target is set: that takes a volume'),
    gen10: cannot('No UEFI iSCSI bootable device found', 'no target is set: that takes a volume'),
  },
  'boot in the other mode': { gen8: ['bios', 'bios', 'uefi'], gen9: ['uefi', 'uefi', 'bios'], gen10: ['uefi', 'uefi', 'bios'] },
  'boot in the first mode': { gen8: ['uefi', 'uefi', 'bios'], gen9: ['bios', 'bios', 'uefi'], gen10: ['bios', 'bios', 'uefi'] },
  'secure boot on': {
    gen8: cannot("has no attribute 'IloOperationNotSupported'", 'RIBCL has no command for it, and Ironic wants to say so with an error that the client does not have'),
    gen9: [false, true],
    gen10: [false, true],
  },
  // In BIOS mode it is off, so there is nothing to do.
  'secure boot off': { gen8: [undefined, undefined], gen9: [true, false], gen10: [true, false] },

  // What the machine was made of, see node-under-test.ts. No speed of network cards but on Gen10: the client asks IPMI for it, which these machines do not have.
  inspect: {
    gen8: {
      state: ON_AND_OFF,
      properties: PROPERTIES,
      ports: ports('08'),
      // Its two GPUs by their thermometers.
      capabilities: { server_model: 'ProLiant DL380p Gen8', ilo_firmware_version: '1.51 Jun 16 2014', rom_firmware_version: '11/26/2014', pci_gpu_devices: '2' },
    },
    gen9: {
      state: ON_AND_OFF,
      properties: PROPERTIES,
      ports: ports('09'),
      capabilities: {
        server_model: 'ProLiant DL380 Gen9', ilo_firmware_version: 'iLO 4 v2.55', rom_firmware_version: 'I36 v2.40 (02/17/2017)', pci_gpu_devices: '3',
        secure_boot: 'true', sriov_enabled: 'true', cpu_vt: 'true', hardware_supports_raid: 'true', logical_raid_level_1: 'true', has_ssd: 'true', has_rotational: 'true',
        rotational_drive_15000_rpm: 'true',
      },
    },
    gen10: {
      state: ON_AND_OFF,
      properties: PROPERTIES,
      ports: ports('10'),
      // The client names the speed of drives otherwise than Ironic, which leaves it out.
      capabilities: {
        server_model: 'ProLiant DL380 Gen10', ilo_firmware_version: 'iLO 5 v2.44', rom_firmware_version: 'U30 v2.42 (01/23/2021)', pci_gpu_devices: '3', nic_capacity: '1Gb',
        secure_boot: 'true', sriov_enabled: 'true', cpu_vt: 'true', hardware_supports_raid: 'true', logical_raid_level_1: 'true', has_ssd: 'true', has_rotational: 'true',
        overall_security_status: 'Risk', security_override_switch: 'Ok', last_firmware_scan_result: 'Ok',
        gpu_NVIDIA_count: '2', gpu_NVIDIA_Tesla_M10: 'True', gpu_NVIDIA_Tesla_M10_count: '2',
        gpu_Matrox_count: '1', gpu_Embedded_Video_Controller: 'True', gpu_Embedded_Video_Controller_count: '1',
      },
      security: {
        'IPMI/DCMI Over LAN': { security_status: 'Ok', state: 'Disabled', ignore: false },
        'Secure Boot': { security_status: 'Risk', state: 'Disabled', ignore: false },
        'Security Override Switch': { security_status: 'Ok', state: 'Off', ignore: false },
        'Last Firmware Scan Result': { security_status: 'Ok', state: 'Ok', ignore: false },
        'Password Complexity': { security_status: 'Risk', state: 'Disabled', ignore: false },
        'Minimum Password Length': { security_status: 'Ok', state: 'Ok', ignore: false },
        'Require Login for iLO RBSU': { security_status: 'Risk', state: 'Disabled', ignore: false },
        'Require Host Authentication': { security_status: 'Risk', state: 'Disabled', ignore: false },
        'Authentication Failure Logging': { security_status: 'Ok', state: 'Enabled', ignore: false },
      },
    },
  },

  // Virtual media. With deploy interface `ramdisk` a machine is deployed without an agent: the CD stays first.
  'boot into an ISO': same(['cdrom', true, true]),
  'deploy an ISO and give it back': same({
    deployed: ['active', 'power on', 'cdrom', false, true],
    next: 'cdrom',
    given: ['available', 'power off', 'Off'],
    left: [undefined, undefined],
  }),
  // The order in which it is prepared, which ours has to keep.
  'clean from the deploy ISO': {
    gen8: {
      ...BY_MEDIA,
      operations: ['power off', ...INSERT_RIBCL, 'power on', 'power off', ...EJECT],
      requests: [
        'GET_HOST_POWER_STATUS', 'HOLD_PWR_BTN', 'GET_HOST_POWER_STATUS', 'GET_CURRENT_BOOT_MODE', 'GET_PENDING_BOOT_MODE', 'GET_VM_STATUS FLOPPY', 'GET_VM_STATUS CDROM',
        'INSERT_VIRTUAL_MEDIA FLOPPY', 'SET_VM_STATUS FLOPPY', 'INSERT_VIRTUAL_MEDIA CDROM', 'SET_VM_STATUS CDROM', 'SET_ONE_TIME_BOOT', 'GET_HOST_POWER_STATUS',
        'SET_HOST_POWER',
      ],
    },
    gen9: { ...BY_MEDIA, operations: ['power off', ...INSERT_REST, 'power on', 'power off', ...EJECT] },
    gen10: { ...BY_MEDIA, operations: ['power off', ...INSERT_REST, 'power on', 'power off', ...EJECT] },
  },

  // Manual cleaning, one step each, on the deploy ramdisk: Ironic 21.4 does none of these steps without.
  'clean: reset_bios_to_default': { gen8: 'skipped', gen9: 'Enabled', gen10: 'Enabled' },
  'clean: clear_secure_boot_keys': { gen8: ['skipped', undefined], gen9: ['cleared', 'none'], gen10: ['cleared', 'none'] },
  'clean: reset_secure_boot_keys_to_default': { gen8: ['skipped', undefined], gen9: ['reset', 'factory'], gen10: ['reset', 'factory'] },
  'clean: activate_license with a wrong key': {
    gen8: cannot('License key error', 'this is no licence key'),
    gen9: cannot('InvalidLicenseKey', 'this is no licence key'),
    gen10: cannot('InvalidLicenseKey', 'this is no licence key'),
  },
  'clean: activate_license': same(true),
  'clean: security_parameters_update': {
    gen8: cannot("'RIBCLOperations' object has no attribute 'update_password_complexity'", NO_SUCH_CALL),
    gen9: cannot("'RIBCLOperations' object has no attribute 'update_password_complexity'", NO_SUCH_CALL),
    gen10: cannot("'SecurityService' object has no attribute 'securityparamscollectionuri'", FOUND_BY_NO_ONE),
  },
  'clean: update_minimum_password_length': {
    gen8: cannot("'RIBCLOperations' object has no attribute 'update_minimum_password_length'", NO_SUCH_CALL),
    gen9: cannot("'RIBCLOperations' object has no attribute 'update_minimum_password_length'", NO_SUCH_CALL),
    gen10: cannot("'SecurityService' object has no attribute 'securityparamscollectionuri'", FOUND_BY_NO_ONE),
  },
  'clean: update_auth_failure_logging_threshold': {
    gen8: cannot("'RIBCLOperations' object has no attribute 'update_authentication_failure_logging'", NO_SUCH_CALL),
    gen9: cannot("'RIBCLOperations' object has no attribute 'update_authentication_failure_logging'", NO_SUCH_CALL),
    gen10: cannot("'SecurityService' object has no attribute 'securityparamscollectionuri'", FOUND_BY_NO_ONE),
  },
  'clean: create_csr': { gen8: 'skipped', gen9: 'skipped', gen10: 1 },
  'clean: add_https_certificate': { gen8: 'skipped', gen9: 'skipped', gen10: 2 },
  'clean: reset_ilo_credential without a password': same(undefined),
  'clean: reset_ilo_credential with one that is too short': {
    gen8: cannot('Password is too short', 'the password is too short'),
    gen9: cannot('InvalidPasswordLength', 'the password is too short'),
    gen10: cannot('InvalidPasswordLength', 'the password is too short'),
  },
  'clean: update_firmware': {
    gen8: cannot("module 'socket' has no attribute 'sslerror'", "the client's upload insists on TLS 1.0, and then on a name that Python 3 dropped"),
    gen9: 1,
    gen10: 1,
  },
  'clean: clear_ca_certificates': { gen8: NO_STEP('has certificates to clear'), gen9: NO_STEP('has certificates to clear'), gen10: 0 },
  'clean: apply_configuration': { gen8: NO_SETTINGS, gen9: RESULT_AMONG_SETTINGS, gen10: 'Disabled' },
  'clean: factory_reset': { gen8: NO_SETTINGS, gen9: RESULT_AMONG_SETTINGS, gen10: 'Enabled' },
  'clean: delete_configuration': { gen8: NO_STEP('arranges drives'), gen9: NO_STEP('arranges drives'), gen10: [{}, 0] },
  'clean: erase_devices': { gen8: NO_STEP('erases drives'), gen9: NO_STEP('erases drives'), gen10: ['EraseCompleted', 'EraseCompleted', 'EraseCompleted'] },
  'clean: create_configuration': {
    gen8: cannot('Driver ilo does not support raid', 'only the type ilo5 arranges drives'),
    gen9: cannot('Driver ilo does not support raid', 'only the type ilo5 arranges drives'),
    gen10: cannot('raid_config_schema.json', 'the package of Debian 12 lacks the schema by which the client checks what is to be created'),
  },
  // In maintenance; erased once; reset before by `reboot` and now; no logical drives and no licence left.
  'clean: one_button_secure_erase': { gen8: NO_STEP('erases machines'), gen9: NO_STEP('erases machines'), gen10: [true, 1, 2, 0, 'standard'] },

  // In the order of the documents' priorities: password 30, keys 20, BIOS 10, the agent's own step 10, iLO 1; after that the media are inserted again.
  'automated cleaning': {
    gen8: { ...AUTOMATED, operations: [...INSERT_RIBCL, 'power on', 'change password', 'reset ilo', 'power off', ...INSERT_RIBCL, ...EJECT] },
    // The first change of the BIOS is a blank that makes Gen9 take up the keys.
    gen9: {
      ...AUTOMATED,
      operations: [...INSERT_REST, 'power on', 'change password', 'set secure boot keys', 'set bios', 'set bios', 'reset ilo', 'power off', ...INSERT_REST, ...EJECT],
    },
    gen10: {
      ...AUTOMATED,
      operations: [...INSERT_REST, 'power on', 'change password', 'set secure boot keys', 'set bios', 'reset ilo', 'power off', ...INSERT_REST, ...EJECT],
    },
  },
  delete: same(false),
};

const GENERATIONS = ['gen8', 'gen9', 'gen10'] as const satisfies readonly PeerGeneration[];
/** Longest time for all conversations, and for what begins and ends Ironic besides. Milliseconds. */
const TALK_LIMIT_MS = 500_000;
const LIMIT_MS = 540_000;

const results = new Map<PeerGeneration, ReadonlyMap<string, Result>>();
let place: { readonly folder: string; readonly pid: number };

beforeAll(async () => {
  await using ironic = await startIronic();
  place = ironic;
  // Whoever still talks when the time is over finds nobody any more.
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`The conversations took longer than ${TALK_LIMIT_MS} ms`)), TALK_LIMIT_MS);
  try {
    const all = GENERATIONS.map(async (generation) => results.set(generation, await converse(ironic, generation)));
    await Promise.race([Promise.all(all), limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}, LIMIT_MS);

test('the table says of every operation what it comes to', () => {
  expect(Object.keys(TABLE).toSorted()).toEqual(OPERATIONS.toSorted());
});

describe.each(GENERATIONS)('%s', (generation) => {
  test.each(Object.entries(TABLE))('%s', (name, row) => {
    const result = results.get(generation)?.get(name);
    const expected = row[generation];
    if (expected instanceof Cannot) expect(result, `cannot, because ${expected.because}`).toEqual({ fault: expect.stringContaining(expected.says) as unknown });
    else expect(result).toEqual({ value: expected });
  });
});

test('nothing of Ironic is left', () => {
  expect([existsSync(place.folder), existsSync(`/proc/${place.pid}`)]).toEqual([false, false]);
});
