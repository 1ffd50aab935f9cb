import { describeProperties, FerricError, Secret, type NodeView, type RamdiskPurpose } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { commandLineOf, createBench, doneBy, fieldsOf, fromMemory, ISO, keyOf, NO_KERNEL, prepare, TOKEN, type Bench, type BenchOptions } from '../test/bench.js';
import { createUefiHttpsBoot } from './index.js';
import { readMediaRecord } from './media-record.js';

const BASE = 'https://10.0.0.1:6385';

/** A machine whose firmware boots over HTTPS, and a conductor that serves it. */
const httpsBench = (options: BenchOptions = {}): Bench =>
  createBench({ strategy: createUefiHttpsBoot, httpBoot: 'trusts what it is told', base: BASE, modes: ['bios', 'uefi'], drives: [], authorities: ['own'], ...options });

const MADE = `${BASE}/ferric/v1/media/boot.iso`;

describe('a ramdisk', () => {
  test('is made of kernel and ramdisk, with its parameters on the command line, and loaded by firmware that trusts the conductor', async () => {
    const bench = httpsBench();
    expect(bench.boot.keepsSecrets?.(bench.task, 'deploy')).toBe(true);
    await prepare(bench, 'deploy', { 'ipa-agent-token': TOKEN });
    expect(doneBy(bench)).toEqual(['publish boot', 'boot mode uefi', 'trust own', `url ${MADE}`, 'boot device uefihttp once']);
    const [medium] = bench.served.values();
    expect(medium).toMatchObject({ bootMode: 'uefi' });
    expect(commandLineOf(medium)).toBe(
      `selinux=0 nofb vga=normal BOOTIF=52:54:00:cf:2d:31 ipa-agent-token=${TOKEN.reveal()} ipa-api-url=http://10.0.0.1:6385`,
    );
    expect(bench.task.told.join('\n')).toContain('The firmware trusts 1 more certificate from its next start on');
    expect(bench.task.told.join('\n')).not.toContain(keyOf(bench));
  });

  test('is made before the machine is touched', async () => {
    const bench = httpsBench();
    const rest = await bench.boot.readyRamdisk?.(bench.task, 'deploy', {});
    expect(doneBy(bench)).toEqual(['publish boot']);
    await bench.run(async () => rest?.());
    expect(bench.firmwareUrl.url).toContain(keyOf(bench));
  });

  test('from a ready-made image gets no parameters, and no secret, also where there is a floppy drive', async () => {
    const bench = httpsBench({ driverInfo: ISO, drives: ['cdrom', 'floppy'] });
    expect(bench.boot.keepsSecrets?.(bench.task, 'deploy')).toBe(false);
    await prepare(bench);
    expect(bench.done).toEqual(['boot mode uefi', 'trust own', `url ${ISO.deploy_iso}`, 'boot device uefihttp once']);
    expect(bench.task.told.join('\n')).toContain('so it must know the address of the conductor by itself');
    await expect(prepare(httpsBench({ driverInfo: ISO }), 'deploy', { 'ipa-agent-token': TOKEN })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('from an image that the conductor serves is loaded from its https address', async () => {
    const bench = httpsBench({ driverInfo: { deploy_iso: 'file:///srv/agent.iso' } });
    await prepare(bench);
    expect(bench.firmwareUrl.url).toBe(`${BASE}/images/0/srv/agent.iso`);
  });

  test('for rescuing is one of its own', async () => {
    const bench = httpsBench({ driverInfo: { rescue_iso: 'https://h/rescue.iso' }, node: { driverInternalInfo: { deploy_boot_mode: 'uefi' } } });
    bench.firmware.mode = 'uefi';
    await prepare(bench, 'rescue');
    expect(bench.firmwareUrl.url).toBe('https://h/rescue.iso');
  });

  test('prepared again has the same address, and no certificate is given twice', async () => {
    const bench = httpsBench();
    await prepare(bench);
    const { url } = bench.firmwareUrl;
    await prepare(bench);
    expect([bench.firmwareUrl.url, bench.done.filter((each) => each.startsWith('trust'))]).toEqual([url, ['trust own']]);
  });

  test('needs no certificates where none are known, or the machine takes none', async () => {
    for (const options of [{ authorities: [] }, { httpBoot: 'cannot be told' }] as const) {
      const bench = httpsBench(options);
      await prepare(bench);
      expect(doneBy(bench)).toEqual(['publish boot', 'boot mode uefi', `url ${MADE}`, 'boot device uefihttp once']);
    }
  });

  test('leaves nothing behind, and the disk to boot from', async () => {
    const bench = httpsBench();
    await prepare(bench);
    bench.done.length = 0;
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.done).toEqual(['withdraw', 'url none', 'boot device disk for good']);
    expect([bench.firmwareUrl.url, bench.served.size, readMediaRecord(bench.task.node)]).toEqual([null, 0, undefined]);
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.done).toHaveLength(3);
  });

  test('that cannot be cleaned up now is cleaned up the next time', async () => {
    const bench = httpsBench();
    await prepare(bench);
    bench.fail('url', new FerricError('UNREACHABLE', `cannot change ${bench.firmwareUrl.url}`));
    const key = keyOf(bench);
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect([bench.served.size, bench.task.told.at(-1)]).toEqual([0, expect.stringContaining('Taking the boot media out did not work')]);
    expect(bench.task.told.at(-1)).not.toContain(key);
    bench.heal();
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect([bench.firmwareUrl.url, readMediaRecord(bench.task.node)]).toEqual([null, undefined]);
  });

  test('ends also on firmware that was put into BIOS mode meanwhile, which boots from no address', async () => {
    const bench = httpsBench();
    await prepare(bench);
    bench.fail('url', new FerricError('UNSUPPORTED', 'not in BIOS mode'));
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(readMediaRecord(bench.task.node)).toBeUndefined();
  });
});

describe('the firmware', () => {
  test.each<[RamdiskPurpose, Partial<NodeView>]>([
    ['deploy', {}], ['clean', {}], ['inspect', {}], ['deploy', { driverInternalInfo: { deploy_boot_mode: 'bios' } }], ['clean', { properties: { capabilities: 'boot_mode:uefi' } }],
  ])('goes to UEFI for %s of a node with %j, whatever the default is', async (purpose, node) => {
    const bench = httpsBench({ node, settings: { defaultBootMode: 'bios' } });
    await prepare(bench, purpose);
    expect(bench.firmware.mode).toBe('uefi');
  });

  test('is remembered as that of the deployment', async () => {
    const bench = httpsBench();
    await prepare(bench, 'deploy');
    expect(bench.task.node.driverInternalInfo['deploy_boot_mode']).toBe('uefi');
  });

  test.each(['rescue', 'service'] as const)('stays in BIOS mode for %s: the system on the machine would not start any more', async (purpose) => {
    const bench = httpsBench({ settings: { rescueIso: 'https://h/rescue.iso' } });
    expect(await fieldsOf(bench.boot.readyRamdisk?.(bench.task, purpose, {}) ?? Promise.resolve())).toEqual(['boot_interface']);
    expect([bench.firmware.mode, bench.done]).toEqual(['bios', []]);
  });

  test('loses secure boot for the ramdisk', async () => {
    const bench = httpsBench({ secureBoot: true });
    await prepare(bench, 'clean');
    expect(bench.done.filter((each) => /^(boot mode|secure)/.test(each))).toEqual(['secure boot off']);
  });
});

describe('an instance', () => {
  test('on its disk: no address is left before it starts', async () => {
    const bench = httpsBench({ instanceInfo: { image_source: 'http://h/image' } });
    await prepare(bench);
    bench.done.length = 0;
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done).toEqual(['withdraw', 'url none', 'boot device disk for good']);
  });

  test('from an ISO image boots it from now on, until it is given back', async () => {
    const bench = httpsBench({ instanceInfo: { boot_iso: 'https://h/live.iso' }, node: fromMemory() });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done).toEqual(['boot mode uefi', 'trust own', 'url https://h/live.iso', 'boot device uefihttp for good']);
    await bench.run((boot, task) => boot.cleanUpInstance(task));
    expect([bench.firmwareUrl.url, bench.done.at(-1)]).toEqual([null, 'boot device disk for good']);
  });

  test('from kernel and ramdisk has a medium of its own', async () => {
    const bench = httpsBench({ instanceInfo: { kernel: 'http://h/k', ramdisk: 'http://h/r' }, node: fromMemory() });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.firmwareUrl.url).toContain(`/${keyOf(bench)}/boot.iso`);
  });

  test('is refused an address that is not https before anything is changed', async () => {
    const bench = httpsBench({ instanceInfo: { boot_iso: 'http://h/live.iso' }, node: fromMemory() });
    expect(await fieldsOf(bench.boot.prepareInstance(bench.task))).toEqual(['instance_info.boot_iso']);
    expect(bench.done).toEqual([]);
  });
});

describe('validate', () => {
  const PLAIN = { base: 'http://10.0.0.1:6385' } as const;
  const asked = (capabilities: string): BenchOptions => ({ node: { properties: { capabilities } } });

  test.each<[string, BenchOptions, readonly string[]]>([
    ['kernel and ramdisk from anywhere', {}, []],
    ['an https image', { driverInfo: ISO }, []],
    ['an https image, where the conductor speaks http', { ...PLAIN, driverInfo: ISO }, []],
    ['an http image', { driverInfo: { deploy_iso: 'http://h/agent.iso' } }, ['driver_info.deploy_iso']],
    ['an http image under its old name', { driverInfo: { ...NO_KERNEL, ilo_deploy_iso: 'http://h/agent.iso' } }, ['driver_info.ilo_deploy_iso']],
    ['an http image of the settings', { driverInfo: NO_KERNEL, settings: { deployIso: 'http://h/agent.iso' } }, ['deployIso']],
    ['an http image for rescuing', { driverInfo: { rescue_iso: 'http://h/rescue.iso' } }, ['driver_info.rescue_iso']],
    ['an http image of an instance', { instanceInfo: { boot_iso: 'http://h/live.iso' }, node: fromMemory() }, ['instance_info.boot_iso']],
    ['a conductor that speaks http', PLAIN, ['--media-endpoint']],
    ['a conductor that speaks http, and its image', { ...PLAIN, driverInfo: { deploy_iso: 'file:///srv/agent.iso' } }, ['--media-endpoint']],
    ['an http address of the conductor for this node', { ...PLAIN, driverInfo: { external_http_url: 'http://10.0.0.1:6385' } }, ['driver_info.external_http_url']],
    ['a machine without it', { httpBoot: undefined }, ['boot_interface']],
    ['a machine that cannot be told to boot so', { bootDevices: ['pxe', 'disk', 'cdrom'] }, ['boot_interface']],
    ['BIOS mode that is asked for', asked('boot_mode:bios'), ['capabilities.boot_mode']],
    ['UEFI mode that is asked for', asked('boot_mode:uefi'), []],
    ['firmware that knows BIOS mode only', { modes: ['bios'] }, ['boot_interface']],
  ])('%s', async (_case, options, fields) => {
    const { boot, task } = httpsBench(options);
    expect(await fieldsOf(boot.validate(task))).toEqual(fields);
  });

  test('a conductor that does not know its address is told which option to set', async () => {
    const { boot, task } = httpsBench();
    Object.assign(task.services.media, { controllerUrl: async () => Promise.reject(new FerricError('CONFLICT', 'It is not known')) });
    expect(await fieldsOf(boot.validate(task))).toEqual(['--media-endpoint']);
  });

  test('the same is refused before anything is made', async () => {
    for (const options of [PLAIN, { driverInfo: { deploy_iso: 'http://h/agent.iso' } }, asked('boot_mode:bios'), { httpBoot: undefined }] as const) {
      const bench = httpsBench(options);
      await expect(prepare(bench)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      expect(bench.done).toEqual([]);
    }
  });
});

test('errors that name the address hide its key', async () => {
  const bench = httpsBench();
  await prepare(bench);
  const { url } = bench.firmwareUrl;
  bench.fail('url', new FerricError('REFUSED', `The firmware refuses ${url}`, { details: { url } }));
  const error = await prepare(bench).then(() => undefined, (reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('******') as string });
  expect(JSON.stringify(error) + String(error)).not.toContain(keyOf(bench));
  expect(Secret.is(readMediaRecord(bench.task.node)?.key)).toBe(true);
});

test('describes its fields', () => {
  const { boot } = httpsBench();
  const properties = describeProperties(boot.properties as NonNullable<typeof boot.properties>);
  expect(boot.name).toBe('uefi-https');
  expect(properties['deploy_iso']).toContain('an https or file:/// URL');
});
