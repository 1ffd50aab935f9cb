import type { JsonObject } from '@ferric/core';
import { createSelfSignedCertificate } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import type { IloOptions, VirtualIlo } from '../../src/simulator/index.js';
import { type Answer, ask, startStill } from './bench.js';

// What is written by REST and takes effect later, or changes how the iLO itself behaves.

interface Own extends AsyncDisposable {
  readonly ilo: VirtualIlo;
  readonly get: (path: string) => Promise<JsonObject>;
  /** Yields the status and the names of the messages. */
  readonly send: (method: string, path: string, body: unknown) => Promise<string>;
  /** Starts the machine anew and waits for the end of its self test. */
  readonly restart: () => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
}

async function start(generation: IloOptions['generation'], options: Partial<IloOptions> = {}): Promise<Own> {
  const still = await startStill({ generation, post: { heldForReads: 0 }, ...options });
  const { ilo, clock } = still;
  return {
    ilo,
    get: async (path) => (await ask(ilo, path)).json() as JsonObject,
    async send(method, path, body) {
      const answer: Answer = await ask(ilo, path, { method, body });
      return [String(answer.status), ...[...answer.text.matchAll(/"MessageI[dD]":"[^"]*?[.:]?(\w+)"/g)].map(([, key]) => key)].join(' ');
    },
    async restart() {
      if (ilo.machine.power.isOn) ilo.machine.power.switchOff();
      await clock.advance(10);
      ilo.machine.power.switchOn();
      await clock.advance(2000);
    },
    pass: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => still[Symbol.asyncDispose](),
  };
}

const BIOS = { gen9: '/rest/v1/systems/1/bios', gen10: '/redfish/v1/systems/1/bios/' } as const;

describe('the BIOS', () => {
  test.each([
    ['gen9', '/rest/v1/systems/1/bios/Settings', (changes: JsonObject) => changes, (body: JsonObject) => body],
    ['gen10', '/redfish/v1/systems/1/bios/settings/', (changes: JsonObject) => ({ Attributes: changes }), (body: JsonObject) => body['Attributes'] as JsonObject],
  ] as const)('%s: takes attributes with the next start, and tells of what it does not', async (generation, pending, wrap, unwrap) => {
    await using own = await start(generation);
    const sriov = async (path: string): Promise<unknown> => unwrap(await own.get(path))['Sriov'];
    expect(await own.send('PATCH', pending, wrap({ Sriov: 'Disabled', Colour: 'red' }))).toBe('200 SystemResetRequired');
    expect([await sriov(BIOS[generation]), await sriov(pending)]).toEqual(['Enabled', 'Disabled']);
    await own.restart();
    const current = await own.get(BIOS[generation]);
    expect([unwrap(current)['Sriov'], JSON.stringify(current)]).toEqual(['Disabled', expect.stringMatching(/Property(Unknown|NotWritableOrUnknown)[^]*Colour|Colour[^]*Property(Unknown|NotWritableOrUnknown)/)]);
  });

  test.each([
    ['gen9', '/rest/v1/systems/1/bios/Settings', (changes: JsonObject) => changes, ['Uefi', 'Disabled', 'Mixed Case']],
    ['gen10', '/redfish/v1/systems/1/bios/settings/', (changes: JsonObject) => ({ Attributes: changes }), ['LegacyBios', 'Enabled', 'Mixed Case']],
  ] as const)('%s: minds the case of a value, or not', async (generation, settings, wrap, values) => {
    await using own = await start(generation, { bootMode: 'bios' });
    await own.send('PATCH', settings, wrap({ BootMode: 'uefi', Sriov: 'DISABLED', AdminName: 'Mixed Case' }));
    await own.restart();
    const { BootMode, Sriov, AdminName } = own.ilo.machine.bios.current;
    expect([BootMode, Sriov, AdminName]).toEqual(values);
  });

  test('goes back to its defaults', async () => {
    await using own = await start('gen10');
    await own.send('PATCH', `${BIOS.gen10}settings/`, { Attributes: { Sriov: 'Disabled' } });
    await own.restart();
    expect(own.ilo.machine.bios.current['Sriov']).toBe('Disabled');
    expect(await own.send('POST', `${BIOS.gen10}settings/Actions/Bios.ResetBios/`, { ResetType: 'default' })).toBe('200 SystemResetRequired');
    await own.restart();
    expect(own.ilo.machine.bios.current['Sriov']).toBe('Enabled');
  });

  test.each([
    ['gen9', '/rest/v1/systems/1/bios/Boot'],
    ['gen10', '/redfish/v1/systems/1/bios/boot'],
  ] as const)('%s: has an order of starts', async (generation, path) => {
    await using own = await start(generation);
    const end = generation === 'gen10' ? '/' : '';
    const settings = `${path}/${generation === 'gen10' ? 'settings/' : 'Settings'}`;
    const order = async (): Promise<string[]> => (await own.get(`${path}${end}`))['PersistentBootConfigOrder'] as string[];
    const before = await order();
    const wanted = before.toReversed();
    expect(await own.send('PATCH', settings, { PersistentBootConfigOrder: ['NIC.Nowhere.1'] })).toMatch(/^400 PropertyValueNotInList/);
    expect(await own.send('PATCH', settings, { PersistentBootConfigOrder: wanted })).toBe('200 SystemResetRequired');
    expect(await order()).toEqual(before);
    await own.restart();
    expect((await order()).slice(0, 2)).toEqual(wanted.slice(0, 2));
  });

  test.each([
    ['gen9', '/rest/v1/systems/1/bios/iScsi', '/rest/v1/systems/1/bios/iScsi/Settings', 'iSCSIBootSources', 'iSCSIBootEnable'],
    ['gen10', '/redfish/v1/systems/1/bios/iscsi/', '/redfish/v1/systems/1/bios/iscsi/settings/', 'iSCSISources', 'iSCSIConnection'],
  ] as const)('%s: boots from a volume in the network', async (generation, current, settings, list, enabled) => {
    await using own = await start(generation);
    const attempt = { [enabled]: 'Enabled', iSCSITargetName: 'iqn.2021-01.org.example:disk', iSCSITargetIpAddress: '192.0.2.5', iSCSINicSource: 'NicBoot1' };
    expect(await own.send('PATCH', settings, { [list]: [attempt] })).toBe('200 SystemResetRequired');
    const attempts = async (path: string): Promise<JsonObject[]> => (await own.get(path))[list] as JsonObject[];
    expect([(await attempts(current))[0]?.[enabled], (await attempts(settings))[0]?.[enabled]]).toEqual(['Disabled', 'Enabled']);
    await own.restart();
    expect([(await attempts(current)).length, (await attempts(current))[0], own.ilo.machine.iscsi.target]).toEqual([4, expect.objectContaining(attempt), attempt.iSCSITargetName]);
    expect(own.ilo.machine.boot.sources.map(({ kind }) => kind)).toContain('iscsi');
  });

  test('trusts authorities for HTTPS boot', async () => {
    await using own = await start('gen10');
    const settings = '/redfish/v1/systems/1/bios/tlsconfig/settings/';
    expect(await own.send('PATCH', settings, { NewCertificates: [{ X509Certificate: 'nonsense' }] })).toMatch(/^400 /);
    expect(await own.send('PATCH', settings, { NewCertificates: [{ X509Certificate: own.ilo.certificate }] })).toBe('200 SystemResetRequired');
    await own.restart();
    const trusted = async (): Promise<JsonObject[]> => (await own.get('/redfish/v1/systems/1/bios/tlsconfig/'))['Certificates'] as JsonObject[];
    const fingerprint = (await trusted())[0]?.['FingerPrint'];
    expect(String(fingerprint).replaceAll(':', '').toLowerCase()).toBe(own.ilo.fingerprint.toLowerCase());
    await own.send('PATCH', settings, { DeleteCertificates: [{ FingerPrint: fingerprint }] });
    await own.restart();
    expect(await trusted()).toEqual([]);
  });
});

describe('secure boot', () => {
  test.each([
    ['gen10', '/redfish/v1/Systems/1/SecureBoot/', 'SecureBootCurrentBoot', ['Disabled', 'Enabled']],
    ['gen11', '/redfish/v1/Systems/1/SecureBoot', 'SecureBootCurrentBoot', ['Disabled', 'Enabled']],
  ] as const)('%s: takes a start', async (generation, path, property, [off, on]) => {
    await using own = await start(generation);
    expect((await own.get(path))[property]).toBe(off);
    expect(await own.send('PATCH', path, { SecureBootEnable: true })).toMatch(/^200/);
    expect((await own.get(path))[property]).toBe(off);
    await own.restart();
    await own.pass(5000);
    expect((await own.get(path))[property]).toBe(on);
  });

  test('is not for a machine in BIOS mode', async () => {
    await using own = await start('gen10', { bootMode: 'bios' });
    expect(await own.send('PATCH', '/redfish/v1/Systems/1/SecureBoot/', { SecureBootEnable: true })).toMatch(/^400 \w+/);
    expect((await ask(own.ilo, '/redfish/v1/systems/1/bios/boot/')).status).toBe(404);
  });
});

test('Smart Storage is arranged with the next start', async () => {
  await using own = await start('gen10', { withLogicalDrive: false });
  const wish = { Raid: 'Raid1', DataDrives: ['1I:1:1', '1I:1:2'], CapacityGiB: 50, LogicalDriveName: 'root' };
  expect(await own.send('PUT', '/redfish/v1/systems/1/smartstorageconfig/settings/', { DataGuard: 'Disabled', LogicalDrives: [wish] })).toBe('200 SystemResetRequired');
  const drives = async (): Promise<JsonObject[]> => (await own.get('/redfish/v1/systems/1/smartstorageconfig/'))['LogicalDrives'] as JsonObject[];
  expect(await drives()).toEqual([]);
  await own.restart();
  expect(await drives()).toMatchObject([{ Raid: 'Raid1', LogicalDriveName: 'root', CapacityGiB: 50 }]);
  expect(JSON.stringify(await own.get('/redfish/v1/systems/1/smartstorageconfig/'))).toContain('SmartStorageMessages.2.0.0.Success');
});

describe('the iLO itself', () => {
  test.each([
    ['gen9', '/rest/v1/Managers/1/LicenseService'],
    ['gen10', '/redfish/v1/Managers/1/LicenseService/'],
  ] as const)('%s: takes a licence', async (generation, path) => {
    await using own = await start(generation, { licence: 'standard' });
    expect(await own.send('POST', path, { LicenseKey: 'nonsense' })).toMatch(/^400 /);
    expect(own.ilo.machine.licence.kind).toBe('standard');
    expect(await own.send('POST', path, { LicenseKey: 'ABCDE-ABCDE-ABCDE-ABCDE-ABCDE' })).toMatch(/^20[01]/);
    expect(own.ilo.machine.licence.kind).toBe('advanced');
    expect(JSON.stringify(await own.get(path))).not.toContain('ABCDE');
  });

  test('takes a new password, and no short one', async () => {
    await using own = await start('gen10');
    const path = '/redfish/v1/AccountService/Accounts/1/';
    expect(await own.send('PATCH', path, { Password: 'short' })).toMatch(/^400 PasswordLengthIncorrect|^400 \w+/);
    expect((await ask(own.ilo, path)).status).toBe(200);
    expect(await own.send('PATCH', path, { Password: 'a-new-password' })).toMatch(/^200/);
    expect((await ask(own.ilo, path)).status).toBe(401);
  });

  test('writes firmware that it fetches', async () => {
    await using own = await start('gen10', { updateMs: 400 });
    const update = '/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate/';
    const state = async (): Promise<unknown> => ((await own.get('/redfish/v1/UpdateService/'))['Oem'] as { Hpe: { State: string } }).Hpe.State;
    expect(await own.send('POST', update, { ImageURI: 'http://192.0.2.1/U30_9.99_01_23_2021.signed.flash' })).toMatch(/^20[02]/);
    expect([await state(), await own.send('POST', update, { ImageURI: 'http://192.0.2.1/other.bin' })]).toEqual(['Uploading', expect.stringMatching(/^400 /)]);
    await own.pass(400);
    expect([await state(), own.ilo.machine.firmware.component('bios')?.version]).toEqual(['Complete', 'U30 v9.99 (01/23/2021)']);
  });

  test('tells what is unsafe about itself', async () => {
    await using own = await start('gen10');
    const dashboard = '/redfish/v1/Managers/1/SecurityService/SecurityDashboard/';
    expect((await own.get(dashboard))['OverallSecurityStatus']).toBe('Risk');
    for (const { id } of own.ilo.machine.security.parameters) expect(await own.send('PATCH', `${dashboard}SecurityParams/${id}/`, { Ignore: true })).toMatch(/^200/);
    expect((await own.get(dashboard))['OverallSecurityStatus']).toBe('Ok');
  });

  test('makes a request for a certificate, and starts anew with what came of it', async () => {
    await using own = await start('gen10');
    const path = '/redfish/v1/Managers/1/SecurityService/HttpsCert/';
    expect(await own.send('POST', `${path}Actions/HpeHttpsCert.GenerateCSR/`, { City: 'x' })).toMatch(/^400 \w*Missing/);
    const wish = { City: 'Bonn', CommonName: 'ilo', Country: 'DE', OrgName: 'Lab', State: 'NRW' };
    expect(await own.send('POST', `${path}Actions/HpeHttpsCert.GenerateCSR/`, wish)).toBe('200 GeneratingCertificate');
    expect((await own.get(path))['CertificateSigningRequest']).toBeNull();
    await own.pass(100);
    await expect.poll(async () => (await own.get(path))['CertificateSigningRequest']).toContain('BEGIN CERTIFICATE REQUEST');
    const { certificate: ofAnotherKey } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date(), key: 'RSA 2048, SHA-256' });
    expect(await own.send('POST', `${path}Actions/HpeHttpsCert.ImportCertificate/`, { Certificate: ofAnotherKey })).toBe('400 ImportCertificateFailed');
    expect(await own.send('POST', `${path}Actions/HpeHttpsCert.ImportCertificate/`, { Certificate: 'nonsense' })).toBe('400 ImportCertificateFailed');
    expect(await own.send('POST', `${path}Actions/HpeHttpsCert.ImportCertificate/`, { Certificate: own.ilo.certificate })).toMatch(/^200/);
  });

  test.each([
    ['gen9', '/rest/v1/Systems/1/LogServices/IML', { Action: 'ClearLog' }, '/rest/v1/Systems/1', 'IndicatorLED'],
    ['gen10', '/redfish/v1/Systems/1/LogServices/IML/Actions/LogService.ClearLog/', {}, '/redfish/v1/Systems/1/', 'IndicatorLED'],
  ] as const)('%s: clears its log and lights its lamp', async (generation, path, body, system, light) => {
    await using own = await start(generation);
    own.ilo.machine.managementLog.write('Critical', 'Test', 'It broke');
    expect(await own.send('POST', path, body)).toBe('200 EventLogCleared');
    expect(own.ilo.machine.managementLog.entries.map(({ text }) => text)).not.toContain('It broke');
    expect(await own.send('PATCH', system, { [light]: 'Lit' })).toMatch(/^200/);
    expect([own.ilo.machine.identifyLight, (await own.get(system))[light]]).toEqual(['On', 'Lit']);
  });
});
