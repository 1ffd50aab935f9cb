import { inspect } from 'node:util';
import { describeProperties, FerricError, maskSealed, RAMDISK_PURPOSES, revealSealed, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { commandLineOf, createBench, doneBy, fieldsOf, fromMemory, ISO, KERNEL, keyOf, NO_KERNEL, PORT, prepare, TOKEN, type BenchOptions } from '../test/bench.js';
import { readMediaRecord } from './media-record.js';

const FLOPPY = { drives: ['cdrom', 'floppy'] } as const;

describe('a ramdisk of kernel and ramdisk', () => {
  test('gets a medium that is made for it, and the next boot is from there', async () => {
    const bench = createBench();
    await prepare(bench, 'deploy', { 'ipa-agent-token': TOKEN });
    expect(doneBy(bench)).toEqual(['publish boot', 'insert cdrom http://10.0.0.1:6385/ferric/v1/media/boot.iso', 'boot device cdrom once']);
    const [medium] = bench.served.values();
    expect(medium).toMatchObject({ kind: 'boot', kernel: KERNEL.deploy_kernel, ramdisk: KERNEL.deploy_ramdisk });
    expect(commandLineOf(medium)).toBe(
      `selinux=0 nofb vga=normal boot_method=vmedia BOOTIF=52:54:00:cf:2d:31 ipa-agent-token=${TOKEN.reveal()} ipa-api-url=http://10.0.0.1:6385`,
    );
    expect(bench.drives.get('cdrom')).toBe([...bench.served.keys()][0]);
  });

  test.each(RAMDISK_PURPOSES)('for %s has what its purpose needs', async (purpose) => {
    const bench = createBench({ driverInfo: { rescue_kernel: 'http://h/rescue-kernel', rescue_ramdisk: 'http://h/rescue-ramdisk' } });
    await prepare(bench, purpose);
    const [medium] = bench.served.values();
    expect(medium).toMatchObject({ kernel: purpose === 'rescue' ? 'http://h/rescue-kernel' : KERNEL.deploy_kernel });
    expect(commandLineOf(medium).includes('ipa-inspection-callback-url=http://10.0.0.1:6385/v1/continue_inspection')).toBe(purpose === 'inspect');
  });

  test('names no network card when there are several', async () => {
    const bench = createBench({ ports: [PORT, { ...PORT, uuid: 'b', address: '52:54:00:00:00:01' }] });
    await prepare(bench);
    expect(commandLineOf([...bench.served.values()][0])).not.toContain('BOOTIF');
  });

  test("takes the operator's parameters before ours", async () => {
    const bench = createBench({ driverInfo: { kernel_append_params: '%default% ipa-api-url=https://proxy.example console="ttyS0,115200n8"' } });
    await prepare(bench);
    const line = commandLineOf([...bench.served.values()][0]);
    expect(line).toContain('nofb vga=normal ipa-api-url=https://proxy.example console="ttyS0,115200n8"');
    expect(line).not.toContain('10.0.0.1');
  });

  test.each(["a='b'", 'a\\b'])('refuses %j, which a boot loader would change', async (parameters) => {
    const bench = createBench({ driverInfo: { kernel_append_params: parameters } });
    expect(await fieldsOf(prepare(bench))).toEqual(['kernel_append_params']);
    expect(bench.done).toEqual([]);
  });

  test('has the boot loader, architecture and firmware mode that the node names', async () => {
    const bench = createBench({
      driverInfo: { bootloader: 'http://h/esp.img' }, node: { properties: { cpu_arch: 'aarch64', capabilities: 'boot_mode:uefi' } },
    });
    await prepare(bench);
    expect([...bench.served.values()][0]).toMatchObject({ bootloader: 'http://h/esp.img', architecture: 'aarch64', bootMode: 'uefi' });
  });
});

describe('a ready-made ISO image', () => {
  test('is inserted as it is; without a floppy drive it gets no parameters, and nobody may give it a secret', async () => {
    const bench = createBench({ driverInfo: ISO });
    expect(bench.boot.keepsSecrets?.(bench.task, 'deploy')).toBe(false);
    await prepare(bench);
    expect(bench.done).toEqual([`insert cdrom ${ISO.deploy_iso}`, 'boot device cdrom once']);
    expect(bench.task.told.join()).toContain('gets no parameters');
    await expect(prepare(bench, 'deploy', { 'ipa-agent-token': TOKEN })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('gets its parameters on a floppy where there is a drive for one, first the floppy', async () => {
    const bench = createBench({ ...FLOPPY, driverInfo: { ...ISO, kernel_append_params: 'quiet ipa-debug=1 console=ttyS0' } });
    expect(bench.boot.keepsSecrets?.(bench.task, 'deploy')).toBe(true);
    await prepare(bench, 'deploy', { 'ipa-agent-token': TOKEN });
    expect(doneBy(bench)).toEqual([
      'publish parameters', 'insert floppy http://10.0.0.1:6385/ferric/v1/media/parameters.img', `insert cdrom ${ISO.deploy_iso}`, 'boot device cdrom once',
    ]);
    const [medium] = bench.served.values();
    const parameters = medium?.kind === 'parameters' ? medium.parameters : {};
    expect(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, Secret.is(value) ? value.reveal() : value]))).toEqual({
      'ipa-api-url': 'http://10.0.0.1:6385', 'ipa-debug': '1', boot_method: 'vmedia', BOOTIF: '52:54:00:cf:2d:31', 'ipa-agent-token': TOKEN.reveal(),
    });
  });

  test('is not told what has to be in double quotes, which is said', async () => {
    const bench = createBench({ ...FLOPPY, driverInfo: { ...ISO, kernel_append_params: 'ipa-debug=1 ipa-a="b c" console="ttyS0 x" ipa-d=e"f"' } });
    await prepare(bench);
    expect(bench.task.told.join()).toContain('ipa-a, ipa-d of driver_info.kernel_append_params cannot be told to the deploy agent');
    const [medium] = bench.served.values();
    expect(Object.keys(medium?.kind === 'parameters' ? medium.parameters : {})).not.toContain('ipa-a');
    const plain = createBench({ ...FLOPPY, driverInfo: ISO });
    await prepare(plain);
    expect(plain.task.told.join()).not.toContain('quotes');
  });

  test('that the conductor serves is named by the address for the controller', async () => {
    const bench = createBench({ driverInfo: { deploy_iso: 'file:///srv/images/agent.iso' } });
    await prepare(bench);
    expect(bench.drives.get('cdrom')).toBe('http://10.0.0.1:6385/images/0/srv/images/agent.iso');
  });

  test.each<[string, BenchOptions, string]>([
    ["the node's own comes before all", { driverInfo: ISO, settings: { deployIso: 'http://h/other.iso' } }, ISO.deploy_iso],
    ["the node's kernel before the setting", { settings: { deployIso: 'http://h/other.iso' } }, 'made'],
    ['the setting before a kernel in the settings', { driverInfo: NO_KERNEL, settings: { deployIso: 'http://h/other.iso' } }, 'http://h/other.iso'],
    ['one with the name of the hardware before it', { driverInfo: { ...NO_KERNEL, acme_deploy_iso: 'http://h/acme.iso' } }, 'http://h/acme.iso'],
  ])('%s', async (_case, options, inserted) => {
    const bench = createBench(options);
    await prepare(bench);
    expect(bench.drives.get('cdrom')?.replace(/^http:\/\/10.*boot\.iso$/, 'made')).toBe(inserted);
  });

  test('for rescuing is one of its own', async () => {
    const bench = createBench({ driverInfo: { ...ISO, rescue_iso: 'http://h/rescue.iso' } });
    await prepare(bench, 'rescue');
    expect(bench.drives.get('cdrom')).toBe('http://h/rescue.iso');
    expect(await fieldsOf(prepare(createBench({ driverInfo: ISO }), 'rescue'))).toEqual(['driver_info.rescue_iso']);
  });
});

describe('preparing again', () => {
  test('gives the same addresses, whatever is in the drives', async () => {
    const bench = createBench({ ...FLOPPY, driverInfo: ISO });
    await prepare(bench);
    const addresses = new Map(bench.drives);
    await prepare(bench);
    expect(bench.drives).toEqual(addresses);
    expect(bench.done.filter((each) => each.startsWith('eject'))).toEqual(['eject cdrom', 'eject floppy']);
    // A reset of the controller takes the media out.
    bench.drives.clear();
    await prepare(bench);
    expect(bench.drives).toEqual(addresses);
  });

  test('after a crash between the record and the drives leaves nothing of another key', async () => {
    const bench = createBench();
    bench.fail('insert', new FerricError('UNREACHABLE', 'away'));
    await expect(prepare(bench)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const key = keyOf(bench);
    bench.heal();
    await prepare(bench);
    expect(keyOf(bench)).toBe(key);
    expect([...bench.served.keys()].every((address) => address.includes(key))).toBe(true);
  });

  test('for something else withdraws what was served before, and takes another key', async () => {
    const bench = createBench({ driverInfo: { rescue_iso: 'http://h/rescue.iso' } });
    await prepare(bench, 'clean');
    const before = keyOf(bench);
    await prepare(bench, 'rescue');
    expect(keyOf(bench)).not.toBe(before);
    expect(bench.served.size).toBe(0);
    expect(bench.drives.get('cdrom')).toBe('http://h/rescue.iso');
  });

  test('empties drives that somebody else has filled', async () => {
    const bench = createBench();
    bench.drives.set('cdrom', 'http://h/installer.iso');
    await prepare(bench);
    expect(bench.done).toContain('eject cdrom');
    expect(bench.drives.get('cdrom')).toContain('/boot.iso');
  });
});

test('the record is kept before anything is served, and shows nobody the key', async () => {
  const bench = createBench();
  bench.fail('publish', new FerricError('UNSUPPORTED', 'no tools'));
  await expect(prepare(bench)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  const key = keyOf(bench);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  const shown = JSON.stringify(maskSealed(bench.task.node.driverInternalInfo)) + inspect(bench.task.node, { depth: 9 }) + bench.task.told.join();
  expect(shown).not.toContain(key);
  expect(JSON.stringify(revealSealed(bench.task.node.driverInternalInfo))).toContain(key);
});

test('a drive that stays empty is told, after a while', async () => {
  const bench = createBench({ ignores: true });
  const preparing = prepare(bench);
  preparing.catch(() => undefined);
  await bench.clock.advance(31_000);
  await expect(preparing).rejects.toMatchObject({ code: 'CONFLICT', details: { drive: 'cdrom' }, hint: expect.stringContaining('--media-endpoint') as string });
  expect(bench.done).not.toContain('boot device cdrom once');
});

describe('the end of a ramdisk', () => {
  test('leaves no medium, nothing served, no record, and the disk to boot from; again it does nothing', async () => {
    const bench = createBench({ ...FLOPPY, driverInfo: ISO });
    await prepare(bench);
    bench.done.length = 0;
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.done).toEqual(['withdraw', 'eject cdrom', 'eject floppy', 'boot device disk for good']);
    expect([bench.drives.size, bench.served.size, readMediaRecord(bench.task.node)]).toEqual([0, 0, undefined]);
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.done).toHaveLength(4);
  });

  test('comes also when the controller is away; what it still holds is taken out the next time', async () => {
    const bench = createBench();
    await prepare(bench);
    bench.fail('eject', new FerricError('UNREACHABLE', 'the controller is away'));
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.served.size).toBe(0);
    expect(bench.task.told.at(-1)).toContain('the controller is away');
    bench.heal();
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect([bench.drives.size, readMediaRecord(bench.task.node)]).toEqual([0, undefined]);
  });

  test('leaves the medium of an instance alone', async () => {
    const bench = createBench({ instanceInfo: { boot_iso: 'http://h/live.iso' }, node: fromMemory() });
    await bench.run((boot, task) => boot.prepareInstance(task));
    const before = [...bench.done];
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.done).toEqual(before);
  });
});

describe('the boot device', () => {
  test.each([
    [undefined, 'cdrom once', 'disk for good'], ['Always', 'cdrom for good', 'disk for good'], ['Never', 'cdrom once', 'disk once'],
  ])('with force_persistent_boot_device %s', async (force, ramdisk, disk) => {
    const bench = createBench({ driverInfo: force === undefined ? {} : { force_persistent_boot_device: force } });
    await prepare(bench);
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done.filter((each) => each.startsWith('boot device'))).toEqual([`boot device ${ramdisk}`, `boot device ${disk}`]);
  });
});

test('never touches the power', async () => {
  const bench = createBench({ instanceInfo: { image_source: 'http://h/i' } });
  await prepare(bench);
  await bench.run((boot, task) => boot.prepareInstance(task));
  await bench.run((boot, task) => boot.cleanUpRamdisk(task));
  await bench.run((boot, task) => boot.cleanUpInstance(task));
  expect(bench.done.some((each) => each.startsWith('power'))).toBe(false);
});

test('describes its fields', () => {
  const { boot } = createBench();
  expect(Object.keys(describeProperties(boot.properties as NonNullable<typeof boot.properties>))).toEqual([
    'deploy_iso', 'rescue_iso', 'bootloader', 'external_http_url', 'deploy_kernel', 'deploy_ramdisk', 'rescue_kernel', 'rescue_ramdisk', 'kernel_append_params', 'force_persistent_boot_device',
  ]);
});
