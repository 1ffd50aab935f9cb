import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import {
  activateLicence, changeNetworkSettings, changeUser, clearEventLog, coldBootServer, createRibclClient, ejectVirtualMedia, holdPowerButton, insertVirtualMedia,
  pressPowerButton, readCurrentBootMode, readEmbeddedHealth, readEventLog, readFirmwareVersion, readHostData, readHostPower, readIdentifyLight, readLicences,
  readNetworkSettings, readOneTimeBoot, readPendingBootMode, readPersistentBoot, readPowerReadings, readProductName, readServerName, readSupportedBootModes,
  readUser, readUserLogins, readUsers, readVirtualMedia, resetController, resetServer, setHostPower, setIdentifyLight, setOneTimeBoot, setPendingBootMode,
  setPersistentBoot, setVirtualMedia, warmBootServer, writeFirmware, type RibclCommand,
} from '../../src/client/ribcl/index.js';
import { encodeElement } from '../../src/client/ribcl/wire/encode-request.js';
import { parseDocument } from '../../src/client/ribcl/wire/parse-document.js';
import { request } from './support/fixtures.js';
import { answer, SILENT, http, startIlo } from './support/ilo-server.js';

/** What an independent client sends for the same. */
const GOLDEN: readonly (readonly [fixture: string, command: RibclCommand<unknown>, payload?: string])[] = [
  ['activate_license-7f53f289', activateLicence(new Secret('XXXXX-XXXXX-XXXXX-XXXXX-XXXXX'))],
  ['cold_boot_server-97d170e1', coldBootServer()],
  ['eject_virtual_media-97d170e1', ejectVirtualMedia('CDROM')],
  ['get_all_licenses-97d170e1', readLicences(), '<GET_ALL_LICENSES/>'],
  ['get_current_boot_mode-97d170e1', readCurrentBootMode(), '<GET_CURRENT_BOOT_MODE><BOOT_MODE VALUE="UEFI"/></GET_CURRENT_BOOT_MODE>'],
  ['get_embedded_health-97d170e1', readEmbeddedHealth(), '<GET_EMBEDDED_HEALTH_DATA/>'],
  ['get_fw_version-97d170e1', readFirmwareVersion(), '<GET_FW_VERSION FIRMWARE_VERSION="1.82"/>'],
  ['get_host_power_status-97d170e1', readHostPower(), '<GET_HOST_POWER HOST_POWER="ON"/>'],
  ['get_one_time_boot-97d170e1', readOneTimeBoot(), '<ONE_TIME_BOOT><BOOT_TYPE VALUE="NORMAL"/></ONE_TIME_BOOT>'],
  ['get_pending_boot_mode-97d170e1', readPendingBootMode(), '<GET_PENDING_BOOT_MODE><BOOT_MODE VALUE="UEFI"/></GET_PENDING_BOOT_MODE>'],
  ['get_persistent_boot-97d170e1', readPersistentBoot(), '<PERSISTENT_BOOT/>'],
  ['get_product_name-97d170e1', readProductName(), '<GET_PRODUCT_NAME><PRODUCT_NAME VALUE="x"/></GET_PRODUCT_NAME>'],
  ['get_vm_status-97d170e1', readVirtualMedia('CDROM'), '<GET_VM_STATUS IMAGE_INSERTED="NO"/>'],
  ['insert_virtual_media-78b41622', insertVirtualMedia('CDROM', new URL('http://localhost/os.iso'))],
  ['mod_user-3137938b', changeUser('TestUser', { name: 'TestUser2', password: new Secret('TestPassword2'), privileges: { administerUsers: false, remoteConsole: true } })],
  ['press_pwr_btn-97d170e1', pressPowerButton()],
  ['reset_rib-97d170e1', resetController()],
  ['reset_server-97d170e1', resetServer()],
  ['set_host_power-b250fbe5', setHostPower(false)],
  ['set_one_time_boot-029cf8f1', setOneTimeBoot('BootDevice')],
  ['set_one_time_boot-4618ce34', setOneTimeBoot('FLOPPY')],
  ['set_pending_boot_mode-925b8571', setPendingBootMode('uefi')],
  ['set_persistent_boot-61fd7c78', setPersistentBoot(['CDROM', 'FLOPPY', 'boot_device'])],
  ['set_vm_status-97d170e1', setVirtualMedia('CDROM', { bootOption: 'BOOT_ONCE' })],
  ['warm_boot_server-97d170e1', warmBootServer()],
];

describe('requests on the wire', () => {
  test('are byte by byte those of python-hpilo', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings());
    for (const [fixture, command, payload] of GOLDEN) {
      ilo.answerer = () => (payload === undefined ? http(SILENT) : answer(payload));
      await client.run(command);
      expect(ilo.requests.at(-1)?.body, fixture).toBe(request(fixture).body);
    }
    expect(ilo.requests).toHaveLength(25);
  });

  test('have a length, close the connection, and ask for no compression', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings());
    await client.run(resetServer());
    const [received] = ilo.requests;
    expect(received?.line).toBe('POST /ribcl HTTP/1.1');
    expect(Object.fromEntries(received?.headers ?? [])).toEqual({
      host: `127.0.0.1:${ilo.port}`, connection: 'close', 'content-type': 'text/xml', 'content-length': String(received?.body.length),
    });
  });

  test('the XML declaration comes in a packet of its own', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings());
    await client.run(resetServer());
    const pieces = ilo.requests[0]?.pieces ?? [];
    expect(pieces.filter((piece) => piece.includes('<?xml'))).toEqual([expect.stringMatching(/<\?xml version="1\.0"\?>\r\n$/)]);
    expect(pieces.at(-1)).toMatch(/^<RIBCL\r\n/);
  });
});

/** The element of a command as it is written, read again by the parser of answers. */
function written(command: RibclCommand<unknown>): unknown {
  const { name, attributes, children } = parseDocument(encodeElement(command.request, (secret) => secret.reveal()));
  return { in: `${command.group} ${command.mode}`, [name]: Object.fromEntries(attributes), ...(children.length === 0 ? {} : { children: children.map((child) => [child.name, Object.fromEntries(child.attributes)]) }) };
}

describe('requests without a golden one', () => {
  test.each<readonly [RibclCommand<unknown>, unknown]>([
    // The golden request leaves TOGGLE out, with which a server that is off can never be switched on.
    [holdPowerButton(), { in: 'SERVER_INFO write', HOLD_PWR_BTN: { TOGGLE: 'NO' } }],
    [setHostPower(true), { in: 'SERVER_INFO write', SET_HOST_POWER: { HOST_POWER: 'Yes' } }],
    [readServerName(), { in: 'SERVER_INFO read', GET_SERVER_NAME: {} }],
    [readSupportedBootModes(), { in: 'SERVER_INFO read', GET_SUPPORTED_BOOT_MODE: {} }],
    [setPendingBootMode('bios'), { in: 'SERVER_INFO write', SET_PENDING_BOOT_MODE: { VALUE: 'LEGACY' } }],
    [readPowerReadings(), { in: 'SERVER_INFO read', GET_POWER_READINGS: {} }],
    [readHostData(), { in: 'SERVER_INFO read', GET_HOST_DATA: {} }],
    [readIdentifyLight(), { in: 'SERVER_INFO read', GET_UID_STATUS: {} }],
    [setIdentifyLight(true), { in: 'SERVER_INFO write', UID_CONTROL: { UID: 'Yes' } }],
    [readEventLog('server'), { in: 'SERVER_INFO read', GET_EVENT_LOG: {} }],
    [readEventLog('controller'), { in: 'RIB_INFO read', GET_EVENT_LOG: {} }],
    [clearEventLog('server'), { in: 'SERVER_INFO write', CLEAR_IML: {} }],
    [clearEventLog('controller'), { in: 'RIB_INFO write', CLEAR_EVENTLOG: {} }],
    [readVirtualMedia('FLOPPY'), { in: 'RIB_INFO read', GET_VM_STATUS: { DEVICE: 'FLOPPY' } }],
    [setVirtualMedia('FLOPPY', { bootOption: 'CONNECT', writeProtected: false }), { in: 'RIB_INFO write', SET_VM_STATUS: { DEVICE: 'FLOPPY' }, children: [['VM_BOOT_OPTION', { VALUE: 'CONNECT' }], ['VM_WRITE_PROTECT', { VALUE: 'NO' }]] }],
    [insertVirtualMedia('CDROM', new URL('http://h/a?b=1&c=2')), { in: 'RIB_INFO write', INSERT_VIRTUAL_MEDIA: { DEVICE: 'CDROM', IMAGE_URL: 'http://h/a?b=1&c=2' } }],
    [readNetworkSettings(), { in: 'RIB_INFO read', GET_NETWORK_SETTINGS: {} }],
    [
      changeNetworkSettings({ DHCP_ENABLE: false, IP_ADDRESS: '192.0.2.7', DNS_NAME: '', STATIC_ROUTE_1: { DEST: '192.0.2.0', MASK: '255.255.255.0', GATEWAY: '192.0.2.1' } }),
      { in: 'RIB_INFO write', MOD_NETWORK_SETTINGS: {}, children: [['DHCP_ENABLE', { VALUE: 'No' }], ['IP_ADDRESS', { VALUE: '192.0.2.7' }], ['DNS_NAME', { VALUE: '' }], ['STATIC_ROUTE_1', { DEST: '192.0.2.0', MASK: '255.255.255.0', GATEWAY: '192.0.2.1' }]] },
    ],
    [readUser('Administrator'), { in: 'USER_INFO read', GET_USER: { USER_LOGIN: 'Administrator' } }],
    [readUserLogins(), { in: 'USER_INFO read', GET_ALL_USERS: {} }],
    [readUsers(), { in: 'USER_INFO read', GET_ALL_USER_INFO: {} }],
    [writeFirmware({ component: 'ilo', fileName: 'ilo4_282.bin', length: 7 }), { in: 'RIB_INFO write', UPDATE_RIB_FIRMWARE: { IMAGE_LOCATION: 'ilo4_282.bin', IMAGE_LENGTH: '7' } }],
    [writeFirmware({ component: 'bios', fileName: 'CPQP7018.flash', length: 7 }), { in: 'RIB_INFO write', UPDATE_FIRMWARE: { IMAGE_LOCATION: 'CPQP7018.flash', IMAGE_LENGTH: '7' } }],
  ])('%#', (command, expected) => {
    expect(written(command)).toEqual(expected);
  });

  test('an update of firmware says beforehand what to do about a trusted platform module', () => {
    const update = { component: 'ilo', fileName: 'x.bin', length: 1 } as const;
    expect(writeFirmware(update).before).toEqual([{ name: 'TPM_ENABLED', attributes: { VALUE: 'Yes' } }]);
    expect(writeFirmware({ ...update, despiteTpm: false }).before).toEqual([{ name: 'TPM_ENABLED', attributes: { VALUE: 'No' } }]);
  });

  test('a password is sent as it is, other texts are escaped', () => {
    const lines = encodeElement(changeUser('A&B', { password: new Secret("p<&>'w") }).request, (secret) => secret.reveal());
    expect(lines).toContain(` VALUE="p<&>'w"\r\n`);
    expect(lines).toContain(' USER_LOGIN="A&amp;B"\r\n');
  });
});
