import { expect, test } from 'vitest';
import { qemuArguments, type QemuSettings } from './qemu-arguments.ts';

const SETTINGS: QemuSettings = { firmware: 'bios', memoryMib: 64, mac: '52:54:00:00:00:01', uuid: 'u', bootOrder: ['hd', 'network'], endsOnReboot: false, serialLog: '/log', variables: '/variables' };

/** Values behind an option, those in JSON read. */
const valuesOf = (settings: QemuSettings, option: string): readonly unknown[] => {
  const args = qemuArguments(settings);
  return args.flatMap((arg, index) => (args[index - 1] === option ? [arg.startsWith('{') ? (JSON.parse(arg) as unknown) : arg] : []));
};

test('a machine without a boot URL has a network card that does not boot', () => {
  expect(valuesOf(SETTINGS, '-device')).toEqual([{ driver: 'virtio-net-pci', netdev: 'network', mac: SETTINGS.mac, romfile: '' }]);
});

test('the boot order stands at the devices; paths may have commas', () => {
  expect(valuesOf({ ...SETTINGS, disk: '/a,b', cdrom: '/c' }, '-device').slice(1)).toEqual([
    { driver: 'virtio-blk-pci', drive: 'disk', bootindex: 1 }, { driver: 'ide-cd', drive: 'cdrom' },
  ]);
  expect(valuesOf({ ...SETTINGS, disk: '/a,b' }, '-blockdev')).toEqual([expect.objectContaining({ 'read-only': false, file: { driver: 'file', filename: '/a,b' } })]);
});

test('further network cards are in networks of their own', () => {
  const cards = valuesOf({ ...SETTINGS, moreMacs: ['52:54:00:00:00:02'] }, '-netdev');
  expect(cards).toEqual([{ type: 'user', id: 'network' }, { type: 'user', id: 'network1' }]);
});

test('a port of this machine leads to the agent', () => {
  expect(valuesOf({ ...SETTINGS, agentPort: 4711 }, '-netdev')).toEqual([{ type: 'user', id: 'network', hostfwd: [{ str: 'tcp:127.0.0.1:4711-:9999' }] }]);
});

test('a reboot ends it if told so; it is never run by the processor', () => {
  expect([qemuArguments(SETTINGS).includes('-no-reboot'), qemuArguments({ ...SETTINGS, endsOnReboot: true }).includes('-no-reboot')]).toEqual([false, true]);
  expect(valuesOf(SETTINGS, '-accel')).toEqual(['tcg']);
});
