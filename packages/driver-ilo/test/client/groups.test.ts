import { type CallOptions, type PowerOutcome, type PowerTarget, Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { GENERATIONS, type Generation } from '../../src/simulator/index.js';
import { clientOf, failure, passTime, startBench } from './bench.js';

const FROM_GEN9: readonly Generation[] = ['gen9', 'gen10', 'gen11'];
const FROM_GEN10: readonly Generation[] = ['gen10', 'gen11'];

describe.each(GENERATIONS)('%s', (generation) => {
  test('tells what it is without a login', async () => {
    const { ilo, client } = await startBench({ generation });
    const expected = {
      gen8: { ilo: 4, name: 'iLO 4', firmwareVersion: '1.51', backEnds: ['ribcl'] },
      gen9: { ilo: 4, name: 'iLO 4', firmwareVersion: '2.55', backEnds: ['ris', 'ribcl'] },
      gen10: { ilo: 5, name: 'iLO 5', firmwareVersion: '2.44', backEnds: ['redfish', 'ribcl'] },
      gen11: { ilo: 6, name: 'iLO 6', firmwareVersion: '1.53', backEnds: ['redfish'] },
    } as const;
    expect(await client.identify()).toEqual(expected[generation]);
    expect(ilo.activity.authenticationAttempts).toBe(0);
  });

  test('switches on, reboots and switches off, with one command each, and nothing when it is there already', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.power.read()).toMatchObject({ state: 'power off', source: 'device' });
    expect(await client.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(ilo.machine.power.isOn).toBe(true);
    expect(await client.power.set('power on')).toMatchObject({ status: 'done', detail: 'The server was on already' });
    ilo.machine.power.put(true);
    expect(await client.power.set('rebooting')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(await client.power.set('power off')).toMatchObject({ status: 'done', reading: { state: 'power off' } });
    expect(ilo.machine.power.isOn).toBe(false);
    expect(await client.power.set('soft power off')).toMatchObject({ status: 'done' });
    expect(ilo.activity.operations).toEqual({ 'power on': 1, 'reset server': 1, 'power off': 1 });
  });

  test('asks the operating system to shut down, and starts it again', async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation, clock }, { clock });
    const set = (target: PowerTarget, options?: CallOptions): Promise<PowerOutcome> => passTime(clock, client.power.set(target, options));
    ilo.machine.power.put(true);
    expect(await set('soft power off')).toMatchObject({ status: 'done', reading: { state: 'power off' } });
    expect(ilo.activity.operations).toEqual({ 'press power button': 1 });
    ilo.machine.power.put(true);
    expect(await set('soft rebooting')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(ilo.activity.operations).toEqual({ 'press power button': 2, 'power on': 1 });
    // While the server tests itself the button would cut its power.
    ilo.machine.power.put(false);
    ilo.machine.power.put(true);
    ilo.machine.power.ignoresButton = true;
    expect((await failure(set('soft power off', { timeoutMs: 60_000 }))).code).toBe('TIMEOUT');
    expect(ilo.machine.power.isOn).toBe(true);
    expect(ilo.activity.operations['press power button']).toBe(3);
  });

  test('sets the boot device once and for good', async () => {
    const { ilo, client } = await startBench({ generation });
    for (const persistent of [false, true]) {
      for (const device of ['pxe', 'cdrom', 'disk'] as const) {
        if (device === 'cdrom' && persistent && generation === 'gen8' && ilo.machine.bios.mode === 'uefi') continue;
        await client.bootDevice.set(device, { persistent });
        expect(await client.bootDevice.read()).toMatchObject({ device, persistent });
        const before = ilo.activity.changeCommands;
        await client.bootDevice.set(device, { persistent });
        expect(ilo.activity.changeCommands).toBe(before);
      }
    }
    const supported = await client.bootDevice.supported();
    expect([...supported]).toEqual(FROM_GEN10.includes(generation) ? ['pxe', 'disk', 'cdrom', 'uefihttp'] : ['pxe', 'disk', 'cdrom']);
    expect((await failure(client.bootDevice.set('safe' as 'pxe', { persistent: false }))).code).toBe('UNSUPPORTED');
    if (generation !== 'gen8') expect((await failure(client.bootDevice.set('iscsiboot', { persistent: false }))).code).toBe('UNSUPPORTED');
  });

  test('sets the boot mode for the next start', async () => {
    const { ilo, client } = await startBench({ generation, bootModes: 'both', bootMode: 'uefi' });
    expect(await client.bootMode.read()).toEqual({ current: 'uefi', pending: 'uefi', supported: ['bios', 'uefi'] });
    await client.bootMode.set('bios');
    expect(await client.bootMode.read()).toEqual({ current: 'uefi', pending: 'bios', supported: ['bios', 'uefi'] });
    const before = ilo.activity.changeCommands;
    await client.bootMode.set('bios');
    expect(ilo.activity.changeCommands).toBe(before);
    ilo.machine.power.put(true);
    expect(ilo.machine.bios.mode).toBe('bios');
    await client.bootMode.set('uefi');
    expect((await client.bootMode.read()).pending).toBe('uefi');
  });

  test('refuses a boot mode that the server does not have', async () => {
    const { ilo, client } = await startBench({ generation, bootModes: 'bios' });
    expect((await client.bootMode.read()).supported).toEqual(['bios']);
    await client.bootMode.set('bios');
    expect((await failure(client.bootMode.set('uefi'))).code).toBe('UNSUPPORTED');
    expect(ilo.activity.changeCommands).toBe(0);
  });

  test('shows images as CD and floppy, and ejects them', async () => {
    const { ilo, client } = await startBench({ generation });
    const [iso, other, floppy] = ['http://192.0.2.1/a.iso', 'http://192.0.2.1/b.iso', 'http://192.0.2.1/c.img'].map((text) => new URL(text)) as [URL, URL, URL];
    await client.virtualMedia.eject('cdrom');
    await client.virtualMedia.insert('floppy', floppy);
    await client.virtualMedia.insert('cdrom', iso);
    expect(await client.virtualMedia.read()).toEqual([{ type: 'cdrom', url: iso.href }, { type: 'floppy', url: floppy.href }]);
    expect(ilo.machine.media.cdrom.isConnected).toBe(true);
    await client.virtualMedia.insert('cdrom', iso);
    expect(ilo.activity.operations['insert media']).toBe(2);
    await client.virtualMedia.insert('cdrom', other);
    expect(ilo.machine.media.cdrom.image).toBe(other.href);
    expect(ilo.machine.media.cdrom.isConnected).toBe(true);
    await client.virtualMedia.bootOnce();
    await client.power.set('power on');
    const started = async (): Promise<unknown> => {
      // The self-test goes on when somebody looks.
      await client.power.read();
      return ilo.machine.boot.records.at(-1);
    };
    await expect.poll(started).toMatchObject({ source: 'cdrom', image: other.href, floppyImage: floppy.href });
    await client.virtualMedia.eject('cdrom');
    await client.virtualMedia.eject('floppy');
    expect(await client.virtualMedia.read()).toEqual([]);
  });

  test('says that virtual media is not licensed, and takes a licence', async () => {
    const { ilo, client } = await startBench({ generation, licence: 'standard' });
    expect((await client.licence.read()).name).toMatch(/Standard/);
    const error = await failure(client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso')));
    expect(error.code).toBe('REFUSED');
    expect(`${error.message} ${error.hint}`).toMatch(/licen[cs]e/i);
    const wrong = new Secret('NOT-A-KEY-OF-ANY-KIND');
    const refused = await failure(client.licence.activate(wrong));
    expect(refused.code).toBe('REFUSED');
    expect(JSON.stringify(refused)).not.toContain(wrong.reveal());
    await client.licence.activate(new Secret('ABCDE-FGHIJ-KLMNO-PQRST-UVWXY'));
    expect((await client.licence.read()).name).toMatch(/Advanced/);
    await client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso'));
    expect(ilo.machine.media.cdrom.image).toBe('http://192.0.2.1/a.iso');
  });

  test('reads sensors', async () => {
    const { ilo, client } = await startBench({ generation });
    ilo.machine.power.put(true);
    const sensors = await client.sensors.read();
    expect(sensors.find(({ kind }) => kind === 'temperature')).toMatchObject({ name: '01-Inlet Ambient', value: 21, unit: 'degrees C', status: 'ok' });
    expect(sensors.find(({ kind }) => kind === 'fan')).toMatchObject({ name: 'Fan 1', value: 12, unit: 'percent', status: 'ok' });
    expect(sensors.find(({ kind, unit }) => kind === 'power' && unit === 'Watts')).toMatchObject({ value: 128 });
  });

  test('reads the inventory', async () => {
    const { ilo, client } = await startBench({ generation, hardware: { memoryGib: 48, processors: 2, coresPerProcessor: 6 } });
    ilo.machine.power.put(true);
    const report = await client.inventory.read();
    expect(report).toMatchObject({ model: ilo.machine.identity.productName, cpus: 24, memoryMegabytes: 48 * 1024, cpuArchitecture: 'x86_64', localGigabytes: 557 });
    expect(report.macAddresses).toEqual(ilo.machine.hardware.networkPorts.map(({ macAddress }) => macAddress));
    expect(report.ports[0]?.name).toBe('Port 1');
    expect(Object.values(report.capabilities).every((value) => typeof value === 'string')).toBe(true);
  });

  test('reads and clears both logs', async () => {
    const { ilo, client } = await startBench({ generation });
    ilo.machine.managementLog.write('Critical', 'Power', 'Power supply 1 failed');
    const entries = await client.eventLog.read();
    expect(entries.find(({ message }) => message.startsWith('Power supply 1 failed'))).toMatchObject({ severity: 'critical', id: expect.stringMatching(/^server-/) as string });
    expect(entries.some(({ id }) => id.startsWith('controller-'))).toBe(true);
    await client.eventLog.clear('server');
    expect(ilo.machine.managementLog.entries.map(({ text }) => text)).not.toContain('Power supply 1 failed');
    expect((await failure(client.eventLog.read('other' as 'server'))).code).toBe('INVALID_OPTIONS');
  });

  test('switches the identify light', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.identifyLight.read()).toBe('off');
    await client.identifyLight.set(true);
    expect(ilo.machine.identifyLight).toBe('On');
    expect(await client.identifyLight.read()).toBe('on');
    await client.identifyLight.set(true);
    expect(ilo.activity.operations['set identify light']).toBe(1);
  });

  test('lists its firmware', async () => {
    const { client } = await startBench({ generation });
    const items = await client.firmware.read();
    expect(items.map(({ component }) => component)).toEqual(expect.arrayContaining(['ilo', 'bios', 'cpld', 'power_pic']) as string[]);
    expect(items.find(({ component }) => component === 'ilo')?.version).toContain({ gen8: '1.51', gen9: '2.55', gen10: '2.44', gen11: '1.53' }[generation]);
  });

  test('changes the password of its user and goes on with the new one', async () => {
    const { ilo, client } = await startBench({ generation });
    const password = new Secret('an0ther-Passw0rd');
    await client.power.read();
    await client.accounts.changePassword(password);
    expect((await client.power.read()).state).toBe('power off');
    expect((await clientOf(ilo, { password }).power.read()).state).toBe('power off');
    expect((await failure(clientOf(ilo).power.read())).code).toBe('AUTH_FAILED');
    const short = await failure(client.accounts.changePassword(new Secret('short')));
    expect(short.code).toBe('REFUSED');
    expect(JSON.stringify(short)).not.toContain('short"');
    expect((await client.power.read()).state).toBe('power off');
  });

  test('resets itself and is waited for', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso'));
    await client.controller.reset();
    expect(ilo.activity.operations['reset ilo']).toBe(1);
    expect(await client.virtualMedia.read()).toEqual([]);
    expect((await client.power.read()).state).toBe('power off');
  });

  test('leaves no session behind', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    await client.bootDevice.read();
    await client[Symbol.asyncDispose]();
    expect(ilo.activity.openSessions).toBe(0);
    expect(ilo.activity.mostConcurrentExchanges).toBe(1);
    expect((await failure(client.power.read())).code).toBe('ABORTED');
  });

  test('says AUTH_FAILED for wrong credentials, once', async () => {
    const { ilo } = await startBench({ generation });
    const client = clientOf(ilo, { password: new Secret('wrong') });
    const error = await failure(client.power.read());
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false });
    expect(ilo.activity.authenticationAttempts).toBe(1);
  });
});

test('gen8: firmware is uploaded, since this iLO fetches none', async () => {
  const { ilo, client } = await startBench({ generation: 'gen8' });
  const content = Buffer.alloc(200_000, 7);
  const url = new URL('http://192.0.2.1/ilo4_282.bin');
  expect((await failure(client.firmware.update({ component: 'ilo', url }))).code).toBe('UNSUPPORTED');
  await client.firmware.update({ component: 'ilo', url, upload: { fileName: 'ilo4_282.bin', length: content.length, open: () => [content] } });
  expect(ilo.machine.firmware.component('ilo')?.version).toBe('2.82');
  expect((await client.power.read()).state).toBe('power off');
});

describe.each(FROM_GEN9)('%s, with UEFI', (generation) => {
  test('turns secure boot on and off with the next start', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.secureBoot.read()).toEqual({ current: false, next: false });
    await client.secureBoot.set(true);
    expect(await client.secureBoot.read()).toEqual({ current: false, next: true });
    ilo.machine.power.put(true);
    expect(await client.secureBoot.read()).toEqual({ current: true, next: true });
    ilo.machine.power.put(false);
    await client.secureBoot.clearKeys();
    ilo.machine.power.put(true);
    expect(ilo.machine.secureBoot?.keys).toBe('none');
    ilo.machine.power.put(false);
    await client.secureBoot.resetKeys();
    ilo.machine.power.put(true);
    expect(ilo.machine.secureBoot?.keys).toBe('factory');
  });

  test('has no secure boot in BIOS mode', async () => {
    const { ilo, client } = await startBench({ generation, bootMode: 'bios' });
    const error = await failure(client.secureBoot.set(true));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toContain('UEFI');
    expect(ilo.activity.changeCommands).toBe(0);
  });

  test('sends a non-maskable interrupt to a server that is on', async () => {
    const { ilo, client } = await startBench({ generation });
    expect((await failure(client.nmi.inject())).code).toBe('CONFLICT');
    ilo.machine.power.put(true);
    await client.nmi.inject();
    expect(ilo.machine.power.nonMaskableInterrupts).toBe(1);
  });

  test('changes BIOS settings and tells what came of it', async () => {
    const { ilo, client } = await startBench({ generation });
    const before = Object.fromEntries((await client.bios.read()).map(({ name, value }) => [name, value]));
    expect(before['BootMode']).toBe('Uefi');
    const wanted = before['Sriov'] === 'Enabled' ? 'Disabled' : 'Enabled';
    await client.bios.apply({ Sriov: wanted });
    expect((await client.bios.pending())['Sriov']).toBe(wanted);
    await client.bios.apply({ Sriov: wanted });
    expect(ilo.activity.operations['set bios']).toBe(1);
    ilo.machine.power.put(true);
    expect(ilo.machine.bios.current['Sriov']).toBe(wanted);
    expect((await client.bios.result()).outcome).toBe('success');
    ilo.machine.power.put(false);
    await client.bios.apply({ Sriov: 'Perhaps' });
    ilo.machine.power.put(true);
    const result = await client.bios.result();
    expect(result.outcome).toBe('failure');
    expect(result.messages.join()).toContain('Sriov');
    ilo.machine.power.put(false);
    await client.bios.factoryReset();
    ilo.machine.power.put(true);
    expect(ilo.machine.bios.current).toEqual(ilo.machine.bios.defaults);
  });

  test('names every BIOS setting that cannot be, and changes nothing', async () => {
    const { ilo, client } = await startBench({ generation });
    const error = await failure(client.bios.apply({ Sriov: 5, Nonsense: 'x' }));
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.message).toContain('Sriov');
    expect(error.message).toContain('Nonsense');
    expect(ilo.activity.changeCommands).toBe(0);
  });

  test('boots from a URL', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.httpBoot.read()).toBeNull();
    await client.httpBoot.set(new URL('https://192.0.2.1/boot.efi'));
    expect(await client.httpBoot.read()).toBe('https://192.0.2.1/boot.efi');
    await client.httpBoot.set(null);
    expect(await client.httpBoot.read()).toBeNull();
    expect((await failure(client.httpBoot.set(new URL('ftp://192.0.2.1/x')))).code).toBe('INVALID_OPTIONS');
    expect(ilo.activity.operations['set bios']).toBe(2);
  });

  test('boots from a URL in UEFI mode, which may be that of the next start', async () => {
    const { ilo, client } = await startBench({ generation, bootMode: 'bios' });
    const url = new URL('https://192.0.2.1/boot.efi');
    expect(await failure(client.httpBoot.set(url))).toMatchObject({ code: 'UNSUPPORTED', details: { bootMode: 'bios' } });
    expect(await failure(client.httpBoot.read())).toMatchObject({ code: 'UNSUPPORTED' });
    await client.bootMode.set('uefi');
    await client.httpBoot.set(url);
    ilo.machine.power.put(true);
    expect([await client.httpBoot.read(), ilo.machine.bios.mode]).toEqual([url.href, 'uefi']);
  });

  test('updates firmware and waits for its end, also of the iLO itself', async () => {
    const { ilo, client } = await startBench({ generation });
    const states: string[] = [];
    await client.firmware.update({ component: 'bios', url: new URL('http://192.0.2.1/bios_255.flash') }, { onProgress: ({ state }) => states.push(state) });
    expect(ilo.machine.firmware.component('bios')?.version).toContain('2.55');
    expect(new Set(states).size).toBeGreaterThan(1);
    await client.firmware.update({ component: 'ilo', url: new URL('http://192.0.2.1/ilo_299.bin') });
    expect((await client.power.read()).state).toBe('power off');
    expect((await client.firmware.read()).find(({ component }) => component === 'ilo')?.version).toContain('2.99');
    ilo.machine.firmware.nextUpdateFails = true;
    expect((await failure(client.firmware.update({ component: 'bios', url: new URL('http://192.0.2.1/bios_256.flash') }))).code).toBe('REFUSED');
    expect((await failure(client.firmware.update({ component: 'bios', url: new URL('http://192.0.2.1/bios.scexe') }))).code).toBe('INVALID_OPTIONS');
    expect(ilo.activity.operations['update firmware']).toBe(3);
  });
});

describe.each(FROM_GEN10)('%s, with iLO 5 or later', (generation) => {
  test('shows its security dashboard and changes it', async () => {
    const { ilo, client } = await startBench({ generation });
    const report = await client.security.read();
    expect(report.overallStatus).toBe('Risk');
    expect(report.parameters.find(({ name }) => name === 'Secure Boot')).toEqual({ name: 'Secure Boot', status: 'Risk', state: 'Disabled', ignored: false });
    expect(report.settings).toMatchObject({ ipmi_over_lan: false, minimum_password_length: 8 });
    await client.security.setIgnored('Secure Boot', true);
    expect(ilo.machine.security.parameters.find(({ name }) => name === 'Secure Boot')?.isIgnored).toBe(true);
    await client.security.setMinimumPasswordLength(12);
    expect(ilo.machine.accounts.minimumPasswordLength).toBe(12);
    await client.security.setLoginFailureThreshold(5);
    expect(ilo.machine.accounts.failureLoggingThreshold).toBe(5);
    expect((await failure(client.security.setIgnored('Nonsense', true))).code).toBe('NOT_FOUND');
    expect((await failure(client.security.setLoginFailureThreshold(4))).code).toBe('INVALID_OPTIONS');
  });

  test('offers one-button secure erase', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.secureErase.isOffered()).toBe(true);
    await client.secureErase.start();
    expect(ilo.machine.storage.holdsSystem).toBe(false);
  });

  test('takes certificates in BIOS mode for a start in UEFI mode', async () => {
    const { ilo, client } = await startBench({ generation, bootMode: 'bios' });
    expect(await failure(client.certificates.add([ilo.certificate]))).toMatchObject({ code: 'UNSUPPORTED', details: { bootMode: 'bios' } });
    await client.bootMode.set('uefi');
    await client.certificates.add([ilo.certificate]);
    ilo.machine.power.put(true);
    expect(await client.certificates.read()).toHaveLength(1);
  });

  test('keeps certificates for HTTPS boot', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.certificates.add([ilo.certificate]);
    ilo.machine.power.put(true);
    ilo.machine.power.put(false);
    const [kept] = await client.certificates.read();
    expect(kept?.fingerprint).toBeDefined();
    await client.certificates.remove();
    ilo.machine.power.put(true);
    expect(await client.certificates.read()).toEqual([]);
    expect((await failure(client.certificates.add(['nothing']))).code).toBe('INVALID_OPTIONS');
  });
});
