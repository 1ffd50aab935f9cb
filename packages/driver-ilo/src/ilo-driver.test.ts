import { X509Certificate } from 'node:crypto';
import { errorCode, FerricError, OPTIONAL_CAPABILITIES, optionIssues, type Device, type FerricErrorCode, type JsonObject } from '@ferric/core';
import { createSelfSignedCertificate } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createIloBench } from '../test/ilo-bench.js';
import { createIloDriver, ILO_DRIVER_NAMES } from './index.js';
import { SERVER_GENERATIONS } from './server-generations.js';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);
const capabilities = (device: Device): readonly string[] => OPTIONAL_CAPABILITIES.filter((name) => device[name] !== undefined);

const ALWAYS = ['bootDevice', 'bootMode', 'virtualMedia', 'sensors', 'inventory', 'firmware', 'indicators', 'eventLog', 'vendor', 'steps'];

test.each([
  ['ilo', undefined, ['secureBoot', 'bios', 'nmi']], ['ilo5', undefined, ['secureBoot', 'bios', 'nmi', 'httpBoot', 'raid']], ['ilo', 'gen8', []], ['ilo', 'gen9', ['secureBoot', 'bios', 'nmi']],
  ['ilo5', 'gen10', ['secureBoot', 'bios', 'nmi', 'httpBoot', 'raid']], ['ilo5', 'gen11', ['secureBoot', 'bios', 'nmi', 'httpBoot']], ['ilo5', 'gen12', ['secureBoot', 'bios', 'nmi', 'httpBoot']],
] as const)('%s of generation %s has what these machines have', (driver, generation, more) => {
  const { device } = createIloBench(driver, generation === undefined ? {} : { ilo_generation: generation });
  expect(capabilities(device).toSorted()).toEqual([...ALWAYS, ...more].toSorted());
  const bootDevices = driver === 'ilo5' ? ['pxe', 'disk', 'cdrom', 'iscsiboot', 'uefihttp'] : ['pxe', 'disk', 'cdrom', ...(generation === 'gen8' ? [] : ['iscsiboot'])];
  expect([...(device.bootDevice?.supported ?? [])]).toEqual(bootDevices);
});

test('every generation and driver can be opened', () => {
  for (const name of ILO_DRIVER_NAMES) for (const generation of SERVER_GENERATIONS) expect(createIloBench(name, { ilo_generation: generation }).device.power.targets.size).toBe(5);
});

describe('what is asked of the iLO', () => {
  test('power', async () => {
    await using bench = createIloBench();
    expect(await bench.device.power.read()).toEqual({ state: 'power off', source: 'device', at: expect.any(Date) });
    expect(await bench.device.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(errorCode(await rejection(bench.device.power.set('sleep' as 'power on')))).toBe('UNSUPPORTED');
    expect(bench.ilo.asked).toEqual(['power.set power on']);
  });

  test('boot device, boot mode, secure boot', async () => {
    await using bench = createIloBench();
    const { bootDevice, bootMode, secureBoot } = bench.device;
    await bootDevice?.set('pxe', { persistent: false });
    expect(await bootDevice?.read()).toEqual({ device: 'pxe', persistent: false });
    expect(errorCode(await rejection(bootDevice?.set('wanboot', { persistent: true }) ?? Promise.resolve()))).toBe('UNSUPPORTED');
    // A server that was never on tells no mode: it will start in UEFI mode.
    expect(await bootMode?.read()).toBe('uefi');
    await bootMode?.set('bios');
    // What counts is the next boot.
    expect(await secureBoot?.read()).toBe(false);
    await secureBoot?.set(true);
    expect(bench.ilo.asked).toEqual(['bootDevice.set pxe', 'bootMode.set bios', 'secureBoot.set true']);
  });

  test('virtual media', async () => {
    await using bench = createIloBench();
    const { virtualMedia } = bench.device;
    await virtualMedia?.insert('cdrom', new URL('http://192.0.2.1/a.iso'));
    expect(await virtualMedia?.read()).toEqual([{ type: 'cdrom', url: 'http://192.0.2.1/a.iso' }]);
    await virtualMedia?.eject('cdrom');
    expect(errorCode(await rejection(virtualMedia?.insert('disk', new URL('http://192.0.2.1/a.img')) ?? Promise.resolve()))).toBe('UNSUPPORTED');
    expect(bench.ilo.asked).toEqual(['virtualMedia.insert cdrom', 'virtualMedia.eject cdrom']);
  });

  test('the light, the logs, NMI, settings, firmware', async () => {
    await using bench = createIloBench();
    const { indicators, eventLog, nmi, bios, firmware } = bench.device;
    expect(await indicators?.list()).toMatchObject([{ component: 'chassis', name: 'identify' }]);
    await indicators?.set('chassis', 'identify', 'on');
    expect(errorCode(await rejection(indicators?.set('chassis', 'identify', 'blinking') ?? Promise.resolve()))).toBe('UNSUPPORTED');
    expect(errorCode(await rejection(indicators?.read('disk', 'identify') ?? Promise.resolve()))).toBe('NOT_FOUND');
    await eventLog?.clear();
    await nmi?.inject();
    await bios?.apply({ BootMode: 'Uefi' });
    await bios?.factoryReset();
    expect(await firmware?.read()).toEqual([{ component: 'ilo', currentVersion: '2.44' }]);
    expect(await firmware?.update([{ component: 'bios', url: new URL('http://192.0.2.1/bios.flash') }])).toBe('done');
    expect(errorCode(await rejection(firmware?.update([{ component: 'nic', url: new URL('http://192.0.2.1/nic.bin') }]) ?? Promise.resolve()))).toBe('INVALID_OPTIONS');
    expect(bench.ilo.asked).toEqual(['identifyLight.set true', 'eventLog.clear', 'nmi.inject', 'bios.apply', 'bios.factoryReset', 'firmware.update bios']);
  });

  test('firmware at an address with a password is refused before anything is sent', async () => {
    await using bench = createIloBench();
    const error = await rejection(bench.device.firmware?.update([{ component: 'ilo', url: new URL('http://operator:planted@192.0.2.1/ilo.bin') }]) ?? Promise.resolve());
    expect([optionIssues(error).map(({ field }) => field), JSON.stringify(error).includes('planted'), bench.ilo.opened]).toEqual([['updates.0.url'], false, 0]);
  });

  test('vendor methods', async () => {
    await using bench = createIloBench();
    await bench.call('boot_into_iso', { boot_iso_href: 'https://192.0.2.1/a.iso' });
    await bench.call('eject_vmedia', { boot_device: 'dvd' });
    await bench.call('eject_vmedia');
    expect(bench.ilo.asked).toEqual([
      'virtualMedia.insert cdrom', 'virtualMedia.bootOnce', 'power.set rebooting', 'virtualMedia.eject cdrom', 'virtualMedia.eject cdrom', 'virtualMedia.eject floppy',
    ]);
    expect(await bench.call('get_controller')).toEqual({ name: 'iLO 5', firmware_version: '2.44', licence: 'iLO Advanced', protocols: ['redfish', 'ribcl'] });
    expect(await bench.call('get_security_status')).toMatchObject({ overall_status: 'OK', parameters: [{ name: 'Secure Boot', ignored: false }] });
    await expect(bench.call('boot_into_iso', { boot_iso_href: 'glance://image' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(bench.call('boot_into_iso')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('boot over HTTPS', () => {
  const certificate = async (name: string): Promise<string> => (await createSelfSignedCertificate({ names: [name], now: new Date() })).certificate;

  test('has the address as the firmware keeps it', async () => {
    await using bench = createIloBench('ilo5');
    const { httpBoot, bootDevice } = bench.device;
    await httpBoot?.set(new URL('https://192.0.2.1/agent.iso'));
    await bootDevice?.set('uefihttp', { persistent: false });
    expect(await httpBoot?.read()).toBe('https://192.0.2.1/agent.iso');
    await httpBoot?.set(null);
    expect(await httpBoot?.read()).toBeNull();
    expect(bench.ilo.asked).toEqual(['httpBoot.set https://192.0.2.1/agent.iso', 'bootDevice.set uefihttp', 'httpBoot.set null']);
  });

  test('lets the firmware trust what it does not trust already, however it writes that', async () => {
    await using bench = createIloBench('ilo5');
    const [known, other] = [await certificate('known'), await certificate('other')];
    bench.ilo.trusted.push(new X509Certificate(known).fingerprint256.toLowerCase().replaceAll(':', ''));
    expect(await bench.device.httpBoot?.trust?.([known])).toBe(0);
    expect(bench.ilo.asked).toEqual([]);
    expect(await bench.device.httpBoot?.trust?.([known, other, other])).toBe(1);
    expect(await bench.device.httpBoot?.trust?.([known, other])).toBe(0);
    expect(bench.ilo.asked).toEqual(['certificates.add 1']);
    expect(bench.ilo.trusted).toContain(new X509Certificate(other).fingerprint256);
  });

  test('leaves certificates alone where the owner of the machine says so', async () => {
    await using bench = createIloBench('ilo5', { ilo_add_certificates: 'false' });
    expect(Object.keys(bench.device.httpBoot ?? {})).toEqual(['read', 'set']);
  });

  test.each([['ilo', {}, false], ['ilo', { ilo_generation: 'gen10' }, true], ['ilo5', {}, true], ['ilo5', { ilo_generation: 'gen11' }, true], ['ilo5', { ilo_generation: 'gen9' }, false]] as const)(
    'is there with %s and %j: %s', async (driver, fields, isThere) => {
      await using bench = createIloBench(driver, fields);
      expect(bench.device.httpBoot !== undefined).toBe(isThere);
    });

  test('is what a machine starts from again that a call restarts, as long as the address is there', async () => {
    await using bench = createIloBench('ilo5');
    bench.ilo.power = 'power on';
    bench.ilo.bootUrl = 'https://192.0.2.1/agent.iso';
    await bench.device.raid?.create({ logical_disks: [{ raid_level: '1', size_gb: 100 }] });
    expect(bench.ilo.asked).toEqual(['raid.create', 'bootDevice.set uefihttp', 'power.set rebooting']);
    expect(bench.ilo.boot).toEqual({ device: 'uefihttp', persistent: false });
  });
});

describe('disk arrays', () => {
  const TARGET = { logical_disks: [{ raid_level: '1', size_gb: 100 }] };

  test('are made by a start of the machine, which is off again afterwards', async () => {
    await using bench = createIloBench('ilo5');
    expect(await bench.device.raid?.create(TARGET)).toBe('done');
    expect(bench.ilo.asked).toEqual(['raid.create', 'power.set rebooting', 'power.set power off']);
    expect(await bench.device.raid?.delete()).toBe('done');
    expect(bench.ilo.asked).toHaveLength(4);
  });

  test('a machine that runs from a virtual CD does so again; the end of its self-test is waited for', async () => {
    await using bench = createIloBench('ilo5');
    bench.ilo.power = 'power on';
    bench.ilo.media = [{ type: 'cdrom', url: 'http://192.0.2.1/agent.iso' }];
    bench.ilo.instead.set('power.set', async ({ next }) => {
      await next();
      bench.ilo.postState = 'InPost';
      return { status: 'done', reading: { state: 'power on', source: 'device', at: new Date() } };
    });
    const looks: string[] = [];
    bench.ilo.instead.set('raid.result', async () => (looks.push(String(bench.ilo.postState)), { outcome: looks.length === 1 ? 'none' : 'success', messages: [] }));
    const created = bench.device.raid?.create(TARGET);
    await bench.clock.advance(20_000);
    bench.ilo.postState = 'FinishedPost';
    await bench.clock.advance(10_000);
    expect(await created).toBe('done');
    expect(looks).toEqual(['FinishedPost', 'FinishedPost']);
    expect(bench.ilo.asked).toEqual(['raid.create', 'virtualMedia.bootOnce', 'power.set rebooting']);
  });

  test('what a running machine is to boot is set up by who lends the way, before it starts anew', async () => {
    await using bench = createIloBench('ilo5');
    const beforeRestart = async (): Promise<void> => bench.device.bootDevice?.set('pxe', { persistent: false });
    const device = bench.open({}, { beforeRestart });
    await device.raid?.create(TARGET);
    expect(bench.ilo.asked).toEqual(['raid.create', 'power.set rebooting', 'power.set power off']);
    bench.ilo.power = 'power on';
    await device.raid?.create(TARGET);
    expect(bench.ilo.asked.slice(3)).toEqual(['raid.create', 'bootDevice.set pxe', 'power.set rebooting']);
  });

  test('such a choice for one boot stands, whatever is in the drive or among the settings of the firmware', async () => {
    await using bench = createIloBench('ilo5');
    Object.assign(bench.ilo, { power: 'power on', bootUrl: 'https://192.0.2.1/own.iso', media: [{ type: 'cdrom', url: 'http://192.0.2.1/spp.iso' }] });
    const device = bench.open({}, { beforeRestart: async () => bench.device.bootDevice?.set('pxe', { persistent: false }) });
    await device.raid?.create(TARGET);
    expect([bench.ilo.asked, bench.ilo.boot]).toEqual([['raid.create', 'bootDevice.set pxe', 'power.set rebooting'], { device: 'pxe', persistent: false }]);
    bench.ilo.boot = { device: 'pxe', persistent: true };
    await bench.device.raid?.create(TARGET);
    expect(bench.ilo.asked.slice(3)).toEqual(['raid.create', 'virtualMedia.bootOnce', 'power.set rebooting']);
  });

  describe('are not to be made anew once the machine was told to start', () => {
    const create = (bench: ReturnType<typeof createIloBench>, options = {}): Promise<FerricError> => rejection(bench.device.raid?.create(TARGET, options) ?? Promise.resolve()) as Promise<FerricError>;
    const inPost = (bench: ReturnType<typeof createIloBench>): void =>
      void bench.ilo.instead.set('power.set', async ({ next }) => {
        const outcome = await next();
        bench.ilo.postState = 'InPost';
        return outcome;
      });

    test('when the time of the call is over', async () => {
      await using bench = createIloBench('ilo5');
      inPost(bench);
      const error = create(bench, { timeoutMs: 30_000 });
      await bench.clock.advance(31_000);
      expect(await error).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { once: true, address: '192.0.2.10:443' } });
    });

    test('when the disk controller does not tell what came of it', async () => {
      await using bench = createIloBench('ilo5');
      bench.ilo.instead.set('raid.result', async () => ({ outcome: 'none', messages: [] }));
      const error = create(bench);
      for (let looks = 0; looks < 15; looks += 1) await bench.clock.advance(5000);
      expect(await error).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { once: true } });
    });

    test('and a look that is not answered is put again instead', async () => {
      await using bench = createIloBench('ilo5');
      inPost(bench);
      let looks = 0;
      bench.ilo.instead.set('power.read', async ({ next }) => {
        looks += 1;
        if (looks === 2) throw new FerricError('UNREACHABLE', 'away', { details: { sent: false } });
        if (looks === 3) bench.ilo.postState = 'FinishedPost';
        return next();
      });
      const created = bench.device.raid?.create(TARGET);
      await bench.clock.advance(10_000);
      expect([await created, looks]).toEqual(['done', 3]);
    });

    test('but are when the command surely never left; whoever gives up gets his own reason', async () => {
      await using bench = createIloBench('ilo5');
      bench.ilo.instead.set('power.set', () => Promise.reject(new FerricError('UNREACHABLE', 'away', { details: { sent: false } })));
      const error = await create(bench);
      expect([error.retryable, error.details['once']]).toEqual([true, undefined]);
      inPost(bench);
      const mine = new FerricError('TIMEOUT', 'I have waited long enough');
      const caller = new AbortController();
      const given = create(bench, { signal: caller.signal });
      await bench.clock.advance(5000);
      caller.abort(mine);
      expect(await given).toBe(mine);
    });
  });

  test.each([['rebooting', false, true], ['soft rebooting', false, true], ['power off', true, undefined]] as const)('%s whose time is over: retryable %s', async (target, retryable, once) => {
    await using bench = createIloBench('ilo5');
    bench.ilo.instead.set('power.set', () => new Promise(() => undefined));
    const error = rejection(bench.device.power.set(target, { timeoutMs: 1000 })) as Promise<FerricError>;
    await bench.clock.advance(1001);
    expect([(await error).retryable, (await error).details['once']]).toEqual([retryable, once]);
  });

  test('what the controller says of a failure is passed on', async () => {
    await using bench = createIloBench('ilo5');
    bench.ilo.instead.set('raid.result', async () => ({ outcome: 'failure', messages: ['Drive 1I:1:1 is in use'] }));
    const error = await rejection(bench.device.raid?.create(TARGET) ?? Promise.resolve());
    expect([errorCode(error), (error as Error).message]).toEqual(['REFUSED', expect.stringContaining('Drive 1I:1:1 is in use')]);
  });
});

test('errors name the address and the fields of driver_info', async () => {
  await using bench = createIloBench();
  const failWith = async (code: FerricErrorCode, details: JsonObject = {}): Promise<FerricError> => {
    bench.ilo.instead.set('power.read', async () => {
      throw new FerricError(code, 'It failed', { details });
    });
    return (await rejection(bench.device.power.read())) as FerricError;
  };
  expect(await failWith('UNREACHABLE')).toMatchObject({ message: '192.0.2.10:443: It failed', details: { address: '192.0.2.10:443' }, hint: expect.stringContaining('client_port'), retryable: true });
  expect((await failWith('TLS_UNTRUSTED')).hint).toContain('ilo_tls_fingerprint');
  expect((await failWith('UNSUPPORTED', { profile: 'modern' })).hint).toContain('ilo_tls_profile');
  expect((await failWith('UNSUPPORTED')).hint).toBeUndefined();
});

test('a device or driver that was closed answers no more', async () => {
  const bench = createIloBench();
  await bench.device[Symbol.asyncDispose]();
  expect(errorCode(await rejection(bench.device.power.read()))).toBe('ABORTED');
  const other = bench.open();
  await bench[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  expect(errorCode(await rejection(other.power.read()))).toBe('ABORTED');
  expect(() => createIloDriver({ idleMs: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
});
