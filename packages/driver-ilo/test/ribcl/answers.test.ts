import { FerricError, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import {
  activateLicence, bootDeviceKind, bootDevicesOfKind, changeUser, ejectVirtualMedia, holdPowerButton, insertVirtualMedia, pressPowerButton,
  readCommand, readCurrentBootMode, readEventLog, readFirmwareVersion, readHostData, readHostPower, readIdentifyLight, readLicences, readNetworkSettings,
  readOneTimeBoot, readPendingBootMode, readPersistentBoot, readPowerReadings, readProductName, readServerName, readSupportedBootModes, readUser,
  readUserLogins, readUsers, readVirtualMedia, resetController, resetServer, setHostPower, setOneTimeBoot, setVirtualMedia, toEventLogEntries,
  type RibclBootOrder, type RibclCommand,
} from '../../src/client/ribcl/index.js';
import { matchReply, resultOf } from '../../src/client/ribcl/match-reply.js';
import { parseReply } from '../../src/client/ribcl/wire/parse-reply.js';
import { gen8, gen8Json, parsed, rawBody } from './support/fixtures.js';
import { document, SILENT } from './support/ilo-server.js';

const ask = <Result>(command: RibclCommand<Result>, body: string): Result => resultOf(command, parseReply(body));
const refusal = (command: RibclCommand<unknown>, body: string): FerricError => {
  try {
    ask(command, body);
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  return expect.fail('it was no refusal');
};
const payload = (content: string): string => SILENT + document(`<RESPONSE STATUS="0x0000" MESSAGE='No error' />${content}`) + SILENT;
const licenceText = (licence: { readonly key: Secret | null }): unknown => ({ ...licence, key: licence.key?.reveal() });

describe('answers of an iLO 3 with firmware 1.82, a ProLiant BL460c G7', () => {
  test('GET_ALL_LICENSES', () => {
    const [expected] = parsed('get_all_licenses') as readonly Record<string, string>[];
    const licences = ask(readLicences(), rawBody('get_all_licenses'));
    expect(licences.map(licenceText)).toEqual([
      { type: expected?.['license_type'], key: expected?.['license_key'], installDate: expected?.['license_install_date'], class: expected?.['license_class'] },
    ]);
    expect(licences[0]?.type).toBe('iLO 3 Advanced');
    expect(Secret.is(licences[0]?.key)).toBe(true);
  });

  test('GET_FW_VERSION', () => {
    const expected = parsed('get_fw_version') as Record<string, string>;
    expect(ask(readFirmwareVersion(), rawBody('get_fw_version'))).toEqual({
      version: expected['firmware_version'], date: expected['firmware_date'], managementProcessor: expected['management_processor'], licenceType: expected['license_type'],
    });
    expect(expected['firmware_version']).toBe('1.82');
  });

  test('GET_HOST_DATA', () => {
    const records = ask(readHostData(), rawBody('get_host_data'));
    const decoded = records.filter(({ fields }) => fields.length > 0);
    const expected = parsed('get_host_data') as readonly (Record<string, unknown> & { readonly fields?: readonly { readonly name: string; readonly value: unknown }[] })[];
    expect(decoded.map(({ type, bytes }) => ({ type, b64_data: Buffer.from(bytes).toString('base64') }))).toEqual(expected.map(({ type, b64_data }) => ({ type, b64_data })));
    // Fields with names of their own stand in the record, others in a list; the list keeps the order, the record does not.
    const named = (fields: readonly { readonly name: string; readonly value: unknown }[]): readonly string[] => fields.map(({ name, value }) => `${name}=${String(value)}`);
    const expectedFields = expected.map(({ type: _type, b64_data: _bytes, fields, ...rest }) =>
      fields === undefined ? named(Object.entries(rest).map(([name, value]) => ({ name, value }))).toSorted() : named(fields));
    expect(decoded.map(({ fields, type }) => (type >= 200 && type < 226 ? named(fields) : named(fields).toSorted()))).toEqual(expectedFields);
    expect(records.length).toBeGreaterThan(decoded.length);
    expect(records[0]?.bytes.slice(0, 4)).toEqual(Uint8Array.of(0, 24, 0, 0));
  });

  test('GET_HOST_POWER_STATUS', () => {
    expect(parsed('get_host_power_status')).toBe('ON');
    expect(ask(readHostPower(), rawBody('get_host_power_status'))).toBe('power on');
  });

  test('GET_ONE_TIME_BOOT', () => {
    expect(ask(readOneTimeBoot(), rawBody('get_one_time_boot')).toLowerCase()).toBe(parsed('get_one_time_boot'));
  });

  test('GET_POWER_READINGS', () => {
    expect(parsed('get_power_readings')).toEqual({
      present_power_reading: [108, 'Watts'], average_power_reading: [106, 'Watts'], maximum_power_reading: [157, 'Watts'], minimum_power_reading: [106, 'Watts'],
    });
    expect(ask(readPowerReadings(), rawBody('get_power_readings'))).toEqual({ present: 108, average: 106, maximum: 157, minimum: 106 });
  });

  test('GET_PRODUCT_NAME, whose VALUE stands apart from its equals sign', () => {
    expect(ask(readProductName(), rawBody('get_product_name'))).toBe(parsed('get_product_name'));
  });

  test('GET_SERVER_NAME', () => {
    expect(ask(readServerName(), rawBody('get_server_name'))).toBe(parsed('get_server_name'));
  });

  test('GET_UID_STATUS', () => {
    expect(parsed('get_uid_status')).toBe('OFF');
    expect(ask(readIdentifyLight(), rawBody('get_uid_status'))).toBe('off');
  });

  test('GET_USER', () => {
    const expected = parsed('get_user') as Record<string, unknown>;
    expect(ask(readUser('Administrator'), rawBody('get_user'))).toEqual({
      login: expected['user_login'], name: expected['user_name'],
      privileges: {
        administerUsers: expected['admin_priv'], remoteConsole: expected['remote_cons_priv'], resetServer: expected['reset_server_priv'],
        virtualMedia: expected['virtual_media_priv'], configureController: expected['config_ilo_priv'],
      },
    });
    expect(expected['admin_priv']).toBe(true);
  });

  test('GET_VM_STATUS', () => {
    expect(parsed('get_vm_status')).toEqual({
      boot_option: 'NO_BOOT', device: 'CDROM', image_inserted: 'NO', image_url: '', vm_applet: 'DISCONNECTED', write_protect: 'NO',
    });
    expect(ask(readVirtualMedia('CDROM'), rawBody('get_vm_status'))).toEqual({
      device: 'CDROM', appletConnected: false, bootOption: 'NO_BOOT', writeProtected: false, imageInserted: false, imageUrl: null,
    });
  });

  test.each([
    ['get_current_boot_mode', readCurrentBootMode(), 'Feature not supported - GET_CURRENT_BOOT_MODE'],
    ['get_supported_boot_mode', readSupportedBootModes(), 'Feature not supported - GET_SUPPORTED_BOOT_MODE'],
    ['get_rack_settings', readCommand('GET_RACK_SETTINGS', { group: 'RACK_INFO' }, () => 'rack'), 'Feature not supported - RACK_INFO'],
  ])('%s is UNSUPPORTED', (fixture, command: RibclCommand<unknown>, message) => {
    expect(refusal(command, rawBody(fixture))).toMatchObject({
      code: 'UNSUPPORTED', retryable: false, details: { command: command.request.name, status: '0x003C', message },
    });
  });
});

describe('answers of iLO 3 and 4', () => {
  test.each<readonly [string, RibclCommand<unknown>, unknown]>([
    ['get_product_name', readProductName(), 'ProLiant DL380 G7'],
    ['get_host_power_status_xml', readHostPower(), 'power on'],
    ['get_host_power_readings', readPowerReadings(), { present: 37, average: 37, maximum: 82, minimum: 37 }],
    ['get_one_time_boot_xml', readOneTimeBoot(), 'NORMAL'],
    ['get_vm_status_xml', readVirtualMedia('FLOPPY'), { device: 'FLOPPY', appletConnected: false, bootOption: 'BOOT_ALWAYS', writeProtected: false, imageInserted: true, imageUrl: 'http://1.2.3.4/floppy.img' }],
    ['get_vm_status_cdrom_xml', readVirtualMedia('CDROM'), { device: 'CDROM', appletConnected: false, bootOption: 'BOOT_ONCE', writeProtected: true, imageInserted: false, imageUrl: null }],
    ['hold_pwr_btn_xml', holdPowerButton(), { information: ['Host power is already OFF.'] }],
    ['set_host_power_xml', setHostPower(true), { information: ['Host power is already ON.'] }],
    ['reset_server_xml', resetServer(), { information: ['Server being reset.'] }],
    ['press_power_btn_xml', pressPowerButton(), { information: [] }],
    ['set_one_time_boot_xml', setOneTimeBoot('CDROM'), { information: [] }],
    ['insert_virtual_media_xml', insertVirtualMedia('CDROM', new URL('http://h/x.iso')), { information: [] }],
    ['set_vm_status_xml', setVirtualMedia('CDROM', { bootOption: 'CONNECT' }), { information: [] }],
    ['eject_virtual_media_xml', ejectVirtualMedia('CDROM'), { information: [] }],
    // What INFORM says is for the vendor's own tool.
    ['reset_ilo_xml', resetController(), { information: [] }],
    ['reset_ilo_credential_xml', changeUser('a', { password: new Secret('newpassword') }), { information: [] }],
    ['activate_license_xml', activateLicence(new Secret('testkey')), { information: [] }],
  ])('%s', (fixture, command, expected) => {
    expect(ask(command, gen8(fixture))).toEqual(expected);
  });

  test('get_all_licenses_xml', () => {
    expect(ask(readLicences(), gen8('get_all_licenses_xml')).map(licenceText)).toEqual([
      { type: 'iLO 3 Advanced', key: 'XXXXX-XXXXX-XXXXX-XXXXX', installDate: 'Mon Dec  2 15:25:28 2013', class: 'FQL' },
    ]);
  });

  test.each([
    ['login_fail_xml', readHostPower(), { code: 'AUTH_FAILED', retryable: false, details: { status: '0x005F', message: 'Login failed.' } }],
    ['activate_license_fail_xml', activateLicence(new Secret('key')), { code: 'REFUSED', details: { status: '0x002E', reason: 'licence', message: 'License key error' } }],
    ['boot_mode_not_supported', readPendingBootMode(), { code: 'UNSUPPORTED', details: { status: '0x003C', command: 'GET_PENDING_BOOT_MODE' } }],
    ['get_vm_status_error_xml', readVirtualMedia('CDROM'), { code: 'REFUSED', details: { status: '0x0035', reason: 'virtual media' } }],
  ])('%s', (fixture, command: RibclCommand<unknown>, expected) => {
    expect(refusal(command, gen8(fixture))).toMatchObject(expected);
  });

  test('persistent boot order in BIOS mode', () => {
    const order = ask(readPersistentBoot(), gen8('get_persistent_boot_device_bios_xml'));
    expect(order).toEqual({
      mode: 'bios',
      devices: [
        { id: 'CDROM', kind: 'cdrom' }, { id: 'NETWORK', kind: 'network' }, { id: 'USB', kind: 'usb' }, { id: 'FLOPPY', kind: 'floppy' }, { id: 'HDD', kind: 'disk' },
      ],
    });
    expect(bootDevicesOfKind(order, 'disk')).toEqual(['HDD']);
  });

  test.each([
    ['get_persistent_boot_device_cdrom_uefi_xml', ['Boot000B', 'Boot0007', 'Boot0009', 'Boot0008', 'Boot000A'], ['cdrom', 'disk', 'network', 'network', 'floppy']],
    ['get_persistent_boot_device_hdd_uefi_xml', ['Boot0007', 'Boot000B', 'Boot000A', 'Boot0009', 'Boot0008'], ['disk', 'cdrom', 'floppy', 'network', 'network']],
  ])('%s', (fixture, ids, kinds) => {
    const order = ask(readPersistentBoot(), gen8(fixture));
    expect(order.mode).toBe('uefi');
    expect(order.devices.map(({ id }) => id)).toEqual(ids);
    expect(order.devices.map(({ kind }) => kind)).toEqual(kinds);
    expect(order.devices.find(({ id }) => id === 'Boot0007')?.description).toMatch(/^Embedded SAS : Smart Array P830i Controller - 279\.367 GB, RAID 1 Logical Drive/);
  });
});

describe('boot devices', () => {
  const devices = (gen8Json('get_nic_data') as readonly { readonly DESCRIPTION: string; readonly value: string }[]).map(({ value, DESCRIPTION }) => ({
    id: value, description: DESCRIPTION, kind: bootDeviceKind(value, DESCRIPTION),
  }));
  const order: RibclBootOrder = { mode: 'uefi', devices };

  test('of a list of real descriptions: PXE before plain cards before iSCSI', () => {
    expect(bootDevicesOfKind(order, 'network')).toEqual(['Boot0003', 'Boot0001', 'Boot0004']);
    expect(bootDevicesOfKind(order, 'disk')).toEqual(['Boot000E', 'Boot000F']);
    expect(bootDevicesOfKind(order, 'usb')).toEqual(['Boot0000']);
    expect(bootDevicesOfKind(order, 'cdrom')).toEqual([]);
  });

  test.each([
    ['Generic Storage Networking Adapter - NIC (PXE IPv4)', 'network'],
    ['Internal SD Card', 'other'],
    ['Embedded SATA Port 1 HDD : Model', 'disk'],
  ] as const)('%s is %s', (description, kind) => {
    expect(bootDeviceKind('Boot0001', description)).toBe(kind);
  });

  test('of an iLO 2, which numbers them', () => {
    const body = payload('<PERSISTENT_BOOT><HDD VALUE="2"/><CDROM VALUE="1"/><NETWORK1 VALUE="3"/></PERSISTENT_BOOT>');
    expect(ask(readPersistentBoot(), body)).toEqual({ mode: 'bios', devices: [{ id: 'CDROM', kind: 'cdrom' }, { id: 'HDD', kind: 'disk' }, { id: 'NETWORK1', kind: 'network' }] });
  });
});

describe('answers that were not recorded', () => {
  test.each<readonly [string, RibclCommand<unknown>, string, unknown]>([
    ['power off', readHostPower(), '<GET_HOST_POWER HOST_POWER="OFF"/>', 'power off'],
    ['one-time boot of older firmware', readOneTimeBoot(), '<GET_ONE_TIME_BOOT><BOOT_TYPE DEVICE="Hdd"/></GET_ONE_TIME_BOOT>', 'HDD'],
    ['one-time boot from a boot entry', readOneTimeBoot(), '<ONE_TIME_BOOT><BOOT_TYPE VALUE="Boot000B"/></ONE_TIME_BOOT>', 'Boot000B'],
    ['boot mode legacy', readCurrentBootMode(), '<GET_CURRENT_BOOT_MODE><BOOT_MODE VALUE="LEGACY"/></GET_CURRENT_BOOT_MODE>', 'bios'],
    ['boot mode unknown', readPendingBootMode(), '<GET_PENDING_BOOT_MODE><BOOT_MODE VALUE="UNKNOWN"/></GET_PENDING_BOOT_MODE>', null],
    ['both boot modes', readSupportedBootModes(), '<GET_SUPPORTED_BOOT_MODE><SUPPORTED_BOOT_MODE VALUE="LEGACY_UEFI"/></GET_SUPPORTED_BOOT_MODE>', ['bios', 'uefi']],
    ['legacy only', readSupportedBootModes(), '<GET_SUPPORTED_BOOT_MODE><SUPPORTED_BOOT_MODE VALUE="LEGACY_ONLY"/></GET_SUPPORTED_BOOT_MODE>', ['bios']],
    ['UEFI only', readSupportedBootModes(), '<GET_SUPPORTED_BOOT_MODE><SUPPORTED_BOOT_MODE VALUE="UEFI_ONLY"/></GET_SUPPORTED_BOOT_MODE>', ['uefi']],
    ['power that is not measured', readPowerReadings(), '<GET_POWER_READINGS><PRESENT_POWER_READING VALUE="N/A" UNIT="Watts"/><AVERAGE_POWER_READING VALUE="9" UNIT="BTU/hr"/></GET_POWER_READINGS>', { present: null, average: null, maximum: null, minimum: null }],
    ['a light that blinks', readIdentifyLight(), '<GET_UID_STATUS UID="FLASHING"/>', 'blinking'],
    ['a server without a name', readServerName(), '<SERVER_NAME VALUE=""/>', ''],
    ['logins with free places', readUserLogins(), '<GET_ALL_USERS><USER_LOGIN VALUE="a"/><USER_LOGIN VALUE=""/><USER_LOGIN VALUE="b"/></GET_ALL_USERS>', ['a', 'b']],
    ['a firmware that tells its version only', readFirmwareVersion(), '<GET_FW_VERSION FIRMWARE_VERSION="1.1" LICENSE_TYPE=""/>', { version: '1.1', date: null, managementProcessor: null, licenceType: null }],
  ])('%s', (_what, command, content, expected) => {
    expect(ask(command, payload(content))).toEqual(expected);
  });

  test('users with what they may do', () => {
    const body = payload('<GET_ALL_USER_INFO><GET_USER USER_NAME="A" USER_LOGIN="a" ADMIN_PRIV="N" RESET_SERVER_PRIV="Y"/><GET_USER USER_LOGIN=""/></GET_ALL_USER_INFO>');
    expect(ask(readUsers(), body)).toEqual([
      { login: 'a', name: 'A', privileges: { administerUsers: false, remoteConsole: false, resetServer: true, virtualMedia: false, configureController: false } },
    ]);
  });

  test('network settings', () => {
    const body = payload(`<GET_NETWORK_SETTINGS><ENABLE_NIC VALUE="Y"/><DHCP_ENABLE VALUE="N"/><MAC_ADDRESS VALUE="E4:11:5B:D3:EF:C3"/><IP_ADDRESS VALUE="192.0.2.7"/>
      <SUBNET_MASK VALUE="255.255.255.0"/><GATEWAY_IP_ADDRESS VALUE="192.0.2.1"/><DNS_NAME VALUE="ilo"/><DOMAIN_NAME VALUE=""/>
      <STATIC_ROUTE_1 DEST="0.0.0.0" MASK="0.0.0.0" GATEWAY="0.0.0.0"/></GET_NETWORK_SETTINGS>`);
    expect(ask(readNetworkSettings(), body)).toEqual({
      enabled: true, macAddress: 'e4:11:5b:d3:ef:c3', dhcp: false, ipAddress: '192.0.2.7', subnetMask: '255.255.255.0', gateway: '192.0.2.1', dnsName: 'ilo', domainName: null,
      settings: {
        ENABLE_NIC: { VALUE: 'Y' }, DHCP_ENABLE: { VALUE: 'N' }, MAC_ADDRESS: { VALUE: 'E4:11:5B:D3:EF:C3' }, IP_ADDRESS: { VALUE: '192.0.2.7' },
        SUBNET_MASK: { VALUE: '255.255.255.0' }, GATEWAY_IP_ADDRESS: { VALUE: '192.0.2.1' }, DNS_NAME: { VALUE: 'ilo' }, DOMAIN_NAME: { VALUE: '' },
        STATIC_ROUTE_1: { DEST: '0.0.0.0', MASK: '0.0.0.0', GATEWAY: '0.0.0.0' },
      },
    });
  });

  test('a log', () => {
    const body = payload(`<EVENT_LOG DESCRIPTION="Integrated Management Log">
      <EVENT SEVERITY="Repaired" CLASS="Maintenance" LAST_UPDATE="08/11/2011 22:01" INITIAL_UPDATE="01/27/2012 00:24" COUNT="3" DESCRIPTION="cleared by "somebody""/>
      <EVENT SEVERITY="Caution" CLASS="POST Message" LAST_UPDATE="[NOT SET] " INITIAL_UPDATE="02/31/2012 00:24" COUNT="1" DESCRIPTION="POST Error"/>
      <EVENT SEVERITY="Critical" CLASS="" LAST_UPDATE="12/31/2015 23:59" DESCRIPTION="Fan failed"/></EVENT_LOG>`);
    const events = ask(readEventLog('server'), body);
    expect(events).toEqual([
      { severity: 'Repaired', class: 'Maintenance', updatedAt: new Date('2011-08-11T22:01:00Z'), firstAt: new Date('2012-01-27T00:24:00Z'), count: 3, description: 'cleared by "somebody"' },
      { severity: 'Caution', class: 'POST Message', updatedAt: null, firstAt: null, count: 1, description: 'POST Error' },
      { severity: 'Critical', class: '', updatedAt: new Date('2015-12-31T23:59:00Z'), firstAt: null, count: 1, description: 'Fan failed' },
    ]);
    expect(toEventLogEntries('server', events)).toEqual([
      { id: 'server-1', at: new Date('2011-08-11T22:01:00Z'), severity: 'information', message: 'cleared by "somebody" (3 times)', sensor: 'Maintenance' },
      { id: 'server-2', at: null, severity: 'warning', message: 'POST Error', sensor: 'POST Message' },
      { id: 'server-3', at: new Date('2015-12-31T23:59:00Z'), severity: 'critical', message: 'Fan failed' },
    ]);
  });

  test.each<readonly [string, RibclCommand<unknown>, string]>([
    ['without the element that was asked for', readHostPower(), SILENT],
    ['with a power state that is not known', readHostPower(), payload('<GET_HOST_POWER HOST_POWER="MAYBE"/>')],
    ['with a word that is special in JavaScript', readHostPower(), payload('<GET_HOST_POWER HOST_POWER="constructor"/>')],
    ['without a product name', readProductName(), payload('<GET_PRODUCT_NAME/>')],
    ['without a one-time boot device', readOneTimeBoot(), payload('<ONE_TIME_BOOT/>')],
    ['with an SMBIOS record without a type', readHostData(), payload('<GET_HOST_DATA><SMBIOS_RECORD B64_DATA=""/></GET_HOST_DATA>')],
    ['without a status', readHostPower(), document('<RESPONSE MESSAGE="No error"/>')],
    ['with a status that is no number', readHostPower(), document('<RESPONSE STATUS="0xZZ" MESSAGE="No error"/>')],
    ['with another root', readHostPower(), '<?xml version="1.0"?><HTML/>'],
    ['that is no XML', readHostPower(), '<html><body>hello</body></html>'],
    ['that is empty', readHostPower(), ''],
    ['with 4097 documents', readHostPower(), '<?xml?><RIBCL/>'.repeat(4097)],
  ])('an answer %s is a PROTOCOL_FAULT', (_what, command, body) => {
    expect(refusal(command, body).code).toBe('PROTOCOL_FAULT');
  });

  test('the last of several payloads counts, and other elements are passed over', () => {
    const body = payload('<GET_HOST_POWER HOST_POWER="ON"/><OTHER/>') + payload('<GET_HOST_POWER HOST_POWER="OFF"/>');
    expect(ask(readHostPower(), body)).toBe('power off');
  });

  test('a message may be called MSG', () => {
    expect(refusal(readHostPower(), document('<RESPONSE STATUS="0x0001" MSG="There has been a severe error."/>')).details['message']).toBe('There has been a severe error.');
  });
});

describe('statuses', () => {
  const fail = (status: string, message: string, command: RibclCommand<unknown> = readHostPower()): FerricError => refusal(command, SILENT + document(`<RESPONSE STATUS="${status}" MESSAGE='${message}'/>`));

  test.each([
    ['0x0001', 'Error: Line #11: syntax error near "GET_HOST_POWER_STATUS" in the line', 'UNSUPPORTED', undefined],
    ['0x0001', 'Error: Line #2: syntax error near ">" in the line', 'PROTOCOL_FAULT', undefined],
    // Another command, whose name begins alike.
    ['0x0001', 'syntax error near "GET_HOST_POWER"', 'PROTOCOL_FAULT', undefined],
    ['0x0004', 'Password is too short.', 'REFUSED', 'password too short'],
    ['0x000A', 'User login name was not found', 'AUTH_FAILED', undefined],
    ['0x0023', 'User does NOT have correct privilege for action. RESET_SERVER_PRIV required.', 'REFUSED', 'privilege'],
    ['0x002A', 'This server is not a rack server', 'UNSUPPORTED', 'not a rack server'],
    ['0x002E', 'License key error', 'REFUSED', 'licence'],
    ['0x0035', 'An invalid Virtual Media option has been given', 'REFUSED', 'virtual media'],
    ['0x003C', 'Feature not supported - X', 'UNSUPPORTED', undefined],
    ['0x005F', 'Login credentials rejected', 'AUTH_FAILED', undefined],
    ['0x006D', 'Not configured', 'REFUSED', 'not configured'],
    ['0x0088', 'Generating', 'BUSY', undefined],
    ['0x0099', 'This feature requires an iLO Advanced license.', 'REFUSED', 'licence'],
    ['0x0099', 'Login failed.', 'AUTH_FAILED', undefined],
    ['0x0099', 'Logged-in user does not have required privilege for this command.', 'REFUSED', 'privilege'],
    ['0x0099', 'Server is currently powered off.', 'CONFLICT', undefined],
    ['0x0099', 'No image present in the Virtual Media drive', 'CONFLICT', 'virtual media'],
    ['0x0099', 'Something else', 'REFUSED', undefined],
    ['7', 'Something else', 'REFUSED', undefined],
  ])('%s %s is %s', (status, message, code, reason) => {
    const error = fail(status, message);
    expect([error.code, error.details['reason']]).toEqual([code, reason]);
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
  });

  test('a name that only begins as that of the command does is another', () => {
    expect(fail('0x0001', 'syntax error near "GET_USER_INFO"', readUser('a')).code).toBe('PROTOCOL_FAULT');
  });

  test('a user that a command names may be missing although the login is right', () => {
    expect(fail('0x000A', 'User login name was not found', readUser('nobody'))).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'user not found' } });
  });
});

describe('an answer to several commands', () => {
  const commands = [readHostPower(), readPendingBootMode(), readProductName(), readFirmwareVersion()];
  const power = '<GET_HOST_POWER HOST_POWER="ON"/>';
  const name = '<GET_PRODUCT_NAME><PRODUCT_NAME VALUE="x"/></GET_PRODUCT_NAME>';
  const kinds = (body: string): readonly string[] =>
    matchReply(commands, parseReply(body)).map((reply) => (reply === null ? 'nothing' : 'error' in reply ? reply.error.code : reply.payload.name));

  test('is told apart by the names of the elements and of the commands', () => {
    const body = payload(power) + document('<RESPONSE STATUS="0x003C" MESSAGE="Feature not supported - GET_PENDING_BOOT_MODE"/>') + payload(name);
    expect(kinds(body)).toEqual(['GET_HOST_POWER', 'UNSUPPORTED', 'GET_PRODUCT_NAME', 'nothing']);
  });

  test('a failure without a name is that of all that have no answer', () => {
    expect(kinds(payload(power) + document('<RESPONSE STATUS="0x0023" MESSAGE="privilege"/>'))).toEqual(['GET_HOST_POWER', 'REFUSED', 'REFUSED', 'REFUSED']);
  });

  test('a refused login is that of the whole', () => {
    expect(() => matchReply(commands, parseReply(gen8('login_fail_xml')))).toThrow(expect.objectContaining({ code: 'AUTH_FAILED' }));
  });

  test('two commands with the same element get theirs in order', () => {
    const logs = [readEventLog('server'), readEventLog('controller')];
    const found = matchReply(logs, parseReply(payload('<EVENT_LOG DESCRIPTION="Integrated Management Log"/>') + payload('<EVENT_LOG DESCRIPTION="iLO 3 Event Log"/>')));
    expect(found.map((reply) => (reply !== null && 'payload' in reply ? reply.payload.attributes.get('DESCRIPTION') : reply))).toEqual(['Integrated Management Log', 'iLO 3 Event Log']);
  });
});
