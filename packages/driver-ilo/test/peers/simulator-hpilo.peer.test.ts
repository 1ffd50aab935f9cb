import { findFile } from '@ferric/lab';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';
import { type CallResult, type Failure, runClient, unexplained, valueOf } from './simulator-bench.js';

// The client of RIBCL that has seen most real firmware, and repairs what it gets wrong.

const NEW_PASSWORD = 'another-password';

interface HpiloResult extends CallResult {
  /** Information that came with success. */
  readonly said: readonly string[];
  /** Whether the XML was broken and could be repaired. */
  readonly repaired: boolean;
}

const FAILURES: readonly Failure[] = [
  { calls: ['get_rack_settings'], error: 'IloNotARackServer', says: 'not a rack server', because: 'this is no machine of a rack with a controller of its own' },
  { calls: ['get_twofactor_settings'], error: 'IloError', says: 'Syntax error: Line #', because: 'iLO 4 dropped the command, and calls that a syntax error' },
  { calls: ['get_user (unknown)'], error: 'IloUserNotFound', says: 'not found', because: 'there is no such user' },
  { calls: ['eject_virtual_media (empty)'], error: 'IloError', says: 'No image present', because: 'the drive is empty' },
  { calls: ['reset_server (off)'], error: 'IloError', says: 'currently powered off', because: 'the machine is off' },
  { calls: ['activate_license (wrong)'], error: 'IloLicenseKeyError', says: 'License key error', because: 'this is no licence key' },
  { calls: ['get_product_name with the old password'], error: 'IloLoginFailed', says: 'Login failed', because: 'the password was changed' },
];
const NO_MODES: Failure = {
  calls: ['get_current_boot_mode', 'get_pending_boot_mode', 'get_supported_boot_mode', 'set_pending_boot_mode'],
  error: 'IloFeatureNotSupported',
  says: 'Feature not supported',
  because: 'most of Gen8 boots in BIOS mode only',
};

beforeAll(() => {
  findFile('python3-hpilo', '/usr/lib/python3/dist-packages/hpilo.py');
});

async function drive(ilo: VirtualIlo, only: readonly string[] | null): Promise<HpiloResult[]> {
  const told = { host: ilo.host, port: ilo.port, user: ilo.username, password: ilo.password, newPassword: NEW_PASSWORD, only, bootSeconds: 0.6 };
  return runClient<HpiloResult[]>('simulator_hpilo.py', told, 60_000);
}

test.each([
  ['gen8', [...FAILURES, NO_MODES], 'iLO4', ['cdrom', 'floppy', 'usb', 'hdd', 'network']],
  ['gen9', FAILURES, 'iLO4', expect.arrayContaining([['Boot0007', expect.stringContaining('Logical Drive')]]) as unknown],
  ['gen10', FAILURES, 'iLO5', expect.arrayContaining([['Boot0007', expect.stringContaining('Logical Drive')]]) as unknown],
] as const)('python-hpilo understands %s', async (generation, failures, processor, order) => {
  await using ilo = await startIlo({ generation, name: 'ribcl', post: { heldForReads: 0 } });
  const results = await drive(ilo, null);
  expect(unexplained(results, failures)).toEqual([]);
  expect(results.filter(({ repaired }) => repaired)).toEqual([]);
  const expected = {
    get_product_name: ilo.machine.identity.productName,
    get_fw_version: expect.objectContaining({ management_processor: processor, firmware_version: ilo.machine.identity.firmwareVersion }) as unknown,
    get_host_power_status: 'OFF',
    get_all_users: ['Administrator'],
    get_persistent_boot: order,
    get_user: expect.objectContaining({ user_login: 'Administrator', admin_priv: true }) as unknown,
    // Firmware does not undo the escapes of XML unless it is asked to.
    'get_server_name after': 'rack 1 &amp; 2',
    'get_uid_status after': 'ON',
    'get_vm_status after': expect.objectContaining({ boot_option: 'BOOT_ONCE', image_inserted: 'YES', image_url: 'http://192.0.2.1/boot.iso' }) as unknown,
    'get_one_time_boot after': 'network',
    'get_host_power_status after': 'ON',
    call_delayed: [ilo.machine.identity.productName, expect.objectContaining({ management_processor: processor }), 'OFF'],
  };
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, valueOf(results, name)]))).toEqual(expected);
  const said = (name: string): readonly string[] | undefined => results.find((result) => result.name === name)?.said;
  expect([said('set_host_power'), said('set_host_power again'), said('hold_pwr_btn again')]).toEqual([[], ['Host power is already ON.'], ['Host power is already OFF.']]);
  expect(ilo.machine.boot.records[0]).toMatchObject({ source: 'cdrom', isOneTime: true });
  expect(ilo.machine.accounts.identify('Administrator', NEW_PASSWORD)).toBeDefined();
  expect(ilo.activity.operations).toMatchObject({ 'reset ilo': 1, 'change password': 1, 'power on': 2 });
});

describe('what real firmware does to its answers', () => {
  const ONLY = ['get_fw_version', 'get_host_power_status', 'get_embedded_health', 'get_vm_status'];

  test.each<[string, NonNullable<IloOptions['behaviour']>, boolean]>([
    ['chunks anywhere', { chunks: 'anywhere' }, false],
    ['chunks of one byte', { chunks: 1 }, false],
    ['a hint that the client is outdated', { informs: true }, false],
    ['roots that close themselves', { damage: 'self-closed root' }, true],
    ['quotes that are not escaped', { damage: 'unescaped quotes' }, true],
    ['control bytes', { damage: 'control bytes' }, true],
  ])('%s', async (_what, behaviour, isRepaired) => {
    await using ilo = await startIlo({ generation: 'gen8', name: 'ribcl', behaviour });
    const results = await drive(ilo, ONLY);
    expect(unexplained(results, [])).toEqual([]);
    expect(results.map(({ repaired }) => repaired)).toEqual(ONLY.map(() => isRepaired));
    expect(valueOf(results, 'get_host_power_status')).toBe('OFF');
  });

  test('a machine without RIBCL is none', async () => {
    await using ilo = await startIlo({ generation: 'gen11' });
    const [result] = await drive(ilo, ['get_product_name']);
    expect(result).toMatchObject({ error: 'IloError' });
  });
});
