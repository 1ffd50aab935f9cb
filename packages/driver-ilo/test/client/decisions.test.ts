import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deviceOfBootText, iscsiTarget, modesOfUefiClass } from '../../src/client/boot/boot-names.js';
import { reordered } from '../../src/client/boot/boot-device-ribcl.js';
import { judgeUpdate } from '../../src/client/firmware/update-progress.js';
import { commandFor, isReached, type PowerCommand } from '../../src/client/power/power-plan.js';
import { type PowerView, readingOf } from '../../src/client/power/power-view.js';
import { failure, startBench } from './bench.js';
import { answer, meddle } from './meddle.js';

const view = (state: PowerView['state'], postState: string | null = null): PowerView => ({ state, isOn: state === 'power on', postState, word: null });
const ON = view('power on', 'FinishedPost');
const OFF = view('power off', 'PowerOff');

describe('power', () => {
  test.each([
    ['power on', ON, undefined], ['power on', OFF, 'on'],
    ['power off', ON, 'hold'], ['power off', OFF, undefined],
    ['rebooting', ON, 'restart'], ['rebooting', OFF, 'on'],
    ['soft power off', ON, 'press'], ['soft power off', OFF, undefined],
    ['soft rebooting', ON, 'press'], ['soft rebooting', OFF, 'on'],
  ] as const)('%s of %o takes %s', (target, now, command) => {
    expect(commandFor(target, now)).toBe(command);
  });

  const looks: readonly (readonly [PowerCommand, PowerView, PowerView, boolean])[] = [
    ['on', OFF, view('power on', 'PowerOff'), false],
    ['on', OFF, view('power on', 'Reset'), false],
    ['on', OFF, view('power on', 'InPost'), true],
    ['on', OFF, view('power on', 'InPostDiscoveryComplete'), true],
    ['on', OFF, ON, true],
    ['on', OFF, view('power on', 'Unknown'), true],
    ['on', OFF, view('power on'), true],
    ['on', OFF, view('changing', 'InPost'), false],
    ['on', OFF, view('unknown'), false],
    ['hold', ON, OFF, true],
    ['hold', ON, ON, false],
    ['hold', ON, view('changing'), false],
    ['press', ON, view('power off'), true],
    ['restart', ON, ON, false],
    ['restart', ON, view('power on', 'Reset'), false],
    ['restart', ON, view('power on', 'InPost'), true],
    ['restart', view('power on', 'InPost'), view('power on', 'InPost'), true],
    ['restart', view('power on'), view('power on'), true],
    ['restart', ON, OFF, false],
  ];
  test.each(looks)('%s, from %o to %o: reached is %s', (command, before, now, reached) => {
    expect(isReached(command, before, now)).toBe(reached);
  });

  test('a server on its way is still what it was, and an unknown state says why', () => {
    const at = new Date(0);
    expect(readingOf({ state: 'changing', isOn: true, postState: 'FinishedPost', word: 'PoweringOff' }, at)).toEqual({
      state: 'power on', source: 'device', at, postState: 'FinishedPost', detail: 'power is changing (PoweringOff), self-test: FinishedPost',
    });
    expect(readingOf({ state: 'unknown', isOn: false, postState: null, word: null }, at)).toMatchObject({ state: 'unknown', detail: expect.stringContaining('starting') as string });
  });
});

describe('firmware update', () => {
  test.each([
    ['Idle', false, 'Idle', 'waiting'], ['Idle', true, 'Idle', 'done'], ['Idle', false, 'Complete', 'done'], ['Idle', false, 'Error', 'failed'],
    ['Complete', false, 'Complete', 'waiting'], ['Complete', true, 'Complete', 'done'], ['Error', false, 'Error', 'waiting'], ['Error', true, 'Error', 'failed'],
    ['Error', false, 'Uploading', 'running'], ['IDLE', false, 'PROGRESSING', 'running'], ['IDLE', true, 'COMPLETED', 'done'], ['IDLE', true, undefined, 'done'],
    ['IDLE', false, undefined, 'waiting'],
  ] as const)('before %s, begun %s, now %s: %s', (before, hasBegun, state, verdict) => {
    expect(judgeUpdate({ before, hasBegun }, { state })).toBe(verdict);
  });
});

describe('boot devices by their texts', () => {
  test.each([
    ['iLO Virtual USB 3 : HPE Virtual CD-ROM', 'cdrom'],
    ['iLO Virtual USB 2 : HP iLO Virtual USB CD/DVD ROM', 'cdrom'],
    ['Embedded LOM 1 Port 1 : HPE Ethernet 1Gb 4-port 331i Adapter - NIC (PXE IPv4) ', 'pxe'],
    ['Embedded LOM 1 Port 1 : HPE Ethernet 1Gb 4-port 331i Adapter - NIC (HTTP(S) IPv4) ', 'uefihttp'],
    ['Embedded LOM 1 Port 1 : HPE Ethernet - NIC (iSCSI IPv4) ', 'iscsiboot'],
    ['Embedded RAID 1 : HPE Smart Array P408i-a - 279.37 GiB, RAID 1 Logical Drive(Target:0, Lun:0)', 'disk'],
    ['Embedded UEFI Shell', null],
    ['Generic USB Boot', null],
  ])('%s is %s', (text, device) => {
    expect(deviceOfBootText(text)).toBe(device);
  });

  test('the recorded sources of a Gen10 are known', () => {
    const recorded = JSON.parse(readFileSync(new URL('../fixtures/redfish-gen10-dl180/bios_boot.json', import.meta.url), 'utf8')) as Record<string, unknown>;
    const all = JSON.stringify(recorded).match(/"BootString":"[^"]+"/g) ?? [];
    const devices = all.map((entry) => deviceOfBootText(entry.slice('"BootString":"'.length, -1)));
    expect(all.length).toBeGreaterThan(0);
    expect(devices).toContain('pxe');
    expect(devices).toContain('disk');
  });

  test('the entry for iSCSI is found in either form', () => {
    expect(iscsiTarget(['HD.Emb.1.1', 'NIC.LOM.1.1.iSCSI'])).toBe('NIC.LOM.1.1.iSCSI');
    expect(iscsiTarget(['PciRoot(0x0)/MAC(0,0x1)/iSCSI(iqn,0x1)'])).toContain('iSCSI(');
    expect(iscsiTarget(['HD.Emb.1.1'])).toBeUndefined();
  });

  test('classes of UEFI', () => {
    expect([0, 2, 3, 1, undefined].map(modesOfUefiClass)).toEqual([['bios'], ['bios', 'uefi'], ['uefi'], undefined, undefined]);
  });

  test('a new order keeps all entries, and in UEFI mode a device must have one', async () => {
    const bios = { mode: 'bios', devices: [{ id: 'CDROM', kind: 'cdrom' }, { id: 'HDD', kind: 'disk' }] } as const;
    expect(reordered(bios, 'disk', 'HDD')).toEqual(['HDD', 'CDROM']);
    expect(reordered(bios, 'network', 'NETWORK')).toEqual(['NETWORK', 'CDROM', 'HDD']);
    const uefi = { mode: 'uefi', devices: [{ id: 'Boot0001', description: 'Logical Drive 1', kind: 'disk' }] } as const;
    const error = await failure((async () => reordered(uefi, 'cdrom', 'CDROM'))());
    expect(error).toMatchObject({ code: 'UNSUPPORTED', details: { devices: ['Logical Drive 1'] } });
  });
});

test('a change that was based on an outdated reading is made again from the reading on', async () => {
  const { client, ilo } = await startBench({ generation: 'gen10' });
  let changes = 0;
  // As many as belong to one try, whatever condition they are sent with; as while the server starts.
  meddle((request, response) => {
    if (request.method !== 'PATCH') return false;
    changes += 1;
    return changes <= 3 && answer(request, response, 412, '{}');
  });
  await client.bootDevice.set('pxe', { persistent: false });
  expect(ilo.machine.boot.override).toMatchObject({ enabled: 'Once', target: 'Pxe' });
  expect(changes).toBe(4);
});
