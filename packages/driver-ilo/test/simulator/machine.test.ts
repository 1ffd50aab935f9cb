import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../src/simulator/machine/machine.js';
import { DEFAULT_POST } from '../../src/simulator/machine/post-timeline.js';
import type { MachineOptions } from '../../src/simulator/index.js';

interface Bench extends Disposable {
  readonly machine: Machine;
  readonly clock: FakeClock;
  readonly changes: string[];
  /** From now until the machine has booted. */
  boot(): Promise<void>;
}

function bench(options: Partial<MachineOptions> = {}): Bench {
  const clock = createFakeClock();
  const machine = new Machine('test', { username: 'u', password: 'password' }, { generation: 'gen10', clock, post: { heldForReads: 0 }, ...options });
  const changes: string[] = [];
  machine.power.watch((change) => changes.push(change));
  return {
    machine,
    clock,
    changes,
    async boot() {
      machine.power.switchOn();
      await clock.advance(60_000);
    },
    [Symbol.dispose]: () => machine[Symbol.dispose](),
  };
}

const sources = ({ machine }: Bench): readonly string[] => machine.boot.records.map(({ source }) => source);

describe('the self test', () => {
  test('goes from off to booted, by the clock', async () => {
    using own = bench({ post: { inPostMs: 100, discoveryCompleteMs: 10, heldForReads: 0 } });
    const { machine, clock } = own;
    expect(machine.power.postState).toBe('PowerOff');
    machine.power.switchOn();
    expect([machine.power.state, machine.power.postState]).toEqual(['On', 'InPost']);
    await clock.advance(100);
    expect(machine.power.postState).toBe('InPostDiscoveryComplete');
    await clock.advance(10);
    expect([machine.power.postState, sources(own)]).toEqual(['FinishedPost', ['disk']]);
    machine.power.switchOff();
    expect([machine.power.state, machine.power.postState, own.changes]).toEqual(['Off', 'PowerOff', ['on', 'off']]);
  });

  test("is seen by Ironic's driver, which reads four times before it waits for the next state", async () => {
    using clocked = bench({ post: { heldForReads: DEFAULT_POST.heldForReads } });
    const { machine, clock } = clocked;
    machine.power.switchOn();
    const atOnce = [1, 2, 3].map(() => machine.power.readPostState());
    await clock.advance(2000);
    expect([...atOnce, machine.power.readPostState()]).toEqual(['InPost', 'InPost', 'InPost', 'InPost']);
    expect(machine.power.postState).toBe('InPostDiscoveryComplete');
  });

  test('waits until it has been read twice, but not for ever', async () => {
    using own = bench({ post: { inPostMs: 100, discoveryCompleteMs: 0, heldForReads: 2, heldAtMostMs: 1000 } });
    const { machine, clock } = own;
    machine.power.switchOn();
    await clock.advance(500);
    expect([machine.power.readPostState(), machine.power.readPostState()]).toEqual(['InPost', 'InPost']);
    await clock.advance(0);
    expect(machine.power.postState).toBe('FinishedPost');
    machine.power.restart();
    await clock.advance(999);
    expect(machine.power.postState).toBe('InPost');
    await clock.advance(1);
    expect(machine.power.postState).toBe('FinishedPost');
  });

  test('is broken off when the power goes', async () => {
    using own = bench();
    own.machine.power.switchOn();
    await own.clock.advance(10);
    own.machine.power.switchOff();
    await own.clock.advance(60_000);
    expect([own.machine.power.postState, sources(own), own.clock.pendingTimers]).toEqual(['PowerOff', [], 0]);
  });
});

describe('power', () => {
  test('refuses what is so already', () => {
    using own = bench();
    const { power } = own.machine;
    expect(power.switchOff()).toEqual({ reason: 'wrong power state', about: ['Power is off'] });
    expect(power.restart()).toMatchObject({ reason: 'wrong power state' });
    expect(power.interrupt()).toMatchObject({ reason: 'wrong power state' });
    power.switchOn();
    expect(power.switchOn()).toEqual({ reason: 'wrong power state', about: ['Power is on'] });
    expect([power.interrupt(), power.nonMaskableInterrupts]).toEqual([undefined, 1]);
  });

  test('takes its time when it is told to', async () => {
    using own = bench({ powerDurations: { powerOnMs: 50, powerOffMs: 20 } });
    const { power } = own.machine;
    power.switchOn();
    expect([power.state, power.isOn]).toEqual(['PoweringOn', false]);
    await own.clock.advance(50);
    expect(power.state).toBe('On');
    power.switchOff();
    expect([power.state, power.isOn]).toEqual(['PoweringOff', true]);
    await own.clock.advance(20);
    expect([power.state, own.changes]).toEqual(['Off', ['on', 'off']]);
  });

  test('its button asks the operating system, which may not listen', async () => {
    using own = bench({ powerDurations: { shutdownMs: 500 } });
    const { power } = own.machine;
    await own.boot();
    power.ignoresButton = true;
    power.press();
    await own.clock.advance(10_000);
    expect(power.isOn).toBe(true);
    power.ignoresButton = false;
    power.press();
    await own.clock.advance(499);
    expect(power.isOn).toBe(true);
    await own.clock.advance(1);
    expect(power.isOn).toBe(false);
    power.press();
    expect(power.isOn).toBe(true);
    // Nobody listens during the self test: it just goes off.
    power.press();
    expect(power.isOn).toBe(false);
  });

  test('can be put where it shall be, as if it had been there for long', () => {
    using own = bench();
    own.machine.power.put(true);
    expect([own.machine.power.postState, sources(own)]).toEqual(['FinishedPost', ['disk']]);
    own.machine.power.put(true);
    own.machine.power.put(false);
    own.machine.power.put(false);
    expect(own.changes).toEqual(['on', 'off']);
  });
});

describe('what it boots from', () => {
  test('once, and then as before', async () => {
    using own = bench();
    const { machine } = own;
    machine.boot.override = { enabled: 'Once', target: 'Pxe', uefiTarget: 'None' };
    await own.boot();
    machine.power.restart();
    await own.clock.advance(60_000);
    expect(machine.boot.records.map(({ source, isOneTime }) => [source, isOneTime])).toEqual([['pxe', true], ['disk', false]]);
  });

  test('always, until it is told otherwise', async () => {
    using own = bench();
    own.machine.boot.override = { enabled: 'Continuous', target: 'Pxe', uefiTarget: 'None' };
    await own.boot();
    own.machine.power.restart();
    await own.clock.advance(60_000);
    expect(sources(own)).toEqual(['pxe', 'pxe']);
  });

  test.each([
    ['a CD that is not there', 'Cd', 'disk'],
    ['HTTP without an address', 'UefiHttp', 'disk'],
    ['the set-up of the firmware', 'BiosSetup', 'setup'],
    ['the shell', 'UefiShell', 'shell'],
  ] as const)('%s', async (_what, target, source) => {
    using own = bench();
    own.machine.boot.override = { enabled: 'Once', target, uefiTarget: 'None' };
    await own.boot();
    expect(sources(own)).toEqual([source]);
  });

  test('a CD whose drive boots next, and its URL', async () => {
    using own = bench();
    const { media, boot } = own.machine;
    media.insert('cdrom', 'http://x/boot.iso', { overwrite: false, connect: true });
    media.insert('floppy', 'http://x/parameters.img', { overwrite: false, connect: true });
    media.cdrom.bootsNext = true;
    await own.boot();
    expect(boot.records).toMatchObject([{ source: 'cdrom', image: 'http://x/boot.iso', floppyImage: 'http://x/parameters.img', mode: 'uefi' }]);
    expect(media.cdrom.bootsNext).toBe(false);
  });

  test('a CD for once by RIBCL is gone with the start after', async () => {
    using own = bench({ generation: 'gen8' });
    const { media, power } = own.machine;
    media.insert('cdrom', 'http://x/boot.iso', { overwrite: true, connect: false });
    media.cdrom.bootOption = 'BOOT_ONCE';
    await own.boot();
    expect([sources(own), media.cdrom.image]).toEqual([['cdrom'], 'http://x/boot.iso']);
    power.restart();
    await own.clock.advance(60_000);
    expect([sources(own), media.cdrom.image, media.cdrom.bootOption]).toEqual([['cdrom', 'disk'], undefined, 'NO_BOOT']);
  });

  test('a drive is an entry of the order only when it was full at the last start', async () => {
    using own = bench();
    const { media, boot, power } = own.machine;
    const kinds = (): readonly string[] => boot.orderedSources.map(({ kind }) => kind);
    expect(kinds()).not.toContain('cdrom');
    media.insert('cdrom', 'http://x/boot.iso', { overwrite: false, connect: true });
    expect(kinds()).not.toContain('cdrom');
    await own.boot();
    expect(kinds().at(-1)).toBe('cdrom');
    boot.reorder(['CD.Virtual.3.1']);
    expect(kinds()[0]).toBe('disk');
    power.restart();
    await own.clock.advance(60_000);
    expect([kinds()[0], sources(own)]).toEqual(['cdrom', ['disk', 'cdrom']]);
  });

  test('nothing, when there is nothing', async () => {
    using own = bench({ bootMode: 'bios', withLogicalDrive: false, hardware: { macAddresses: [] } });
    await own.boot();
    expect(own.machine.boot.records).toMatchObject([{ source: 'none', mode: 'bios' }]);
  });
});

describe('firmware settings', () => {
  test('take effect with the next start, and tell of what they cannot', async () => {
    using own = bench();
    const { bios } = own.machine;
    bios.change({ ProcVirtualization: 'Disabled', NoSuchThing: 'x', BootMode: 'Sideways', VlanId: 'many' });
    expect([bios.current['ProcVirtualization'], bios.pending['ProcVirtualization']]).toEqual(['Enabled', 'Disabled']);
    await own.boot();
    expect([bios.current['ProcVirtualization'], bios.current['BootMode'], bios.isChanging]).toEqual(['Disabled', 'Uefi', false]);
    expect(bios.messages).toEqual([
      { key: 'PropertyUnknown', about: ['NoSuchThing'] },
      { key: 'PropertyValueNotInList', about: ['Sideways', 'BootMode'] },
      { key: 'PropertyValueTypeError', about: ['many', 'VlanId'] },
      { key: 'Success', about: [] },
    ]);
  });

  test('the mode changes with the start', async () => {
    using own = bench();
    expect(own.machine.bios.changeMode('bios', own.machine.supportedModes)).toBeUndefined();
    expect([own.machine.bios.mode, own.machine.bios.pendingMode]).toEqual(['uefi', 'bios']);
    await own.boot();
    expect(own.machine.boot.records).toMatchObject([{ mode: 'bios' }]);
    using only = bench({ bootModes: 'uefi' });
    expect(only.machine.bios.changeMode('bios', only.machine.supportedModes)).toMatchObject({ reason: 'value not allowed' });
  });

  test('secure boot takes two resets more, which what is for once survives', async () => {
    using own = bench();
    const { secureBoot, boot, bios } = own.machine;
    if (secureBoot === undefined) throw new Error('There is no secure boot');
    secureBoot.isWanted = true;
    boot.override = { enabled: 'Once', target: 'Pxe', uefiTarget: 'None' };
    await own.boot();
    expect([own.changes, sources(own), secureBoot.isOn]).toEqual([['on', 'reset', 'reset'], ['pxe'], true]);
    expect([boot.records[0]?.isSecure, bios.current['SecureBootStatus']]).toEqual([true, 'Enabled']);
    secureBoot.changeKeys('none');
    own.machine.power.restart();
    await own.clock.advance(60_000);
    expect([secureBoot.keys, secureBoot.isOn, secureBoot.isWanted]).toEqual(['none', false, false]);
  });

  test('Gen9 takes secure boot up only with another change', async () => {
    using own = bench({ generation: 'gen9' });
    const { secureBoot, bios, power } = own.machine;
    if (secureBoot === undefined) throw new Error('There is no secure boot');
    secureBoot.isWanted = true;
    await own.boot();
    expect(secureBoot.isOn).toBe(false);
    bios.change({ CustomPostMessage: ' ' });
    power.restart();
    await own.clock.advance(60_000);
    expect(secureBoot.isOn).toBe(true);
  });

  test('attributes can be left out', () => {
    using own = bench({ generation: 'gen9', absentBiosAttributes: ['UefiOptimizedBoot'] });
    expect(Object.keys(own.machine.bios.current)).not.toContain('UefiOptimizedBoot');
  });
});

describe('drives', () => {
  const planned = async (own: Bench, plan: Parameters<Machine['raidPlan']['write']>[0]): Promise<readonly string[]> => {
    own.machine.raidPlan.write(plan);
    own.machine.power.switchOff();
    await own.boot();
    return own.machine.raidPlan.messages;
  };

  test('are arranged with the next start', async () => {
    using own = bench();
    const { storage } = own.machine;
    const [first] = storage.logicalDrives;
    const doomed = { Actions: [{ Action: 'LogicalDriveDelete' }], VolumeUniqueIdentifier: first?.uniqueIdentifier ?? '' };
    own.machine.raidPlan.write({ DataGuard: 'Permissive', LogicalDrives: [doomed] });
    expect(storage.logicalDrives).toHaveLength(1);
    await own.boot();
    expect([storage.logicalDrives, own.machine.raidPlan.messages]).toEqual([[], ['Success']]);
    const wish = { Raid: 'Raid1', CapacityGiB: 100, DataDrives: { DataDriveCount: 2, DataDriveMediaType: 'HDD' }, LogicalDriveName: 'root' };
    expect(await planned(own, { DataGuard: 'Disabled', LogicalDrives: [wish] })).toEqual(['Success']);
    expect(storage.logicalDrives).toMatchObject([{ level: '1', capacityMib: 102_400, drives: ['1I:1:1', '1I:1:2'], name: 'root' }]);
    // What is new to the firmware comes last.
    expect(own.machine.boot.orderedSources.at(-1)?.text).toContain('100.00 GiB, RAID 1 Logical Drive');
  });

  test.each([
    ['an unknown level', { Raid: 'Raid7', CapacityGiB: -1, DataDrives: ['1I:1:1'] }, 'InvalidRaidLevel'],
    ['too few drives', { Raid: 'Raid5', CapacityGiB: -1, DataDrives: ['1I:1:1'] }, 'NotEnoughDrives'],
    ['a drive that is not there', { Raid: 'Raid0', CapacityGiB: -1, DataDrives: ['9I:1:1'] }, 'DriveNotFound'],
    ['more than there is', { Raid: 'Raid0', CapacityGiB: 99_999, DataDrives: ['1I:1:1'] }, 'InvalidCapacity'],
  ])('%s fails, and is told', async (_what, wish, message) => {
    using own = bench({ withLogicalDrive: false });
    expect(await planned(own, { DataGuard: 'Disabled', LogicalDrives: [wish] })).toEqual([message]);
  });

  test('are erased in their time, unless they are in use', async () => {
    using own = bench({ eraseMs: 1000 });
    const erase = (list: readonly string[]): Parameters<Machine['raidPlan']['write']>[0] => ({
      Actions: [{ Action: 'PhysicalDriveErase', ErasePattern: 'SanitizeRestrictedBlockErase', PhysicalDriveList: [...list] }],
    });
    expect(await planned(own, erase(['1I:1:1']))).toEqual(['EraseFailed']);
    own.machine.raidPlan.write(erase(['1I:1:3']));
    own.machine.power.restart();
    await own.clock.advance(400);
    expect(own.machine.storage.drive('1I:1:3')?.erase).toBe('EraseInProgress');
    await own.clock.advance(1000);
    expect(own.machine.storage.drive('1I:1:3')?.erase).toBe('EraseCompleted');
  });
});

test('firmware is written in stages, and a broken image is found', async () => {
  using own = bench({ updateMs: 400 });
  const { firmware } = own.machine;
  let resets = 0;
  own.machine.onIloFirmware = () => (resets += 1);
  expect(firmware.update('http://x/ilo5_260.bin')).toBeUndefined();
  expect([firmware.state, firmware.update('http://x/other.bin')]).toEqual(['Uploading', { reason: 'update under way', about: [] }]);
  const seen: string[] = [];
  for (let step = 0; step < 4; step += 1) {
    await own.clock.advance(100);
    seen.push(`${firmware.state} ${firmware.percent}`);
  }
  expect(seen).toEqual(['Verifying 25', 'Writing 50', 'Updating 75', 'Complete 100']);
  expect([firmware.component('ilo')?.version, resets]).toEqual(['2.60', 1]);
  firmware.update('http://x/U30_2.42.fwpkg');
  await own.clock.advance(200);
  expect(firmware.state).toBe('Error');
});

test('logs are bounded', () => {
  using own = bench();
  for (let count = 0; count < 500; count += 1) own.machine.managementLog.write('Informational', 'Test', `entry ${count}`);
  expect(own.machine.managementLog.entries.length).toBe(200);
  own.machine.managementLog.clear();
  expect(own.machine.managementLog.entries).toEqual([]);
});
